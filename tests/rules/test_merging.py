"""The default choices in a merge, and the likeness of two sentences."""

import pytest

from claims_app.rules import schemas
from claims_app.rules.merging import likeness, parts_of, taken_by_default
from claims_app.vocabulary import Stays


def test_every_field_belongs_to_one_group_except_lists_of_names() -> None:
    for schema in (schemas.CLAIM, schemas.STUDY):
        fields = [name for part in parts_of(schema) for name in part.fields]
        assert sorted(fields) == sorted(field.name for field in schema.fields if field.name != "topics")


@pytest.mark.parametrize(
    ("kept", "merged", "taken"),
    [
        ({"standing": "corrected"}, {"standing": "retracted"}, Stays.KEPT),
        ({"standing": "current"}, {"standing": "retracted"}, Stays.MERGED),
        ({"standing": "current", "standing_date": "2021-01-01"}, {"standing": "retracted"}, Stays.KEPT),
        ({"standing": "retracted"}, {"standing": "current"}, Stays.KEPT),
    ],
)
def test_the_kept_value_is_the_default_unless_it_is_empty(
    kept: dict[str, str], merged: dict[str, str], taken: Stays
) -> None:
    part = next(part for part in parts_of(schemas.STUDY) if part.name == "standing")
    assert taken_by_default(part, kept, merged) is taken


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Serum IgG moves pain to mice", "serum igg moves PAIN to mice.", 1.0),
        ("Serum moves pain", "Fatigue is common", 0.0),
        ("Serum moves pain", "Serum moves fatigue", 0.5),
        ("", "Serum", 0.0),
    ],
)
def test_likeness_is_the_share_of_common_words(first: str, second: str, expected: float) -> None:
    assert likeness(first, second) == expected
