"""The documents that a search finds records by, and the queue of records whose documents are to be written.

A document holds words that `rules.search` made, so that SQLite and PostgreSQL find the same. On SQLite, triggers keep
the FTS5 tables `claim_search` and `study_search`; on PostgreSQL, the columns have indexes of their own.
"""

from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from claims_app.database import Base

_WORDS = Text().with_variant(TSVECTOR(), "postgresql")


def _words(name: str, table: str, doc: str) -> tuple[Column[Any], Index]:
    index = Index(f"ix_{table}_{name}", name, postgresql_using="gin").ddl_if(dialect="postgresql")
    return Column(name, _WORDS, nullable=False, doc=doc), index


claim_documents = Table(
    "claim_documents",
    Base.metadata,
    # No foreign key: the unit of work deletes the document after the claim.
    Column("claim_id", Integer, primary_key=True, autoincrement=False),
    *_words("statement", "claim_documents", "The statement."),
    *_words("own", "claim_documents", "Its other words: PECO parts, quotes, summaries, limitations, topics."),
)

study_documents = Table(
    "study_documents",
    Base.metadata,
    Column("study_id", Integer, primary_key=True, autoincrement=False),
    *_words("words", "study_documents", "The title, authors, journal, year, identifiers and abstracts."),
)

search_pending = Table(
    "search_pending",
    Base.metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False, doc="“claim” or “study”."),
    Column("record_id", Integer, nullable=False),
    Column(
        "by_program",
        Boolean,
        nullable=False,
        doc="Whether this program writes the document before it commits.",
    ),
    Index(None, "by_program", "id"),
)
"""Triggers only append to it, so that transactions never wait for each other here."""

FTS_TABLES = ("claim_search", "study_search")
"""The full-text tables on SQLite. FTS5 keeps tables of its own beside them, whose names begin in the same way."""


def is_of_engine(name: str | None) -> bool:
    """Return whether a table belongs to the full-text engine of SQLite."""
    return name is not None and name.startswith(FTS_TABLES)


_DOCUMENTS = {"claim": claim_documents, "study": study_documents}


def upsert(kind: str, dialect: str) -> Any:
    """Return the statement that writes a document if it differs; its parameters are the columns."""
    table = _DOCUMENTS[kind]
    key, *columns = [column.name for column in table.columns]
    value = "CAST(:{} AS tsvector)" if dialect == "postgresql" else ":{}"
    return text(
        f"INSERT INTO {table.name} ({key}, {', '.join(columns)}) "  # nosec B608 - only names of our own schema
        f"VALUES (:{key}, {', '.join(value.format(name) for name in columns)}) "
        f"ON CONFLICT ({key}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns)} "
        f"WHERE {' OR '.join(f'{table.name}.{name} <> excluded.{name}' for name in columns)}"
    )


def documents_of(kind: str) -> Table:
    """Return the table with the documents of claims or of studies."""
    return _DOCUMENTS[kind]
