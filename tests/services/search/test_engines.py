"""Both databases find the same records, in the same tiers, as a plain search of the texts does."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_app.database import Database, WriteSession
from claims_app.models.search import upsert
from claims_app.models.search_index import written
from claims_app.rules.search.documents import Part, part_of
from claims_app.rules.search.query import Term, parse
from claims_app.services.search import matching_claims, matching_studies
from tests.conftest import BY_TEST, copied
from tests.support.databases import Templates, opened

WORDS = (
    *(
        "pain",
        "pains",
        "mouse",
        "mice",
        "Müller",
        "anti-CCP",
        "anticcp",
        "IL-6",
        "il6",
        "5-HT",
        "inflammation",
    ),
    *(
        "inflamed",
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "the",
        "of",
        "a",
        "新冠疫苗",
        "疫苗",
        "한국",
        "½",
        "0.05",
        "CO₂",
        "x_y",
    ),
)
SIGNS = (
    '"',
    "*",
    "-",
    "(",
    ")",
    ":",
    "^",
    "+",
    "'",
    "&",
    "|",
    "!",
    "<->",
    "\\",
    "%",
    ";",
    "“",
    "’",
    "\u00ad",
)
TEXT = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=7).map(" ".join)
TEXT |= st.lists(st.sampled_from(WORDS[:4]), min_size=2, max_size=5).map(" ".join)
FEW = st.sampled_from(WORDS[:4])
PHRASE = st.lists(FEW, min_size=2, max_size=3).map(lambda words: f'"{" ".join(words)}"')
BEGINNING = FEW.map(lambda word: f"{word[:3]}*")
TYPED = st.lists(st.sampled_from(WORDS) | st.sampled_from(SIGNS) | st.text(max_size=4), max_size=7)
TYPED |= st.lists(PHRASE | PHRASE.map("-{}".format) | BEGINNING | FEW, min_size=1, max_size=2)


@pytest.fixture(scope="module")
def both(templates: Templates) -> Iterator[tuple[Database, ...]]:
    """An empty database of each kind."""
    with ExitStack() as stack:
        yield tuple(
            stack.enter_context(opened(stack.enter_context(copied(templates, kind, "schema"))))
            for kind in ("sqlite", "postgresql")
        )


@contextmanager
def _indexed(
    database: Database, claims: list[list[Part]], studies: list[list[Part]]
) -> Iterator[WriteSession]:
    """Yield a session on a database with only these documents, of claims and studies from 1 on."""
    with database.writing(BY_TEST) as session:
        for kind, documents in (("claim", claims), ("study", studies)):
            rows = [
                written(kind, n, parts, database.engine.dialect.name) for n, parts in enumerate(documents, 1)
            ]
            if rows:
                session.execute(upsert(kind, database.engine.dialect.name), rows)
        yield session
        session.rollback()


def _has(parts: list[Part], term: Term) -> bool:
    return any(part.has(way) for part in parts for way in term.ways)


def _plain(typed: str, documents: list[list[Part]]) -> list[list[int]]:
    """Return the tiers in which a plain search finds documents whose first part is the statement."""
    query = parse(typed)
    tiers: list[list[int]] = [[], [], []]
    for number, parts in enumerate(documents, 1):
        if not query.terms or any(_has(parts, term) for term in query.without):
            continue
        if all(_has(parts[:1], term) for term in query.terms):
            tiers[0 if query.in_order and _has(parts[:1], query.in_order) else 1].append(number)
        elif all(_has(parts, term) for term in query.terms):
            tiers[2].append(number)
    return tiers


@settings(max_examples=60)
@given(
    st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4),
    st.tuples(st.sampled_from([" ", " ", ""]), TYPED).map(lambda drawn: drawn[0].join(drawn[1])),
)
def test_both_databases_find_what_a_plain_search_finds(
    both: tuple[Database, ...], texts: list[tuple[str, str]], typed: str
) -> None:
    claims = [[part_of([statement]), part_of([own, statement[:3]])] for statement, own in texts]
    studies = [[part_of([*both_texts])] for both_texts in texts]
    for database in both:
        with _indexed(database, claims, studies) as session:
            if parse(typed).terms or not parse(typed):
                assert [list(tier) for tier in matching_claims(session, typed)] == [
                    *_plain(typed, claims),
                    [],
                ]
                wanted = _plain(typed, studies)[:2]
                assert [list(tier) for tier in matching_studies(session, typed)] == wanted
            else:
                matching_claims(session, typed)
                matching_studies(session, typed)
