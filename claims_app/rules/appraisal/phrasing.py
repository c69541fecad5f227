"""The plain-language sentence for readers, always generated and never typed, and the explanation of a level."""

import datetime
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from claims_app.rules.appraisal.domains import DOMAINS
from claims_app.rules.appraisal.verdict import DERIVED, Verdict
from claims_app.rules.counting import Balance
from claims_app.vocabulary import CertaintyDomain, Conclusion, EvidenceLevel


@dataclass(frozen=True)
class PlainSentence:
    """The sentence in two parts: the conclusion, and the evidence it is based on."""

    saying: str
    grounds: str
    dated: datetime.date | None = None
    """The day of the appraisal, if the evidence has changed since."""

    @property
    def conclusion(self) -> str:
        """The first part as a sentence of its own."""
        return f"{self._dated_saying}."

    @property
    def _dated_saying(self) -> str:
        if self.dated is None:
            return self.saying
        return f"Based on the evidence of {_day(self.dated)}, {self.saying[0].lower()}{self.saying[1:]}"

    def __str__(self) -> str:
        return f"{self._dated_saying}; {self.grounds}."


def plain_sentence(
    statement: str,
    verdict: Verdict,
    balance: Balance,
    people: int | None,
    last_searched: datetime.date | None,
    *,
    names: Iterable[str | None] = (),
    people_are_all: bool = True,
    dated: datetime.date | None = None,
) -> PlainSentence:
    """Return the sentence for readers.

    `people` is the minimum number of people behind the evidence (None if no number is stored), and
    `people_are_all` whether a number is known for every independent group. `names` are other texts
    about the claim, which show whether its first word is a proper name. `dated` is the day of the
    appraisal if the evidence has changed since.
    """
    saying = verdict.about(_within(statement, names))
    parts = [] if verdict.conclusion is None else [verdict.certainty]
    parts += [*_extent(balance, people, people_are_all), *_found(balance)]
    parts.append(
        f"last searched {_day(last_searched)}" if last_searched else "literature search not documented"
    )
    return PlainSentence(saying, "; ".join(parts), dated)


def quotable_sentence(
    statement: str, verdict: Verdict, names: Iterable[str | None], stale_from: datetime.date | None = None
) -> str:
    """Return what the evidence says of a claim and how certain that is, as one sentence to be quoted whole.

    `names` are as for `plain_sentence`; `stale_from` is the day of the appraisal if the evidence has changed since.
    """
    saying = PlainSentence(verdict.about(_within(statement, names)), "", stale_from).conclusion
    marks = [verdict.certainty, verdict.mark, "the evidence has changed since" if stale_from else ""]
    return f"{saying.removesuffix('.')} ({'; '.join(mark for mark in marks if mark)})."


def _extent(balance: Balance, people: int | None, people_are_all: bool) -> Iterable[str]:
    if not balance.studies:
        return ["no studies counted"]
    studies = f"{balance.studies} stud{'y' if balance.studies == 1 else 'ies'}"
    if balance.groups != balance.studies:
        studies += f" in {balance.groups} independent group{'' if balance.groups == 1 else 's'}"
    if people:
        number = f"{people:,} {'person' if people == 1 else 'people'}"
        studies += f", {number}" if people_are_all else f", at least {number}"
    return [studies]


def _found(balance: Balance) -> Iterable[str]:
    """Yield what the independent groups found, if they do not all support the claim."""
    found = [
        f"{n} {verb if n == 1 else verbs}"
        for n, verb, verbs in (
            (balance.group_supports, "supports it", "support it"),
            (balance.group_contradicts, "contradicts it", "contradict it"),
            (balance.group_null, "found no effect", "found no effect"),
            (balance.group_divided, "has mixed results", "have mixed results"),
            (balance.group_inconclusive, "is inconclusive", "are inconclusive"),
        )
        if n
    ]
    if balance.group_supports != balance.groups:
        yield f"of the independent groups, {', '.join(found)}"


def _within(statement: str, names: Iterable[str | None]) -> str:
    """Return `statement` for use within a sentence: without full stop, and with a small first letter.

    The first letter is kept in an abbreviation (IgG), before an apostrophe (Sjögren’s), and in a word
    that is capitalised within one of `names`.
    """
    text = statement.strip().rstrip(".").rstrip()
    word = re.match(r"\w+", text)
    if word is None:
        return text
    first = word.group()
    apostrophe = text[len(first) : len(first) + 1] in {"'", "’"}
    proper = first[1:] != first[1:].lower() or any(character.isdigit() for character in first)
    known = any(
        re.search(rf"(?<=\w )\b{re.escape(first)}\b", name) is not None for name in names if name is not None
    )
    if first == "I" or apostrophe or proper or known:
        return text
    return first[0].lower() + text[1:]


def _day(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"


def explanation(
    start: EvidenceLevel,
    start_reason: str,
    moves: Mapping[CertaintyDomain, int],
    reasons: Mapping[CertaintyDomain, str | None],
    computed: EvidenceLevel,
    level: EvidenceLevel,
    override_reason: str | None,
    rationale: str | None,
    rate_up_reason: str | None = None,
    concluded: str = "",
) -> str:
    """Return the explanation of a level, from the starting level to the result, as one paragraph.

    `concluded` is what `conclusion_in_words` says of the conclusion.
    """
    parts = [f"Starts at {_level(start)}: {_sentence(start_reason)}"]
    for rule in DOMAINS:
        move = moves.get(rule.domain, 0)
        if move:
            parts.append(
                f"{rule.domain.label} {signed(move)} ({rule.label_of(move)}): "
                f"{_sentence(reasons.get(rule.domain) or '')}"
            )
    if rate_up_reason:
        parts.append(f"Rated up despite downgrades: {_sentence(rate_up_reason)}")
    parts.append(f"{override(computed, level, override_reason) or f'Computed {_level(computed)}'}.")
    if concluded:
        parts.append(_sentence(concluded))
    if rationale:
        parts.append(_sentence(rationale))
    return " ".join(" ".join(parts).split())


def conclusion_in_words(
    conclusion: Conclusion, proposed: Conclusion, reason: str | None, *, is_derived: bool
) -> str:
    """Return the conclusion with what was proposed and the reason: “Conclusion: supported (proposed: mixed): …”."""
    text = f"Conclusion: {conclusion.label.lower()}"
    if conclusion is not proposed:
        text += f" (proposed: {proposed.label.lower()})"
    if is_derived:
        text += f" ({DERIVED})"
    return f"{text}: {reason.strip()}" if reason else text


def in_short(
    start: EvidenceLevel, moves: Mapping[CertaintyDomain, int], computed: EvidenceLevel, level: EvidenceLevel
) -> str:
    """Return the derivation of a level without the reasons: “Starts at low; lowered for risk of bias (−2)”."""
    parts = [f"Starts at {_level(start)}"]
    lowered = [domain for domain, move in moves.items() if move < 0]
    raised = [domain for domain, move in moves.items() if move > 0]
    for verb, domains in (("lowered", lowered), ("raised", raised)):
        if domains:
            parts.append(f"{verb} for {_listed(domains, moves)}")
    if level is not computed:
        parts += [f"computed {_level(computed)}", f"set to {_level(level)}"]
    return "; ".join(parts)


def _listed(domains: Collection[CertaintyDomain], moves: Mapping[CertaintyDomain, int]) -> str:
    """Return the names of `domains` in the order of GRADE, each with its change if that is not one level."""
    names = [
        rule.domain.label.lower()
        + (f" ({signed(moves[rule.domain])})" if abs(moves[rule.domain]) > 1 else "")
        for rule in DOMAINS
        if rule.domain in domains
    ]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def override(computed: EvidenceLevel, level: EvidenceLevel, reason: str | None) -> str | None:
    """Return “Computed low, set to moderate because: …”, or None if the level is the computed one."""
    if level is computed:
        return None
    because = (reason or "").strip().rstrip(".")
    return f"Computed {_level(computed)}, set to {_level(level)} because: {because}"


def signed(move: int) -> str:
    """Return a change with its sign: −1, 0, +2."""
    return f"+{move}" if move > 0 else str(move).replace("-", "\N{MINUS SIGN}")


def _level(level: EvidenceLevel) -> str:
    return level.value.replace("_", " ")


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
