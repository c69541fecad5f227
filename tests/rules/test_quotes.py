"""Quotes: exact matches, context, and hints for near matches."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from claims_app.rules import typography
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


SCANNED = (
    "Fibro\N{SOFT HYPHEN}myalgia patients had the ﬁrst sign. By Müller’s test p < 0.05 at −5 °C in anti‑satellite "
    "cells, fibro-\nmyalgia and anti-\nbodies, CO₂ at 10⁻⁵ M, “more”\N{NO-BREAK SPACE}or  less."
)


@pytest.mark.parametrize(
    ("quote", "printed"),
    [
        ("Fibromyalgia patients", "Fibro\N{SOFT HYPHEN}myalgia patients"),
        ("the first sign", "the ﬁrst sign"),
        ("By Müller's test", "By Müller’s test"),
        ("By Mu\N{COMBINING DIAERESIS}ller's test", "By Müller’s test"),
        ("at -5 °C", "at −5 °C"),
        ("anti-satellite cells", "anti‑satellite cells"),
        ("fibromyalgia and antibodies", "fibro-\nmyalgia and anti-\nbodies"),
        ("and anti-bodies", "and anti-\nbodies"),
        ("CO2 at 10-5 M", "CO₂ at 10⁻⁵ M"),
        ('"more" or less', "“more”\N{NO-BREAK SPACE}or  less"),
        ("fi\N{ZERO WIDTH SPACE}rst sig\N{SOFT HYPHEN}n", "ﬁrst sign"),
        ("at −5\n°C", "at −5 °C"),
    ],
)
def test_typography_makes_no_difference(quote: str, printed: str) -> None:
    place = typography.find(quote, SCANNED)
    assert place is not None
    assert SCANNED[slice(*place)] == printed
    assert Quote(quote).looks_as_in(SCANNED)
    assert not Quote(quote).is_in(SCANNED)


@pytest.mark.parametrize(
    "quote",
    ["By Muller's test", "the First sign", "at 5 °C", "antisatellite", "p > 0.05", "\N{SOFT HYPHEN}"],
)
def test_other_letters_signs_and_words_make_a_difference(quote: str) -> None:
    assert typography.find(quote, SCANNED) is None


def test_a_quote_from_a_scanned_line_is_in_the_text_without_the_line_end() -> None:
    assert Quote("fibro-\nmyalgia and anti-\nsatellite").looks_as_in(
        "In fibromyalgia and anti-satellite cells."
    )


def test_the_context_of_a_quote_with_other_typography_is_that_of_the_text() -> None:
    quote = with_context(Quote("the first sign"), SCANNED)
    assert quote.prefix == "Fibro\N{SOFT HYPHEN}myalgia patients had "
    assert (quote.suffix or "").startswith(". By Müller’s test")
    assert quote.looks_as_in(SCANNED)


@given(st.text(max_size=60), st.text(min_size=1, max_size=20), st.text(max_size=60))
def test_every_passage_looks_as_it_is(before: str, passage: str, after: str) -> None:
    text = before + passage + after
    # A blank or an invisible sign alone looks like nothing, and a mark changes the letter before it.
    assume(passage.strip() and typography.appearance(passage)[0].strip(" \0"))
    assume(not unicodedata.combining(typography.appearance(after)[0][:1] or " "))
    assert typography.find(passage, text) is not None


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
