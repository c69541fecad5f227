"""Compares two reports: whether they are the same and why, by identifiers or by title, year and authors.

As in Zotero and JabRef, an identical identifier means the same report and a different DOI or PubMed number does
not. But identifiers are often wrong in files, so with another title a person has to decide. Without an identifier, the
titles must be similar, the years at most one apart, and an author the same. A preprint and its published version are
related but not the same. The result is a suggestion with its reasons.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from claims_app.rules.overlap import without_orcid
from claims_app.rules.papers import OF_ONE_REPORT, YEARS, Paper
from claims_app.rules.title_agreement import titles_agree
from claims_app.rules.titles import Title, compare_titles, letters, may_be_like
from claims_app.vocabulary import PublicationState, Relation

PREPRINT_YEARS = 4
PREPRINT_LIKENESS = 0.7
"""The lowest likeness of the titles of a preprint and its paper, which are often reworded."""
LONG_TITLE = 5
"""Significant words from which a title is enough without an author; one less if title and year are equal."""

_NAMES = {
    "doi": "DOI",
    "pmid": "PubMed number",
    "pmcid": "PubMed Central number",
    "registry_id": "registry number",
}
_FEW_WORDS = 3
"""Significant words below which a title, such as “Editorial”, says little: many publications have it."""
_FIRST_PAGE = re.compile(r"\s*(\d+)\b")


@dataclass(frozen=True)
class Match:
    """How the first of two reports is related to the second, the confidence from 0 to 1, and the reasons."""

    relation: Relation
    score: float
    reasons: tuple[str, ...]


def compare(one: Mapping[str, object] | Paper, other: Mapping[str, object] | Paper) -> Match | None:
    """Return how `one` is related to `other`, or None if they look like different reports."""
    first = one if isinstance(one, Paper) else Paper.of(one)
    second = other if isinstance(other, Paper) else Paper.of(other)
    shared, differing = _identifiers(first, second)
    if not shared:
        return _by_title(first, second, differing)
    kind, value = next(iter(shared.items()))
    listed = [f"Same {name}: {equal}." for name, equal in shared.items()]
    if not titles_agree(first.title, second.title):
        name = second.name or "the other record"
        listed = [f"Has the {kind} of {name}, and another title ({value})."]
        return Match(Relation.UNSURE, 0.6, (*listed, *differing))
    if objections := [*differing, *_objections(first, second)]:
        return Match(Relation.UNSURE, 0.6, (*listed, *objections))
    return Match(Relation.SAME, 1.0, tuple(listed))


def compare_new(new: Paper, other: Paper) -> Match | None:
    """Return how a record that may be added is related to `other`, or None if they look like different reports.

    Unlike `compare`, which looks for pairs among reports that are there, this asks about the same title and year
    with other authors, too: one of the lists of authors may be wrong.
    """
    if match := compare(new, other):
        return match
    years, titles = _years(new, other), compare_titles(new.title, other.title)
    if not titles.equal or not years.known or years.apart > YEARS or not _long(new, other, _FEW_WORDS):
        return None
    if _identifiers(new, other)[1] or any(_doubts(new, other)):
        return None
    return Match(Relation.UNSURE, 0.5, (titles.sentence, *_people(new, other).reasons, years.reason))


def may_match(paper: Paper, titles: Sequence[Title]) -> list[int]:
    """Return the places of the `titles` with which another paper, that shares no identifier, may match `paper`."""
    return may_be_like(paper.title, titles, PREPRINT_LIKENESS)


def years_may_match(one: Paper, other: Paper) -> bool:
    """Return whether two reports without a common identifier may match by their years."""
    return one.year is None or other.year is None or abs(one.year - other.year) <= PREPRINT_YEARS


def share_identifier(one: Paper, other: Paper) -> bool:
    """Return whether two reports have an identifier in common that only one report should have."""
    return bool(_identifiers(one, other)[0])


def may_complete(one: Paper, other: Paper) -> bool:
    """Return whether two records of the same report agree so far that one may fill in what the other lacks."""
    years = _years(one, other)
    return (
        bool(one.title.letters and other.title.letters)
        and years.apart <= YEARS
        and not _people(one, other).are_others
        and not any(_doubts_of_place(one, other))
    )


def _identifiers(one: Paper, other: Paper) -> tuple[dict[str, str], list[str]]:
    """Return the identifiers that both have, by their name, and a sentence for each that differs.

    Reports of one trial share its registry number, so that counts only if neither has another identifier.
    """
    shared: dict[str, str] = {}
    differing: list[str] = []
    alone = not any(getattr(paper, name) for paper in (one, other) for name in OF_ONE_REPORT)
    for name in (*OF_ONE_REPORT, *(["registry_id"] if alone else [])):
        ours, theirs = getattr(one, name), getattr(other, name)
        if name == "doi":
            ours, theirs = one.report_doi, other.report_doi
        if ours and ours == theirs:
            shared[_NAMES[name]] = ours
        elif ours and theirs and name != "registry_id":
            differing.append(f"Different {_NAMES[name]}s.")
    return shared, differing


def _objections(one: Paper, other: Paper) -> Iterator[str]:
    """Yield reasons why two reports with the same identifier and title may be different all the same."""
    if _people(one, other).are_others and not _long(one, other, _FEW_WORDS):
        yield "No authors in common."
    if {one.is_on_server, other.is_on_server} == {True, False}:
        yield "Only one of them is a preprint."


def _by_title(one: Paper, other: Paper, differing: list[str]) -> Match | None:
    titles = compare_titles(one.title, other.title)
    if titles.likeness < PREPRINT_LIKENESS:
        return None
    people = _people(one, other)
    if one.is_preprint is not other.is_preprint and one.is_known and other.is_known:
        return _preprint(one, other, titles.likeness, [titles.sentence, *people.reasons])
    years = _years(one, other)
    if not titles.near or people.are_others or years.apart > 3:
        return None
    doubts = [*differing, *_doubts(one, other)]
    if years.apart > YEARS:
        doubts.append("The years are more than one apart.")
    if doubts and not titles.equal:
        return None
    if titles.lacks_word:
        doubts.append("The extra word may mean a different report.")
    exact = titles.equal and years.known and not years.apart
    if not people.shared and not _long(one, other, LONG_TITLE - exact):
        doubts.append("The authors cannot be compared, and the title is short.")
    elif not people.shared and not years.known and not titles.equal:
        doubts.append("Neither authors nor years can be compared.")
    score = (
        0.6 * titles.likeness + 0.25 * people.share + 0.15 * (1 if years.known and not years.apart else 0.6)
    )
    reasons = tuple(filter(None, (titles.sentence, *people.reasons, years.reason, *doubts)))
    if doubts:
        return Match(Relation.UNSURE, round(min(score, 0.7), 2), reasons)
    return Match(Relation.SAME, round(min(score, 0.99), 2), reasons)


def _preprint(one: Paper, other: Paper, likeness: float, reasons: list[str]) -> Match | None:
    people = _people(one, other)
    years = _years(one, other)
    if people.shared < min(2, len(one.names) or 1, len(other.names) or 1) or years.apart > PREPRINT_YEARS:
        return None
    relation = Relation.PREPRINT_OF if one.is_preprint else Relation.PUBLISHED_AS
    score = 0.7 * likeness + 0.3 * people.share
    which = (one.name or "The first report") if one.is_preprint else (other.name or "The second report")
    return Match(
        relation,
        round(min(score, 0.99), 2),
        tuple(filter(None, (f"{which} is a preprint.", *reasons, years.reason))),
    )


def _doubts(one: Paper, other: Paper) -> Iterator[str]:
    """Yield reasons why two reports with the same title may be different."""
    if one.registry_id and other.registry_id and one.registry_id != other.registry_id:
        yield "Different registry numbers."
    if one.is_preprint is not other.is_preprint:
        yield "One is a preprint; it is unknown whether the other is."
    kinds = {paper.state for paper in (one, other) if paper.state}
    if len(kinds) > 1:
        labels = sorted(
            PublicationState.of(kind).label.lower() for kind in kinds if kind in PublicationState.values()
        )
        yield f"Different publication states: {' and '.join(labels)}."
    yield from _doubts_of_place(one, other)


def _doubts_of_place(one: Paper, other: Paper) -> Iterator[str]:
    """Yield in what the places differ in which two reports were published."""
    if letters(one.volume) and letters(other.volume) and letters(one.journal) == letters(other.journal):
        pages = [_FIRST_PAGE.fullmatch(re.split(r"[-–—,;]", paper.pages)[0]) for paper in (one, other)]
        if letters(one.volume) != letters(other.volume):
            yield "Different volumes."
        elif pages[0] and pages[1] and pages[0].group(1) != pages[1].group(1):
            yield "Different first pages."


def _long(one: Paper, other: Paper, enough: int) -> bool:
    return min(len(one.title.significant), len(other.title.significant)) >= enough


@dataclass(frozen=True)
class _People:
    """The authors that two reports share."""

    shared: int
    share: float
    are_others: bool
    reasons: tuple[str, ...] = ()


def _people(one: Paper, other: Paper) -> _People:
    if not one.names or not other.names:
        return _People(0, 0.5, are_others=False)
    same = [
        author
        for author, keys in zip(one.authors, one.names, strict=False)
        if any(key.is_same(another) for key in keys for keys_of in other.names for another in keys_of)
    ]
    if not same:
        return _People(0, 0, are_others=True, reasons=("No authors in common.",))
    names = [without_orcid(author).replace(",", "") for author in same]
    listed = (
        names[0]
        if len(names) == 1
        else f"{names[0]} and {len(names) - 1} other{'s' if len(names) > 2 else ''}"
    )
    share = len(same) / min(len(one.names), len(other.names))
    return _People(
        len(same), min(share, 1.0), are_others=False, reasons=(f"Authors in common: {listed.rstrip('.')}.",)
    )


@dataclass(frozen=True)
class _Years:
    """The difference between the years of two reports."""

    apart: int
    known: bool
    reason: str


def _years(one: Paper, other: Paper) -> _Years:
    if one.year is None or other.year is None:
        return _Years(0, False, "The year of one report is unknown.")
    reason = (
        f"Same year: {one.year}."
        if one.year == other.year
        else f"Different years: {one.year} and {other.year}."
    )
    return _Years(abs(one.year - other.year), True, reason)
