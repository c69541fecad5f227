"""Ranking claims for a paper, and marking their words in it."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules import ranking

WORDS = st.sampled_from(["mouse", "pain", "serum", "igg", "sleep", "fatigue", "glia"])
CLAIMS = st.dictionaries(st.integers(1, 50), st.lists(WORDS, max_size=12), max_size=12)
PAPERS = st.dictionaries(WORDS, st.integers(1, 9), max_size=7)
FREQUENCIES = st.dictionaries(WORDS, st.integers(0, 100))


def test_a_rare_word_counts_more_than_a_frequent_one() -> None:
    ranked = ranking.rank({"igg": 1, "pain": 1}, {1: ["pain"], 2: ["igg"]}, {"pain": 90, "igg": 2}, 100)
    assert [found.number for found in ranked] == [2, 1]


def test_the_shorter_of_two_claims_with_the_same_word_comes_first() -> None:
    ranked = ranking.rank({"igg": 1}, {1: ["igg", "pain", "sleep"], 2: ["igg"]}, {}, 100)
    assert [found.number for found in ranked] == [2, 1]


@given(PAPERS, CLAIMS, FREQUENCIES, st.integers(0, 100), st.randoms())
def test_a_score_depends_neither_on_the_order_nor_on_other_claims(
    paper: dict[str, int],
    claims: dict[int, list[str]],
    frequencies: dict[str, int],
    total: int,
    random: Random,
) -> None:
    ranked = ranking.rank(paper, claims, frequencies, total, limit=100)
    shuffled = list(claims.items())
    random.shuffle(shuffled)
    assert ranking.rank(paper, dict(shuffled), frequencies, total, limit=100) == ranked
    assert [found.score for found in ranked] == sorted((found.score for found in ranked), reverse=True)
    for found in ranked:
        assert found.score > 0
        assert set(found.shared) == set(paper) & set(claims[found.number])
        alone = {found.number: claims[found.number]}
        assert ranking.rank(paper, alone, frequencies, total) == [found]


@given(PAPERS, CLAIMS, FREQUENCIES, WORDS)
def test_another_shared_word_never_makes_a_claim_less_likely(
    paper: dict[str, int], claims: dict[int, list[str]], frequencies: dict[str, int], word: str
) -> None:
    before = {found.number: found.score for found in ranking.rank(paper, claims, frequencies, 100, 100)}
    more = {**paper, word: paper.get(word, 0) + 1}
    after = {found.number: found.score for found in ranking.rank(more, claims, frequencies, 100, 100)}
    assert all(after[number] >= score for number, score in before.items())


@given(st.text() | st.lists(WORDS | st.sampled_from([" ", "<b>", "é", "s"])).map("".join), st.sets(WORDS))
def test_the_pieces_of_a_marked_text_are_the_text(text: str, wanted: set[str]) -> None:
    pieces = ranking.marked(text, wanted)
    assert "".join(piece for piece, _ in pieces) == text
    assert all(piece for piece, _ in pieces)
    assert all(set(ranking.terms(piece)) & wanted for piece, found in pieces if found)


def test_terms_are_stems_without_numbers_single_letters_and_stop_words() -> None:
    assert ranking.terms("The results of 12 antibodies in a mouse, with X and IL6") == [
        "antibodi",
        "mous",
        "il6",
    ]


def test_words_are_marked_in_any_form() -> None:
    assert ranking.marked("Sensitised mice", ranking.terms("sensitisation")) == [
        ("Sensitised", True),
        (" mice", False),
    ]
    assert ranking.marked("Mice: IgG-binding, patients'", ranking.terms("igg patient")) == [
        ("Mice: ", False),
        ("IgG", True),
        ("-binding, ", False),
        ("patients", True),
        ("'", False),
    ]
