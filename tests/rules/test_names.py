"""Names of authors, in the forms in which programs write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.names import Person, from_initials, parts_of, split_names, tidy_name

LISTS = {
    "Doe A.B., Roe B., van der Berg C.": ["Doe, A.B.", "Roe, B.", "van der Berg, C."],
    "Doe A.,Roe B.": ["Doe, A.", "Roe, B."],
    "Doe AB, Roe B, O'Poe CE.": ["Doe, AB", "Roe, B", "O'Poe, CE"],
    "Doe AB, Study Group": ["Doe, AB", "Study Group"],
    "Doe, A., Roe, B., & Poe, C.": ["Doe, A.", "Roe, B.", "Poe, C."],
    "Doe, Anna and Roe, Ben": ["Doe, Anna", "Roe, Ben"],
    "Doe A, Roe B and Poe C": ["Doe, A", "Roe, B", "Poe, C"],
    "Doe, Anna; Poe, Carl & Roe, Ben": ["Doe, Anna", "Poe, Carl", "Roe, Ben"],
    "Doe, Anna; and Roe, Ben; ": ["Doe, Anna", "Roe, Ben"],
    "Doe, Anna | Roe, Ben": ["Doe, Anna", "Roe, Ben"],
    "Anna Doe, Ben Roe": ["Doe, Anna", "Roe, Ben"],
    "Anna Doe, Ben Q. van der Roe, and Carl Poe": ["Doe, Anna", "van der Roe, Ben Q.", "Poe, Carl"],
    "Anna Doe and Ben Roe": ["Doe, Anna", "Roe, Ben"],
    "Anna Doe; Ben Roe": ["Doe, Anna", "Roe, Ben"],
    "['Doe, Anna', \"O'Roe, Ben\"]": ["Doe, Anna", "O'Roe, Ben"],
    '["Doe, Anna", "Roe, Ben"]': ["Doe, Anna", "Roe, Ben"],
    "Doe, Anna (anna@example.org)": ["Doe, Anna"],
    "Doe, Anna (58975547800); Roe, Ben (57190394669)": ["Doe, Anna", "Roe, Ben"],
    "Doe A, Roe B and the Study Group": ["Doe, A", "Roe, B", "the Study Group"],
    "M&uuml;ller, J; Doe, A": ["Müller, J", "Doe, A"],
    "[Anonymous]": [],
    "NA": [],
    "Plato": ["Plato"],
    "Kidney and Liver Group": ["Kidney and Liver Group"],
    "Procter & Gamble": ["Procter & Gamble"],
    "Kidney, Pain and Liver Group": ["Kidney, Pain and Liver Group"],
    "World Health Organization": ["World Health Organization"],
}


@pytest.mark.parametrize("text", LISTS)
def test_authors_in_one_cell_are_separated(text: str) -> None:
    assert split_names(text).names == LISTS[text]
    assert not split_names(text).more


@pytest.mark.parametrize(
    "text",
    [
        "Doe, Anna; et al.",
        "Doe, Anna et al",
        "Doe, Anna, et al.",
        "Doe, Anna and others",
        "Doe, Anna [et al.]",
    ],
)
def test_et_al_is_no_author_but_is_noticed(text: str) -> None:
    found = split_names(text)
    assert (found.names, found.more) == (["Doe, Anna"], True)


def test_a_comma_separates_no_names_where_another_sign_does() -> None:
    assert split_names("Garcia Lopez, Maria Jose", commas=False).names == ["Garcia Lopez, Maria Jose"]


def test_a_column_of_given_names_first_is_turned() -> None:
    assert split_names("Anna Doe", given_first=True).names == ["Doe, Anna"]
    assert split_names("Test Group; Anna Doe", given_first=True).names == ["Test Group", "Doe, Anna"]


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("Liu R.", "Liu, R."),
        ("Adler D.G.", "Adler, D.G."),
        ("van der Berg J", "van der Berg, J"),
        ("Doe C D", "Doe, C D"),
        ("Smith J 3rd", "Smith, J, 3rd"),
        ("A. Doe", "Doe, A."),
        ("J.-P. van der Doe", "van der Doe, J.-P."),
        ("Jane Q. Doe", "Doe, Jane Q."),
        ("Doe,Anna", "Doe, Anna"),
        ("Roe,B.", "Roe, B."),
        ("Baldwin,S.A.", "Baldwin, S.A."),
        ("King, Jr., Martin", "King, Martin, Jr."),
        ("King, Martin, Jr.", "King, Martin, Jr."),
        ("King, Martin L Jr", "King, Martin L, Jr"),
        ("King Jr., M.", "King, M., Jr."),
        ("Goebel, A", "Goebel, A"),
        ("Park, In Young", "Park, In Young"),
        ("World  Health\nOrganization", "World Health Organization"),
        ("Kidney,Liver Group", "Kidney,Liver Group"),
        ("Ministry of Health, Utopia", "Ministry of Health, Utopia"),
        ("Roche UK", "Roche UK"),
        ("John Paul II", "John Paul II"),
        ("Anna Doe", "Anna Doe"),
        ("1,2", "1,2"),
    ],
)
def test_a_name_has_one_stored_form(name: str, stored: str) -> None:
    assert tidy_name(name) == stored


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("King, Martin, Jr.", Person("King", "Martin", "Jr.")),
        ("King, Jr., Martin", Person("King", "Martin", "Jr.")),
        ("Liu R.", Person("Liu", "R.")),
        ("Doe,Anna", Person("Doe", "Anna")),
        ("van der Berg, Jan", Person("van der Berg", "Jan")),
        ("World Health Organization", None),
        ("Ministry of Health, Utopia", None),
        ("Kidney, Liver, and Pain Group", None),
    ],
)
def test_people_and_groups_are_told_apart(name: str, parts: Person | None) -> None:
    assert parts_of(name) == parts


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("Goebel A", "Goebel, A"),
        ("de Oliveira Filho ASB", "de Oliveira Filho, ASB"),
        ("Smith J 3rd", "Smith, J, 3rd"),
        ("World Health Organization", "World Health Organization"),
        ("Plato", "Plato"),
        ("Østergård Ø", "Østergård, Ø"),
    ],
)
def test_from_initials(name: str, split: str) -> None:
    assert from_initials(name) == split


PIECES = st.sampled_from(
    [
        "Doe",
        "anna",
        "A.",
        "B",
        "Jr.",
        "III",
        ",",
        ", ",
        " ",
        ";",
        " and ",
        "&",
        "et al.",
        "Group",
        "van",
        "-",
        "'",
        "[",
        "]",
    ]
)
NAMES = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=10).map("".join),
    st.lists(PIECES, max_size=10).map(" ".join),
)


@given(NAMES)
def test_the_stored_form_is_final(text: str) -> None:
    stored = tidy_name(text)
    assert tidy_name(stored) == stored
    person = parts_of(stored)
    assert person is None or str(person) == stored


@given(NAMES)
def test_any_text_is_split(text: str) -> None:
    assert all(split_names(text).names)


@pytest.mark.parametrize(
    "piece", ["a A, ", "A. ", "Doe, ", "and ", "Aa ", "et al ", "van ", ";", "'", "(1", "A.-"]
)
def test_no_list_takes_long(piece: str) -> None:
    split_names(piece * 20_000)
