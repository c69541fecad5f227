"""Suggests which reports share participants, animals, serum donors or a laboratory, with reasons.

Such reports are one line of evidence. A curator decides whether to group them.
"""

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from claims_app.rules.counting import independent_groups
from claims_app.rules.identifiers import has_orcid_check_digit, public_id
from claims_app.rules.text import plain
from claims_app.vocabulary import PublicationState, RecordType, Term

RARE = 5
"""A name on up to this many reports counts as one person; a name on more reports counts for less."""
COMMON = 50
"""A name on more reports than this is ignored."""
NEAR_YEARS = 3
"""The largest number of years between a preprint and its paper."""
ALIKE = 0.5
"""The smallest share of title words that a preprint and its paper have in common."""

_ORCID = re.compile(
    r"(?:(?<!\s)\s++)?[(\[]?(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])[)\]]?\s*+$"
)
_INITIALS = re.compile(r"^(?P<family>.+?)(?<!\s)\s++(?P<given>[A-Z](?:[.\- ]?[A-Z]){0,3}\.?)$")


class Sign(Term):
    """A sign that two reports overlap."""

    SAME_REGISTRY_NUMBER = (
        "same_registry_number",
        "Same registry number",
        "Both report the same registered trial.",
    )
    LIKELY_PREPRINT = (
        "likely_preprint",
        "Preprint and publication",
        "One is a preprint with a similar title and year and the same first author as the other.",
    )
    SHARED_AUTHORS = (
        "shared_authors",
        "Shared authors",
        "The reports share more authors than expected by chance.",
    )
    SAME_CENTRE = (
        "same_centre",
        "Same centre",
        "The same hospital or laboratory, in overlapping years.",
    )


@dataclass(frozen=True)
class Report:
    """The values of a study that show whether it overlaps with another."""

    study_id: int
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    registry_id: str | None = None
    version_of_id: int | None = None
    publication_state: PublicationState = PublicationState.PUBLISHED
    group_id: int | None = None
    centre: str | None = None
    data_from: int | None = None
    data_to: int | None = None


@dataclass(frozen=True)
class Reason:
    """One sign of overlap, with a sentence that explains it, and its strength from 0 to 1."""

    sign: Sign
    sentence: str
    weight: float


@dataclass(frozen=True)
class OverlapSuggestion:
    """Two reports that may be one line of evidence, by their study numbers, lower number first."""

    first: int
    second: int
    reasons: tuple[Reason, ...]

    @property
    def strength(self) -> float:
        """The strength from 0 to 1: the chance that at least one sign is right, if they were independent."""
        doubt = 1.0
        for reason in self.reasons:
            doubt *= 1 - reason.weight
        return 1 - doubt


class AuthorKey(NamedTuple):
    """The comparison key of an author: family name and first initial without accents, and the ORCID iD."""

    family: str
    initial: str
    orcid: str | None = None

    def is_same(self, other: "AuthorKey") -> bool:
        """Whether both may be one person. Two ORCID iDs decide; a missing initial matches any."""
        if self.orcid and other.orcid:
            return self.orcid == other.orcid
        if not self.family or self.family != other.family:
            return False
        return self.initial == other.initial or not self.initial or not other.initial


def orcid_of(author: str) -> str | None:
    """Return the ORCID iD at the end of `author`, or None if there is none with a valid check digit."""
    match = _ORCID.search(author)
    if match is None:
        return None
    orcid = match.group(1).upper()
    return orcid if has_orcid_check_digit(orcid) else None


def without_orcid(author: str) -> str:
    """Return the name of `author` for display, without the ORCID iD."""
    return _ORCID.sub("", author).strip() or author


def citation(authors: str | None, title: str, year: int | None) -> str:
    """Return a short citation, such as “Goebel et al. 2021”; `authors` has one author a line, as it is stored."""
    families = [without_orcid(author).split(",")[0] for author in authors.split("\n")] if authors else []
    if not families:
        name = title if len(title) <= 60 else title[:59].rstrip() + "…"
    elif len(families) <= 2:
        name = " & ".join(families)
    else:
        name = f"{families[0]} et al."
    return f"{name} {year}" if year else name


@functools.lru_cache(maxsize=50_000)
def author_key(author: str) -> AuthorKey:
    """Return the comparison key of `author`: “Müller-Brühl, Änne” and “Muller Bruhl, A” are the same.

    A person is written family name first, with a comma or with initials. Anything else is a group and
    compared as a whole. As in PubMed, Ü becomes U, not UE.
    """
    name = without_orcid(author)
    if "," in name:
        family, given = name.split(",", 1)
    elif match := _INITIALS.match(name):
        family, given = match["family"], match["given"]
    else:
        family, given = name, ""
    return AuthorKey(_letters(family), _letters(given)[:1], orcid_of(author))


def suggestions(
    reports: Iterable[Report], *, settled: Collection[tuple[int, int]] = (), of: int | None = None
) -> list[OverlapSuggestion]:
    """Return the pairs of `reports` that may be one line of evidence, strongest first; `of` one study, or all.

    Pairs that are already linked (by a study group, or as preprint and published version) are left out,
    and so are the pairs in `settled`, given with the lower number first.

    Shared authors are a sign if there are at least two, one of them is the first or last author of either
    report, and together they count for 1.5 people or for a third of the shorter list. A name on many of
    the reports counts for less (`RARE`, `COMMON`).
    """
    every = {report.study_id: report for report in reports}
    # A preprint would only repeat the suggestions of its published version.
    known = {number: report for number, report in every.items() if report.version_of_id not in every}
    group_of = independent_groups((r.study_id, r.version_of_id, r.group_id) for r in every.values())
    people = {number: _people(report) for number, report in known.items()}
    named = _by_name(people)
    found: dict[tuple[int, int], list[Reason]] = defaultdict(list)
    for pair, reason in (
        *_same_number(known.values(), of),
        *_same_people(known, people, named, of),
        *_same_centre(known.values(), of),
    ):
        found[pair].append(reason)
    suggested = [
        OverlapSuggestion(first, second, tuple(sorted(reasons, key=lambda reason: -reason.weight)))
        for (first, second), reasons in found.items()
        if (first, second) not in settled and group_of[first] != group_of[second]
    ]
    return sorted(suggested, key=lambda s: (-s.strength, s.first, s.second))


Found = Iterator[tuple[tuple[int, int], Reason]]


def _pairs(numbers: Sequence[int], of: int | None) -> Iterable[tuple[int, int]]:
    """Return the pairs of `numbers`, which are in order; with `of`, those that it is one of."""
    if of is None:
        return combinations(numbers, 2)
    if of not in numbers:
        return ()
    return [(min(of, number), max(of, number)) for number in numbers if number != of]


def _same_number(reports: Iterable[Report], of: int | None) -> Found:
    for number, pair in _sharing(((report.registry_id, report) for report in reports), of):
        sentence = f"Same registry number: {number}."
        yield pair, Reason(Sign.SAME_REGISTRY_NUMBER, sentence, 0.95)


def _same_centre(reports: Iterable[Report], of: int | None) -> Found:
    known = {report.study_id: report for report in reports}
    for _, pair in _sharing(((_words(report.centre or ""), report) for report in known.values()), of):
        first, second = (known[number] for number in pair)
        years = [first.data_from, first.data_to, second.data_from, second.data_to]
        if None in years:
            sentence = f"Same centre: {first.centre}. The years are not recorded for both reports."
            yield pair, Reason(Sign.SAME_CENTRE, sentence, 0.3)
            continue
        begin = max(first.data_from or 0, second.data_from or 0)
        end = min(first.data_to or 0, second.data_to or 0)
        if begin <= end:
            span = str(begin) if begin == end else f"{begin} to {end}"
            sentence = f"Same centre: {first.centre}, in overlapping years ({span})."
            yield pair, Reason(Sign.SAME_CENTRE, sentence, 0.7)


def _same_people(
    reports: dict[int, Report],
    people: dict[int, list[AuthorKey]],
    named: dict[str, list[int]],
    of: int | None,
) -> Found:
    candidates: Counter[tuple[int, int]] = Counter()
    for numbers in named.values():
        if len(numbers) <= COMMON:
            candidates.update(_pairs(numbers, of))
    for pair in candidates:
        first, second = (reports[number] for number in pair)
        ours, theirs = (people[number] for number in pair)
        shared = [
            (at, other)
            for at, one in enumerate(ours)
            for other, another in enumerate(theirs)
            if one.is_same(another)
        ]
        if reason := _shared_authors(first, second, ours, theirs, shared, named):
            yield pair, reason
        if (0, 0) in shared and (reason := _preprint(first, second)):
            yield pair, reason


def _shared_authors(
    first: Report,
    second: Report,
    ours: Sequence[AuthorKey],
    theirs: Sequence[AuthorKey],
    shared: Sequence[tuple[int, int]],
    named: dict[str, list[int]],
) -> Reason | None:
    places = {at for at, _ in shared}
    if len(places) < 2 or len({other for _, other in shared}) < 2:
        return None
    leads = any(at in {0, len(ours) - 1} or other in {0, len(theirs) - 1} for at, other in shared)
    worth = sum(
        1.0 if ours[at].orcid else min(1.0, RARE / len(named.get(_name(ours[at]), [0]))) for at in places
    )
    shorter = min(len(ours), len(theirs))
    if not leads or (worth < 1.5 and worth < shorter / 3):
        return None
    names = [without_orcid(first.authors[at]).replace(",", "") for at in sorted(places)]
    listed = ", ".join(names[:4]) + (" and others" if len(names) > 4 else "")
    sentence = f"{len(places)} authors in common (of {len(ours)} and {len(theirs)}): {listed}."
    return Reason(Sign.SHARED_AUTHORS, sentence, min(0.9, 0.3 + 0.6 * worth / shorter))


def _preprint(first: Report, second: Report) -> Reason | None:
    if (first.publication_state is PublicationState.PREPRINT) is (
        second.publication_state is PublicationState.PREPRINT
    ):
        return None
    if first.year is not None and second.year is not None and abs(first.year - second.year) > NEAR_YEARS:
        return None
    ours, theirs = set(_words(first.title).split()), set(_words(second.title).split())
    alike = len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0
    if alike < ALIKE:
        return None
    preprint, other = (
        (first, second) if first.publication_state is PublicationState.PREPRINT else (second, first)
    )
    sentence = (
        f"{_public_id(preprint)} is a preprint with the same first author, and the titles share {alike:.0%} of "
        f"their words. If they are the same work, record {_public_id(other)} as its published version."
    )
    return Reason(Sign.LIKELY_PREPRINT, sentence, 0.9)


def _public_id(report: Report) -> str:
    return public_id(RecordType.STUDY, report.study_id)


def _people(report: Report) -> list[AuthorKey]:
    """Return the authors of a report, each once."""
    return list(dict.fromkeys(key for author in report.authors if (key := author_key(author)).family))


def _name(key: AuthorKey) -> str:
    return f"{key.family} {key.initial}"


def _by_name(people: dict[int, list[AuthorKey]]) -> dict[str, list[int]]:
    """Return the reports of each name and each ORCID iD, lowest number first."""
    named: dict[str, set[int]] = defaultdict(set)
    # A name without an initial matches everyone with the same family name.
    bare = {key.family for keys in people.values() for key in keys if not key.initial}
    for number, keys in people.items():
        for key in keys:
            named[_name(key)].add(number)
            if key.orcid:
                named[key.orcid].add(number)
            if key.family in bare:
                named[f"{key.family} "].add(number)
    return {name: sorted(numbers) for name, numbers in named.items()}


def _sharing(
    marked: Iterable[tuple[str | None, Report]], of: int | None
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each pair of reports with the same mark; a mark on too many reports is ignored."""
    by_mark: dict[str, set[int]] = defaultdict(set)
    for mark, report in marked:
        if mark:
            by_mark[mark].add(report.study_id)
    for mark, numbers in by_mark.items():
        if len(numbers) <= COMMON:
            for pair in _pairs(sorted(numbers), of):
                yield mark, pair


def _letters(text: str) -> str:
    return "".join(character for character in plain(text) if character.isalnum())


def _words(text: str) -> str:
    """Return the words of `text` in alphabetical order, without accents and punctuation."""
    return " ".join(sorted(re.findall(r"\w+", plain(text))))
