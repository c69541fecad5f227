"""The full-text search of each database: expressions for what is sought, and the numbers of what has it."""

from itertools import chain
from typing import Any

from pyroaring import BitMap
from sqlalchemy.orm import Session

from claims_app.models.search import documents_of
from claims_app.models.search_index import Kind
from claims_app.rules.search.query import Sought, Term

_FTS = {"claim": "claim_search", "study": "study_search"}
_LISTED = "review_state <> 'rejected'"


def expression(term: Term, dialect: str) -> str:
    """Return the expression for `term` in the language of a database. Words have no signs to escape."""
    way = _fts if dialect == "sqlite" else _tsquery
    return (" OR " if dialect == "sqlite" else " | ").join(map(way, term.ways))


def _fts(sought: Sought) -> str:
    return f'"{" ".join(sought.words)}"' + (" *" if sought.is_beginning else "")


def _tsquery(sought: Sought) -> str:
    return " <-> ".join(f"'{word}'" for word in sought.words) + (":*" if sought.is_beginning else "")


def having(session: Session, kind: Kind, column: str, term: Term) -> BitMap:
    """Return the numbers of the claims or studies that have `term` in a column of their documents."""
    dialect = session.get_bind().dialect.name
    return _numbers(session, _having(kind, column, dialect), _parameters(column, term, dialect))


def with_studies_having(session: Session, term: Term) -> BitMap:
    """Return the numbers of the claims to which a study with `term` speaks, through listed evidence."""
    dialect = session.get_bind().dialect.name
    query = (
        f"SELECT DISTINCT claim_id FROM evidence_items WHERE {_LISTED} "  # nosec B608 - only names of our own schema
        f"AND study_id IN ({_having('study', 'words', dialect)})"
    )
    return _numbers(session, query, _parameters("words", term, dialect))


def _having(kind: Kind, column: str, dialect: str) -> str:
    if dialect == "sqlite":
        return f"SELECT rowid FROM {_FTS[kind]} WHERE {_FTS[kind]} MATCH ?"  # nosec B608 - only names of our own schema
    return f"SELECT {kind}_id FROM {documents_of(kind).name} WHERE {column} @@ CAST(%s AS tsquery)"  # nosec B608 - only names of our own schema


def _parameters(column: str, term: Term, dialect: str) -> tuple[str]:
    written = expression(term, dialect)
    return (f"{column} : ({written})",) if dialect == "sqlite" else (written,)


def _numbers(session: Session, query: str, parameters: tuple[Any, ...]) -> BitMap:
    # Rows of SQLAlchemy would take most of the time.
    with session.connection().exec_driver_sql(query, parameters) as result:
        return BitMap(chain.from_iterable(result.cursor.fetchall()))
