"""Which reports may be one line of evidence: authors, numbers, preprints, centres, and the real literature."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.overlap import (
    COMMON,
    AuthorKey,
    Report,
    Sign,
    author_key,
    orcid_of,
    suggestions,
    without_orcid,
)
from claims_app.vocabulary import PublicationState

SEED = Path(__file__).parents[2] / "seed" / "studies.toml"
ORCID = "0000-0002-1825-0097"  # the example of ORCID's own documentation
OTHER_ORCID = "0000-0001-5109-3700"
TEAM = ("Goebel, A", "Krock, E", "Gentry, C")


def report(number: int, *authors: str, **values: Any) -> Report:
    """Return a report by these authors, with a unique title."""
    return Report(study_id=number, title=f"title{number} word{number}", authors=authors, **values)


def pairs(*reports: Report, **options: Any) -> list[tuple[int, int]]:
    """Return the suggested pairs."""
    return [(s.first, s.second) for s in suggestions(reports, **options)]


def signs(*reports: Report) -> list[Sign]:
    """Return the signs of the only suggestion."""
    [suggestion] = suggestions(reports)
    return [reason.sign for reason in suggestion.reasons]


class TestAuthors:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Müller-Brühl, Änne", "Muller Bruhl, A."),
            ("Goebel, Andreas", "Goebel A"),
            ("O’Neill, S", "O'Neill S"),
            ("Łukasik, Ż", "Lukasik, Z"),
            ("Ærø, K", "Aero, K"),
            ("af Ekenstam, C", "Af Ekenstam C"),
            ("Krock, E", "Krock"),
            (f"Goebel, A {ORCID}", f"Göbel-Smith, B (https://orcid.org/{ORCID})"),
        ],
    )
    def test_the_same_person(self, one: str, other: str) -> None:
        assert author_key(one).is_same(author_key(other))
        assert author_key(other).is_same(author_key(one))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Goebel, A", "Goebel, B"),
            ("Goebel, A", "Gobel, A"),
            (f"Goebel, A {ORCID}", f"Goebel, A {OTHER_ORCID}"),
            ("", ""),
            ("...", "???"),
        ],
    )
    def test_not_the_same_person(self, one: str, other: str) -> None:
        assert not author_key(one).is_same(author_key(other))

    def test_an_orcid_is_removed_for_display(self) -> None:
        assert without_orcid(f"Goebel, A {ORCID}") == "Goebel, A"
        assert without_orcid("Goebel, A") == "Goebel, A"

    def test_an_orcid_with_a_wrong_check_digit_is_ignored(self) -> None:
        assert orcid_of(f"Goebel, A {ORCID}") == ORCID
        assert orcid_of("Goebel, A 0000-0002-1825-0098") is None
        assert orcid_of("Goebel, A 0000-0002-1694-233x") == "0000-0002-1694-233X"

    @given(st.text(max_size=40))
    def test_accents_and_case_do_not_change_the_key(self, text: str) -> None:
        key = author_key(text)
        assert author_key(text) == key
        assert key.family == key.family.casefold()


class TestSigns:
    def test_two_shared_authors_with_a_first_or_last_one_are_a_sign(self) -> None:
        assert signs(report(1, *TEAM), report(2, "Goebel A", "Gentry, Clive", "Else, X")) == [
            Sign.SHARED_AUTHORS
        ]

    def test_one_shared_author_is_not_a_sign(self) -> None:
        assert pairs(report(1, *TEAM), report(2, "Goebel, A", "Else, X")) == []

    def test_shared_authors_in_the_middle_of_long_lists_are_not_a_sign(self) -> None:
        middle = ("Krock, E", "Gentry, C")
        assert pairs(report(1, "A, A", *middle, "B, B"), report(2, "C, C", *middle, "D, D")) == []

    def test_a_very_common_name_is_not_a_sign(self) -> None:
        crowd = [report(number, "Wang, Y", "Li, X", f"Own{number}, Z") for number in range(1, COMMON + 3)]
        assert pairs(*crowd) == []

    def test_the_sentence_names_the_shared_authors(self) -> None:
        [suggestion] = suggestions([report(1, *TEAM), report(2, *TEAM)])
        assert suggestion.reasons[0].sentence == (
            "3 authors in common (of 3 and 3): Goebel A, Krock E, Gentry C."
        )

    def test_one_registry_number_is_a_sign(self) -> None:
        assert signs(report(1, registry_id="NCT1"), report(2, registry_id="NCT1")) == [
            Sign.SAME_REGISTRY_NUMBER
        ]

    def test_a_preprint_with_the_same_first_author_and_a_similar_title_is_a_sign(self) -> None:
        title = "Passive transfer of fibromyalgia symptoms from patients to mice"
        preprint = Report(1, title, ("Goebel, A",), 2019, publication_state=PublicationState.PREPRINT)
        paper = Report(2, f"{title}: a study", ("Goebel, A",), 2021)
        assert signs(preprint, paper) == [Sign.LIKELY_PREPRINT]
        (suggestion,) = suggestions([preprint, paper])
        assert suggestion.reasons[0].sentence.startswith("STU-1 is a preprint with the same first author")
        assert pairs(preprint, Report(3, "Something else altogether", ("Goebel, A",), 2021)) == []
        assert pairs(preprint, Report(4, title, ("Goebel, A",), 2029)) == []

    @pytest.mark.parametrize(
        ("ours", "theirs", "found"),
        [
            ((2010, 2012), (2012, 2015), True),
            ((2010, 2011), (2012, 2015), False),
            ((None, None), (2012, 2015), True),
        ],
    )
    def test_one_centre_is_a_sign_if_the_years_overlap_or_are_unknown(
        self, ours: tuple[int | None, int | None], theirs: tuple[int, int], found: bool
    ) -> None:
        first = report(1, centre="Karolinska, Solna", data_from=ours[0], data_to=ours[1])
        second = report(2, centre="SOLNA Karolinska", data_from=theirs[0], data_to=theirs[1])
        assert bool(pairs(first, second)) is found

    def test_several_signs_are_stronger_than_one(self) -> None:
        alone, both = (
            suggestions([report(1, *TEAM, **more), report(2, *TEAM, **more)])[0]
            for more in ({}, {"registry_id": "NCT1"})
        )
        assert both.strength > alone.strength
        assert len(both.reasons) == 2


class TestWhatIsLeftOut:
    def test_a_pair_that_is_already_linked(self) -> None:
        assert pairs(report(1, *TEAM, group_id=7), report(2, *TEAM, group_id=7)) == []
        assert pairs(report(1, *TEAM, version_of_id=2), report(2, *TEAM)) == []

    def test_a_pair_that_was_decided_on(self) -> None:
        assert pairs(report(2, *TEAM), report(1, *TEAM), settled={(1, 2)}) == []

    def test_a_preprint_that_would_repeat_its_published_version(self) -> None:
        preprint = report(1, *TEAM, version_of_id=2)
        assert pairs(preprint, report(2, *TEAM), report(3, *TEAM)) == [(2, 3)]


REPORTS = st.lists(
    st.builds(
        Report,
        st.integers(1, 20),
        st.text(max_size=10),
        st.lists(st.sampled_from(["Goebel, A", "Krock, E", "Li, X", "Wang", ""]), max_size=4).map(tuple),
        st.none() | st.integers(1990, 2030),
        st.none() | st.sampled_from(["NCT1", "NCT2"]),
        st.none() | st.integers(1, 20),
        st.sampled_from(PublicationState),
        st.none() | st.integers(1, 3),
        st.none() | st.sampled_from(["Here", "There"]),
        st.none() | st.integers(1990, 2000),
        st.none() | st.integers(1990, 2000),
    ),
    max_size=8,
    unique_by=lambda r: r.study_id,
)


@given(REPORTS)
def test_the_suggestions_for_one_study_are_those_that_it_is_in(reports: list[Report]) -> None:
    every = suggestions(reports)
    for number in range(1, 21):
        assert suggestions(reports, of=number) == [s for s in every if number in (s.first, s.second)]


def test_for_one_study_no_others_are_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[AuthorKey] = []
    is_same = AuthorKey.is_same
    monkeypatch.setattr(AuthorKey, "is_same", lambda *both: compared.append(both[0]) or is_same(*both))
    suggestions([report(number, *TEAM) for number in range(20)], of=7)
    assert len(compared) == 19 * len(TEAM) ** 2


@given(REPORTS, st.randoms())
def test_the_order_of_the_reports_does_not_matter(reports: list[Report], random: Any) -> None:
    found = suggestions(reports)
    shuffled = suggestions(random.sample(reports, len(reports)))
    assert [(s.first, s.second, s.strength) for s in found] == [
        (s.first, s.second, s.strength) for s in shuffled
    ]
    assert all(s.first < s.second and s.reasons and 0 < s.strength <= 1 for s in found)


class TestRealLiterature:
    """The studies of the seed, compared with their known groups and versions."""

    @pytest.fixture
    def entries(self) -> list[dict[str, Any]]:
        """The studies of the seed."""
        entries: list[dict[str, Any]] = tomllib.loads(SEED.read_text(encoding="utf-8"))["study"]
        return entries

    def suggested(self, entries: list[dict[str, Any]]) -> set[frozenset[str]]:
        """Return the pairs that are suggested if groups and versions are unknown, by their keys."""
        keys = dict(enumerate((entry["key"] for entry in entries), 1))
        reports = [
            Report(
                number,
                entry["title"],
                tuple(entry.get("authors", ())),
                entry.get("year"),
                entry.get("registry_id"),
                publication_state=PublicationState.of(entry.get("publication_state", "published")),
            )
            for number, entry in enumerate(entries, 1)
        ]
        return {frozenset({keys[s.first], keys[s.second]}) for s in suggestions(reports)}

    def test_every_preprint_is_paired_with_its_paper(self, entries: list[dict[str, Any]]) -> None:
        versions = {frozenset({e["key"], e["version_of"]}) for e in entries if e.get("version_of")}
        assert len(versions) == 2
        assert versions <= self.suggested(entries)

    def test_reports_of_one_group_with_known_authors_are_paired(self, entries: list[dict[str, Any]]) -> None:
        groups: dict[str, list[str]] = {}
        for entry in entries:
            if entry.get("group") and len(entry.get("authors", ())) > 1:
                groups.setdefault(entry["group"], []).append(entry["key"])
        same = {
            frozenset({one, other})
            for members in groups.values()
            for one in members
            for other in members
            if one < other
        }
        assert len(same) >= 7
        assert same <= self.suggested(entries)

    def test_few_pairs_are_suggested_out_of_two_thousand(self, entries: list[dict[str, Any]]) -> None:
        assert len(self.suggested(entries)) < 35
