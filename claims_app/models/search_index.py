"""Makes the documents that a search finds records by, and writes them before each commit.

Triggers put each record whose document changes into `search_pending`, however it is written. What this program changes,
it indexes in the same transaction. What another program changed waits there for the next write; until then, a search
reads these few records themselves (see `services.search`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Literal

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models.claim import Claim
from claims_app.models.evidence import EvidenceItem, Limitation
from claims_app.models.search import documents_of, search_pending, upsert
from claims_app.models.study import ABSTRACT, Study, StudyText
from claims_app.models.topic import Topic, claim_topics
from claims_app.rules.overlap import without_orcid
from claims_app.rules.search.documents import Part, part_of
from claims_app.vocabulary import ReviewState

Kind = Literal["claim", "study"]
KINDS: tuple[Kind, ...] = ("claim", "study")

MOST_LEFT = 500
"""How many entries that another program left in the queue are indexed along with a change."""

_AT_ONCE = 500

PECO = ("population", "exposure", "comparator", "outcome")


def index_pending(session: WriteSession) -> None:
    """Write the documents of what this transaction changed, and of some of what other programs changed."""
    index_queued(session, MOST_LEFT)


def index_queued(session: Session, most_left: int) -> int:
    """Index what the program queued, and at most `most_left` entries of others; return how many entries that were."""
    taken = [*_take(session, None), *_take(session, most_left)]
    for kind in KINDS:
        if numbers := sorted({row.record_id for row in taken if row.kind == kind}):
            index(session, kind, numbers)
    return len(taken)


def _take(session: Session, most_left: int | None) -> Sequence[Any]:
    """Remove entries from the queue, the program's own or some of others, and return them."""
    queued = select(search_pending.c.id).where(search_pending.c.by_program == (most_left is None))
    if most_left is not None:
        queued = queued.order_by(search_pending.c.id).limit(most_left)
    # An entry that another transaction has taken is indexed by that one.
    queued = queued.with_for_update(skip_locked=True)
    taken = delete(search_pending).where(search_pending.c.id.in_(queued))
    return session.execute(taken.returning(search_pending.c.kind, search_pending.c.record_id)).all()


def index(session: Session, kind: Kind, numbers: Sequence[int]) -> None:
    """Write the documents of these records, and delete those of records that do not exist."""
    table = documents_of(kind)
    [key] = table.primary_key
    dialect = session.get_bind().dialect.name
    write = upsert(kind, dialect)
    for at in range(0, len(numbers), _AT_ONCE):
        some = numbers[at : at + _AT_ONCE]
        _lock(session, kind, some)
        documents = {
            number: written(kind, number, parts, dialect)
            for number, parts in parts_of(session, kind, some).items()
        }
        if gone := [number for number in some if number not in documents]:
            session.execute(delete(table).where(key.in_(gone)))
        if documents:
            session.execute(write, list(documents.values()))


def _lock(session: Session, kind: Kind, numbers: Sequence[int]) -> None:
    """Wait for other transactions that index the same records, so that the later one sees what both changed."""
    if session.get_bind().dialect.name == "postgresql":
        model = Claim if kind == "claim" else Study
        numbered = select(model.id).where(model.id.in_(numbers)).order_by(model.id)
        session.execute(numbered.with_for_update(key_share=True))


def written(kind: Kind, number: int, parts: Sequence[Part], dialect: str) -> dict[str, Any]:
    """Return a document as the columns of its row on a database."""
    key, *names = [column.name for column in documents_of(kind).columns]
    texts = [part.as_vector if dialect == "postgresql" else part.as_text for part in parts]
    return {key: number, **dict(zip(names, texts, strict=True))}


def parts_of(session: Session, kind: Kind, numbers: Collection[int]) -> dict[int, Sequence[Part]]:
    """Return the parts of the documents of these records, by number, as they are now."""
    found = texts_of_claims(session, numbers) if kind == "claim" else texts_of_studies(session, numbers)
    return {
        number: [part_of(text for _, text in texts) for texts in parts] for number, parts in found.items()
    }


Texts = list[tuple[str, str]]
"""Texts of a record, each with the name of its place."""


def texts_of_claims(session: Session, numbers: Collection[int]) -> dict[int, tuple[Texts, Texts]]:
    """Return what claims are found by: the statement, and their other texts. Rejected parts are left out."""
    others: dict[int, Texts] = defaultdict(list)
    found: dict[int, tuple[Texts, Texts]] = {}
    for row in session.execute(_CLAIMS.where(Claim.id.in_(numbers))).mappings():
        texts: list[tuple[str, Any]] = [(place.capitalize(), row[place]) for place in PECO]
        texts.append(("Source", row["origin_quote"]))
        others[row["id"]] += [(place, text) for place, text in texts if text]
        found[row["id"]] = ([("Statement", row["statement"])], others[row["id"]])
    for number, place, *more in _more_texts(session, list(found)):
        others[number].extend((place, text) for text in more if text)
    return found


def texts_of_studies(session: Session, numbers: Collection[int]) -> dict[int, tuple[Texts]]:
    """Return what studies are found by. Of their stored texts, only abstracts may be shown, and so found."""
    found: dict[int, tuple[Texts]] = {}
    for row in session.execute(_STUDIES.where(Study.id.in_(numbers))):
        authors = [without_orcid(author) for author in (row.authors or "").split("\n")]
        texts: list[tuple[str, str | None]] = [("Title", row.title)]
        texts += [("Authors", author) for author in authors]
        texts += [("Journal", row.journal), ("Year", str(row.year) if row.year else "")]
        texts += [("Identifier", one) for one in (row.doi, row.pmid, row.pmcid, row.registry_id)]
        found[row.id] = ([(place, given) for place, given in texts if given],)
    for number, text in session.execute(_ABSTRACTS.where(StudyText.study_id.in_(numbers))):
        if number in found:
            found[number][0].append(("Abstract", text or ""))
    return found


_CLAIMS = select(
    Claim.id,
    Claim.statement,
    Claim.population,
    Claim.exposure,
    Claim.comparator,
    Claim.outcome,
    Claim.origin_quote,
)
_STUDIES = select(
    Study.id,
    Study.title,
    Study.authors,
    Study.journal,
    Study.year,
    Study.doi,
    Study.pmid,
    Study.pmcid,
    Study.registry_id,
)
_ABSTRACTS: Select[*tuple[Any, ...]] = (
    select(StudyText.study_id, StudyText.content)
    .where(func.lower(StudyText.label) == ABSTRACT, StudyText.content.is_not(None))
    .order_by(StudyText.id)
)
_TOPICS: Select[*tuple[Any, ...]] = (
    select(claim_topics.c.claim_id, Topic.name)
    .join(Topic, Topic.id == claim_topics.c.topic_id)
    .order_by(Topic.name)
)
_EVIDENCE: Select[*tuple[Any, ...]] = (
    select(EvidenceItem.claim_id, EvidenceItem.summary, EvidenceItem.quote, EvidenceItem.outcome)
    .where(EvidenceItem.review_state != ReviewState.REJECTED)
    .order_by(EvidenceItem.id)
)
_LIMITATIONS: Select[*tuple[Any, ...]] = (
    select(Limitation.claim_id, Limitation.text, Limitation.quote)
    .where(Limitation.review_state != ReviewState.REJECTED)
    .order_by(Limitation.id)
)
_LIMITATIONS_OF_EVIDENCE: Select[*tuple[Any, ...]] = (
    select(EvidenceItem.claim_id, Limitation.text, Limitation.quote)
    .join(Limitation, Limitation.evidence_id == EvidenceItem.id)
    .where(Limitation.review_state != ReviewState.REJECTED, EvidenceItem.review_state != ReviewState.REJECTED)
    .order_by(Limitation.id)
)


def _more_texts(session: Session, numbers: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Yield texts of claims that other tables have: the number, the place, and the texts."""
    queries: list[tuple[str, Select[*tuple[Any, ...]]]] = [
        ("Topic", _TOPICS.where(claim_topics.c.claim_id.in_(numbers))),
        ("Evidence", _EVIDENCE.where(EvidenceItem.claim_id.in_(numbers))),
        ("Limitation", _LIMITATIONS.where(Limitation.claim_id.in_(numbers))),
        ("Limitation", _LIMITATIONS_OF_EVIDENCE.where(EvidenceItem.claim_id.in_(numbers))),
    ]
    for place, query in queries:
        for number, *texts in session.execute(query):
            yield (number, place, *texts)


def queued(session: Session, most: int) -> dict[str, list[int]]:
    """Return the records in the queue that a reader sees, by kind; at most `most` entries, the newest."""
    newest = (
        select(search_pending.c.kind, search_pending.c.record_id)
        .order_by(search_pending.c.id.desc())
        .limit(most)
    )
    found: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for kind, number in session.execute(newest):
        found[kind].append(number)
    return found
