"""Quotes: exact matches, context, and hints for near matches."""

from hypothesis import assume, given
from hypothesis import strategies as st

from claims_app.rules.quotes import Quote, near_match, with_context

TEXT = "The study also noted “sensitivity to pressure” in animals.\nIt also noted reduced pain thresholds."


def test_a_quote_is_a_substring_character_by_character() -> None:
    assert Quote("sensitivity to pressure").is_in(TEXT)
    assert not Quote("Sensitivity to pressure").is_in(TEXT)
    assert not Quote('"sensitivity to pressure"').is_in(TEXT)


def test_the_context_distinguishes_two_places() -> None:
    assert Quote("also noted", prefix="It ").is_in(TEXT)
    assert not Quote("also noted", prefix="He ").is_in(TEXT)
    assert with_context(Quote("also noted", prefix="It "), TEXT).suffix == " reduced pain thresholds."


def test_context_is_cut_between_words() -> None:
    quote = with_context(Quote("in animals"), TEXT)
    assert quote.prefix == "also noted “sensitivity to pressure” "
    assert quote.suffix == ".\nIt also noted reduced pain thresholds."


def test_a_near_match_is_the_passage_of_the_text() -> None:
    assert near_match('"Sensitivity  to pressure"', TEXT) == "“sensitivity to pressure”"
    assert near_match("in animals. It also", TEXT) == "in animals.\nIt also"


def test_there_is_no_near_match_for_another_sentence_or_for_two_places() -> None:
    assert near_match("sensitivity to cold", TEXT) is None
    assert near_match("Also noted", TEXT) is None
    assert near_match("  ", TEXT) is None


@given(st.text(min_size=1, max_size=200), st.data())
def test_a_quote_with_its_context_is_in_the_text_it_was_cut_from(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assume(text[start:end])
    assert with_context(Quote(text[start:end]), text).is_in(text)


@given(st.text(max_size=60), st.text(max_size=120))
def test_a_near_match_is_always_a_passage_of_the_text(quote: str, text: str) -> None:
    found = near_match(quote, text)
    assert found is None or found in text
