"""Mentions of users in a text."""

import pytest

from claims_app.rules.mentions import MOST, MentionPart, names_in, parts_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ada look", ["ada"]),
        ("see\n@Ada", ["ada"]),
        ("(@ada)", ["ada"]),
        ("Thanks, @ada.", ["ada.", "ada"]),
        ("@ada@example.org", ["ada@example.org"]),
        ("write to ada@example.org", []),
        ("https://social.example/@ada", []),
        ("@ ada", []),
    ],
)
def test_a_mention_starts_a_word(text: str, names: list[str]) -> None:
    assert names_in(text) == names


def test_the_number_of_mentions_is_limited() -> None:
    assert len(names_in(" ".join(f"@user{number}" for number in range(MOST + 5)))) == MOST


def test_only_existing_accounts_are_marked() -> None:
    parts = list(parts_of("@ada. and @bob", {"ada"}))
    assert parts == [MentionPart("@ada", "ada"), MentionPart(". and @bob")]


def test_the_longest_existing_name_is_mentioned() -> None:
    assert next(iter(parts_of("@ada. so", {"ada", "ada."}))) == MentionPart("@ada.", "ada.")


@pytest.mark.parametrize("text", ["", "plain", "@ada", "a @ada b @ada, c", "\n@ada\n"])
def test_the_parts_make_up_the_text(text: str) -> None:
    assert "".join(part.text for part in parts_of(text, {"ada"})) == text
