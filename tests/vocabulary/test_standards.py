"""Our terms are mapped to codes that exist, or there is a reason why not."""

import json
from pathlib import Path

import pytest

from claims_app.formats.linked.terms import PUBLISHED
from claims_app.vocabulary import standards
from claims_app.vocabulary.standards import MAPPED, Code, Mapped, NoCode, ratings_of_move

CODES: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parent / "published" / "codes.json").read_text()
)
SINGLE = [
    *(getattr(standards, name) for name in dir(standards) if isinstance(getattr(standards, name), Code)),
    *standards.VARIABLE_ROLES.values(),
    *(code for move in range(-3, 3) for code in ratings_of_move(move)),
]


@pytest.mark.parametrize("mapped", MAPPED, ids=lambda one: f"{one.terms.__name__} in {one.system.name}")
def test_each_term_has_a_published_code_or_a_reason(mapped: Mapped) -> None:
    assert set(mapped.codes) == set(mapped.terms)
    for found in mapped.codes.values():
        if isinstance(found, NoCode):
            assert found.reason.endswith(".")
        else:
            assert found.system is mapped.system
            assert CODES[found.system][found.code].strip() == found.display


@pytest.mark.parametrize("code", SINGLE, ids=lambda code: code.code)
def test_each_other_code_is_published(code: Code) -> None:
    assert CODES[code.system][code.code] == code.display


def test_an_exact_match_is_the_code_of_one_term_only() -> None:
    for mapped in MAPPED:
        exact = [
            code.code
            for code in mapped.codes.values()
            if isinstance(code, Code) and code.match.name == "EXACT"
        ]
        assert len(exact) == len(set(exact)), mapped.terms


def test_each_mapped_list_is_published() -> None:
    assert {mapped.terms for mapped in MAPPED} <= set(PUBLISHED)
