"""What people type into a search box, the words of texts, and the marks in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.search import marking, tokens
from claims_app.rules.search.documents import part_of
from claims_app.rules.search.marking import Piece, excerpt, marked
from claims_app.rules.search.query import SearchQuery, parse
from claims_app.rules.text import folded
from claims_app.rules.words import stem

SOME = ("pain", "Müller", "IL-6", "mice", "新冠疫苗", " ", "-", "½", "u\u0308")
TEXT = st.lists(st.sampled_from(SOME) | st.text(max_size=5), max_size=9).map(" ".join)


def finds(typed: str, *texts: str) -> bool:
    query, part = parse(typed), part_of(texts)
    return all(any(map(part.has, term.ways)) for term in query.terms) and not any(
        part.has(way) for term in query.without for way in term.ways
    )


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("muller", "Müller’s sign"),
        ("MÜLLER", "Mu\u0308ller"),
        ("antibody", "Antibodies of patients"),
        ("mouse", "in mice"),
        ("inflammat*", "Inflammation of the skin"),
        ("antibodies*", "one antibody"),
        ('"skin pain"', "Skin pains"),
        ("anti-CCP", "anti-CCP antibodies"),
        ("antiCCP", "anti-CCP antibodies"),
        ("IL6", "levels of IL‑6"),
        ("IL-6", "IL6 levels"),
        ("5-HT", "5-HT receptors"),
        ("0.05", "p < 0.05"),
        ("疫苗", "新冠疫苗接种"),
        ("한국", "한국에서"),
        ("mice AND pain", "pain and mice"),
        ("pain -mouse", "pain in rats"),
        ('unbalanced "quote', "a quote, unbalanced"),
        ("treatment of pain", "pain treatment"),
    ],
)
def test_words_find_texts_in_other_forms(typed: str, text: str) -> None:
    assert finds(typed, text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ('"pain skin"', "Skin pain"),
        ("pain -mouse", "pain in mice"),
        ('pain -"in mice"', "pain in mice"),
        ("mice OR pain", "mice"),
        ("疫苗", "苗疫"),
        ("inflammatory*", "inflammation"),
        ("IL-6", "IL-10 and 6"),
    ],
)
def test_words_do_not_find_other_texts(typed: str, text: str) -> None:
    assert not finds(typed, text)


def test_no_phrase_goes_from_one_text_to_the_next() -> None:
    assert finds('"skin pain"', "skin pain")
    assert not finds('"skin pain"', "skin", "pain")


@pytest.mark.parametrize("typed", ["", "???", '""', "- -", "*", "_"])
def test_without_a_letter_or_digit_nothing_is_sought(typed: str) -> None:
    assert not parse(typed)


def test_common_words_count_in_phrases_or_alone() -> None:
    assert [term.stems for term in parse("pain of the skin").terms] == [("pain",), ("skin",)]
    assert [term.stems for term in parse('"of the skin"').terms] == [("of", "the", "skin")]
    assert [term.stems for term in parse("the").terms] == [("the",)]


@given(TEXT)
def test_folding_fast_is_folding(text: str) -> None:
    assert tokens.folded(text) == folded(text)


@given(TEXT)
def test_a_word_that_ends_in_a_digit_is_its_own_stem(text: str) -> None:
    for word in tokens.words(text):
        assert tokens.search_stem(f"{word}7") == stem(f"{word}7")


@given(TEXT)
def test_hyphenated_words_are_found_piece_by_piece(text: str) -> None:
    plain = tokens.folded(text)
    whole = [match[0] for match in tokens._HYPHENATED.finditer(plain)]
    assert list(tokens.in_one_piece(plain)) == ["".join(tokens.words_of_folded(one)) for one in whole]


@given(TEXT)
def test_words_with_places_are_the_words(text: str) -> None:
    assert [word.form for word in tokens.placed_words(text)] == tokens.words(text)


@given(TEXT, TEXT)
def test_the_pieces_add_up_to_the_text(text: str, typed: str) -> None:
    pieces = marked(text, parse(typed))
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)


@given(TEXT, TEXT)
def test_what_finds_a_text_is_marked_in_it(text: str, typed: str) -> None:
    part = part_of([text])
    for term in parse(typed).terms:
        is_found = any(map(part.has, term.ways))
        assert any(piece.is_match for piece in marked(text, SearchQuery((term,)))) == is_found


def test_an_excerpt_is_short_and_holds_the_match() -> None:
    pieces = excerpt("word " * 100 + "the Antibodies of mice " + "more " * 100, parse('"antibody of mouse"'))
    assert pieces is not None
    assert Piece("Antibodies of mice", True) in pieces
    assert len("".join(piece.text for piece in pieces)) < marking.EXCERPT + 5
    assert excerpt("nothing of it", parse("antibody")) is None
