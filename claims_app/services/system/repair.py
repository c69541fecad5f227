"""Makes again what the program derives from the records, and keeps: nothing that a person entered changes.

The triggers and the unit of work keep it true. A repair is for what happened without them, such as rows that another
program wrote while the triggers were off.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import delete, func, select, text

from claims_app.database import Change, Database
from claims_app.models import Claim, facet_snapshots, search_index
from claims_app.models.levels import lock_claims
from claims_app.services.browsing.index import Index
from claims_app.services.deduplication import kept_pairs, study_matching
from claims_app.services.search import documents
from claims_app.triggers import filled, v7
from claims_app.vocabulary import Via

CHANGE = Change(via=Via.COMMAND, summary="Made derived data again.")
_AT_ONCE = 5_000
"""How many records are made again in one transaction, so that others do not wait long."""


@dataclass(frozen=True)
class Repair:
    """One kind of derived data: its name, how much there is, and the function that makes it again in parts."""

    label: str
    size: Callable[[Database], int]
    parts: Callable[[Database], Iterator[int]]
    """Yields the number of records of each part that is done."""


def run(database: Database) -> None:
    """Make everything again."""
    for repair in REPAIRS:
        for _ in repair.parts(database):
            pass


def _last_claim(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.max(Claim.id))) or 0


def _summaries(database: Database) -> Iterator[int]:
    """Count the evidence and limitations of all claims again."""
    dialect = database.engine.dialect.name
    for begin in range(0, _last_claim(database) + 1, _AT_ONCE):
        part = f"BETWEEN {begin} AND {begin + _AT_ONCE - 1}"
        with database.writing(CHANGE) as session:
            numbers = session.scalars(select(Claim.id).where(Claim.id.between(begin, begin + _AT_ONCE - 1)))
            # What others write about a claim meanwhile is counted by them, afterwards.
            lock_claims(session, numbers)
            # Those of deleted claims stay: they show that the claim changed.
            session.execute(text(filled(v7.added(f"SELECT id FROM claims WHERE id {part}"), dialect)))  # nosec B608 - only names of our own schema
            session.execute(text(filled(v7.recounted(part), dialect)))
        yield _AT_ONCE


def _facets(database: Database) -> Iterator[int]:
    """Build the index of facets again, and save it: a program that starts without it would build it first."""
    with database.writing(CHANGE) as session:
        session.execute(delete(facet_snapshots))
    with database.reading() as session:
        Index().state(session, database)
    yield _last_claim(database)


def _keys(database: Database) -> Iterator[int]:
    """Compute the missing search keys of studies."""
    with database.reading() as session:
        parts = list(study_matching.numbers_to_fill(session))
    for numbers in parts:
        with database.writing(CHANGE) as session:
            study_matching.fill_missing(session, numbers)
        yield len(numbers)


def _missing_keys(database: Database) -> int:
    with database.reading() as session:
        return study_matching.count_missing(session)


def _pairs(database: Database) -> Iterator[int]:
    """Compare all studies that may be duplicates again."""
    with database.writing(CHANGE) as session:
        kept_pairs.note_all(session)
    more = True
    while more:
        with database.writing(CHANGE) as session:
            more = kept_pairs.complete(session)
        yield kept_pairs.AT_ONCE


def _noted_keys(database: Database) -> int:
    with database.reading() as session:
        return kept_pairs.count_keys(session)


def _documents(database: Database) -> Iterator[int]:
    """Write the documents that a search finds records by: what waits in the queue, then those that are wrong."""
    yield from index_waiting(database)
    for kind in search_index.KINDS:
        last = 0
        while True:
            with database.writing(CHANGE) as session:
                numbers = documents.numbers_after(session, kind, last)
                if wrong := documents.wrong(session, kind, numbers):
                    search_index.index(session, kind, wrong)
            if not numbers:
                break
            yield len(numbers)
            last = numbers[-1]


def _number_of_documents(database: Database) -> int:
    with database.reading() as session:
        return documents.count_waiting(session) + documents.count_records(session)


def index_waiting(database: Database) -> Iterator[int]:
    """Index what waits in the queue, in short transactions; yield the number of entries of each."""
    while True:
        with database.writing(CHANGE) as session:
            done = search_index.index_queued(session, _AT_ONCE)
        if not done:
            return
        yield done


NOT_IN_BACKUPS: tuple[Repair, ...] = (
    Repair("search index", _number_of_documents, _documents),
    Repair("summaries of claims", _last_claim, _summaries),
    Repair("index of facets", _last_claim, _facets),
)
"""What a restored backup lacks, since it differs between SQLite and PostgreSQL."""

REPAIRS: tuple[Repair, ...] = (
    *NOT_IN_BACKUPS,
    Repair("search keys of studies", _missing_keys, _keys),
    Repair("possible duplicates", _noted_keys, _pairs),
)
