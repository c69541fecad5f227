"""Comparing reports: what is compared, and the reasons that are given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.matching import compare, compare_new, years_may_match
from claims_app.rules.papers import Paper
from claims_app.rules.titles import Title, compare_titles, may_be_like, words
from claims_app.vocabulary import Relation

GOEBEL = {
    "title": "Passive transfer of fibromyalgia symptoms from patients to mice",
    "authors": ["Goebel, A", "Krock, E", "Gentry, C"],
    "year": 2021,
    "journal": "Journal of Clinical Investigation",
    "volume": "131",
    "pages": "e144201",
}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("The TNF-α &amp; <i>IL-1β</i>", "tnf alpha and il 1beta"),
        ("Étude de l’œdème", "etude de loedeme"),
        ("{IgG} from \\emph{mice}", "igg from mice"),
        ("Part II", "part 2"),
        ("ﬁbromyalgia", "fibromyalgia"),
        ("An anti–satellite", "anti satellite"),
        ("日本語の題", "日本語の題"),
        ("…", ""),
    ],
)
def test_titles_are_compared_without_case_accents_punctuation_and_mark_up(title: str, expected: str) -> None:
    assert " ".join(words(title)) == expected


@pytest.mark.parametrize(
    ("author", "other"),
    [
        ("Goebel, Andreas", "GOEBEL A."),
        ("Göbel, A", "Goebel, A"),
        ("A. Goebel", "Goebel, A"),
        ("Andreas Goebel", "Goebel, A"),
        ("Martínez-Lavín, M", "Martinez Lavin M"),
        ("Martínez-Lavín, M", "Lavín, M"),
        ("Üçeyler, N", "Ueceyler, Nurcan"),
    ],
)
def test_an_author_is_recognised_in_other_spellings(author: str, other: str) -> None:
    match = compare(GOEBEL | {"authors": [author]}, GOEBEL | {"authors": [other]})
    assert match is not None
    assert match.relation is Relation.SAME


@pytest.mark.parametrize("name", ["doi", "pmid", "pmcid"])
def test_an_identifier_in_any_form_is_recognised(name: str) -> None:
    value = {"doi": "10.1172/JCI144201", "pmid": "34196305", "pmcid": "PMC8245181"}[name]
    match = compare({name: value, "title": "One"}, {name: value.lower().replace("pmc", "PMC")})
    assert match is not None
    assert (match.relation, match.score) == (Relation.SAME, 1.0)
    assert match.reasons[0].startswith("Same ")


@pytest.mark.parametrize("name", ["doi", "pmid", "pmcid", "registry_id"])
def test_the_same_identifier_with_another_title_is_unsure(name: str) -> None:
    value = {"doi": "10.1172/JCI144201", "pmid": "34196305", "pmcid": "PMC8245181"}.get(name, "NCT00000123")
    match = compare(
        {name: value, "title": "One thing"}, {name: value, "title": "Another", "public_id": "STU-1"}
    )
    assert match is not None
    assert match.relation is Relation.UNSURE
    assert "of STU-1, and another title" in match.reasons[0]


def test_an_identifier_does_not_make_one_of_two_short_titles_by_others() -> None:
    one = {"doi": "10.1000/a", "title": "Editorial", "authors": ["Doe, A"]}
    match = compare(one, one | {"authors": ["Poe, B"]})
    assert match is not None
    assert match.relation is Relation.UNSURE


def test_a_shared_and_a_different_identifier_are_unsure() -> None:
    match = compare({"doi": "10.1000/a", "pmid": "1"}, {"doi": "10.1000/b", "pmid": "1"})
    assert match is not None
    assert match.relation is Relation.UNSURE


@pytest.mark.parametrize(("name", "one", "other"), [("doi", "10.1000/a", "10.1000/b"), ("pmid", "1", "2")])
def test_a_different_identifier_is_never_the_same_report(name: str, one: str, other: str) -> None:
    match = compare(GOEBEL | {name: one}, GOEBEL | {name: other})
    assert match is not None
    assert match.relation is Relation.UNSURE
    assert any("Different" in reason for reason in match.reasons)
    changed = {"title": GOEBEL["title"].replace("symptoms", "symptom"), name: other}  # type: ignore[attr-defined]
    assert compare(GOEBEL | {name: one}, GOEBEL | changed) is None


@pytest.mark.parametrize(
    "doi",
    ["10.1101/713495", "10.1101/2020.01.02.345678v2", "10.21203/rs.3.rs-1/v1", "10.48550/arXiv.1905.01234"],
)
def test_a_preprint_and_its_paper_are_related_but_not_the_same(doi: str) -> None:
    preprint = GOEBEL | {"title": "Passive transfer of fibromyalgia pain from patients to mice", "year": 2019}
    preprint |= {"doi": doi, "journal": "bioRxiv", "volume": "", "pages": ""}
    paper = GOEBEL | {"doi": "10.1172/jci144201"}
    there, back = compare(preprint, paper), compare(paper, preprint)
    assert there is not None
    assert back is not None
    assert (there.relation, back.relation) == (Relation.PREPRINT_OF, Relation.PUBLISHED_AS)
    assert (there.reasons[0], back.reasons[0]) == (
        "The first report is a preprint.",
        "The second report is a preprint.",
    )
    named = compare(paper, preprint | {"public_id": "STU-11"})
    assert named is not None
    assert named.reasons[0] == "STU-11 is a preprint."


def test_a_journal_of_the_publisher_of_a_preprint_server_has_no_preprints() -> None:
    assert not Paper.of({"doi": "10.1101/gr.123456.119"}).is_preprint


def test_two_versions_of_a_preprint_are_one() -> None:
    match = compare({"doi": "10.21203/rs.3.rs-1/v1"}, {"doi": "10.21203/rs.3.rs-1/v2"})
    assert match is not None
    assert match.relation is Relation.SAME


@pytest.mark.parametrize(
    "title",
    [
        "Correction to: {}",
        "Retraction notice to {}",
        "Reply to “{}”",
        "{}: a reply",
        "{}. Part II",
        "{} in rats",
        "No {}",
    ],
)
def test_a_title_with_another_meaning_is_another_report(title: str) -> None:
    match = compare(GOEBEL, GOEBEL | {"title": title.format(GOEBEL["title"]), "pages": "1"})
    assert match is None or match.relation is not Relation.SAME


def test_the_reasons_are_sentences() -> None:
    match = compare(GOEBEL, GOEBEL | {"title": str(GOEBEL["title"]).upper(), "year": 2020})
    assert match is not None
    assert match.reasons == (
        "The titles differ only in spelling.",
        "Authors in common: Goebel A and 2 others.",
        "Different years: 2021 and 2020.",
    )
    likeness = compare_titles(
        Title("Antipolymer antibodies in Danish patients"),
        Title("Antipolymer antibodies in Italian patients"),
    )
    assert likeness.sentence == "The titles differ in 1 word: “danish” and “italian”."
    assert not likeness.near


def test_the_words_that_make_two_titles_different_are_listed() -> None:
    likeness = compare_titles(Title("IgG for pain: part 1"), Title("IgG for pain: part 2"))
    assert likeness.sentence == "Only one title contains “1”, “2”."


texts = st.text(max_size=60)


@given(
    st.fixed_dictionaries(
        {
            "title": texts,
            "authors": st.lists(texts, max_size=3),
            "year": st.one_of(texts, st.integers(), st.none()),
        },
        optional={"doi": texts, "pmid": texts, "pages": texts, "volume": texts, "journal": texts},
    )
)
def test_any_values_can_be_compared(
    values: dict[str, object],
) -> None:
    match = compare(values, values)
    assert match is None or match.relation in (Relation.SAME, Relation.UNSURE)
    assert match is None or 0 <= match.score <= 1
    back = compare(GOEBEL, values), compare(values, GOEBEL)
    assert (back[0] is None) is (back[1] is None)
    assert Paper.of(values).keys


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2022, Relation.SAME), (2023, Relation.UNSURE), (2024, Relation.UNSURE), (2025, None)],
)
def test_the_years_of_one_report_are_at_most_one_apart(year: int, expected: Relation | None) -> None:
    match = compare(GOEBEL, GOEBEL | {"year": year})
    assert (match.relation if match else None) is expected


@given(
    st.fixed_dictionaries(
        {"title": st.sampled_from(["Pacing and serum in mice", "Pacing or serum in mice", "Editorial"])},
        optional={
            "year": st.integers(2000, 2012),
            "authors": st.sampled_from([["Goebel, A"], ["Krock, E"]]),
            "publication_state": st.sampled_from(["published", "preprint"]),
        },
    ),
    st.integers(-12, 12),
)
def test_reports_whose_years_are_too_far_apart_never_match(one: dict[str, object], apart: int) -> None:
    for state in ("published", "preprint"):
        other = one | {"year": 2006 + apart, "publication_state": state}
        match = compare_new(Paper.of(one), Paper.of(other))
        assert match is None or years_may_match(Paper.of(one), Paper.of(other))


_title = st.lists(
    st.sampled_from(
        "the of serum antibodies antibody pain mice mouse 2 3 ii reply not with fibromyalgia: trial, … A".split()  # noqa: SIM905
    ),
    max_size=9,
).map(" ".join)


@given(_title, st.lists(_title, max_size=8))
def test_titles_that_are_alike_are_never_left_out(title: str, others: list[str]) -> None:
    listed = [Title(other) for other in others]
    alike = {at for at, other in enumerate(listed) if compare_titles(Title(title), other).likeness >= 0.7}
    assert alike <= set(may_be_like(Title(title), listed, 0.7))
