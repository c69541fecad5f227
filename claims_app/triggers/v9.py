"""Version 9 of the triggers: what a search finds follows each write, however a row is written.

- On each database, a record whose document changes is put into `search_pending`. This program writes the document
  before it commits (`models.search_index`); what others wrote waits there. Entries are only appended, so nobody waits.
- On SQLite, the FTS5 tables follow the tables of the documents, whose words they do not keep.
"""

from claims_app.triggers import v6, v8
from claims_app.triggers.trigger import Trigger

_OF_LIMITATION = (
    "COALESCE({row}.claim_id, (SELECT claim_id FROM evidence_items WHERE id = {row}.evidence_id))"
)

_CLAIMS: dict[str, tuple[str, str]] = {
    "claims": ("{row}.id", "statement, population, exposure, comparator, outcome, origin_quote"),
    "evidence_items": ("{row}.claim_id", "claim_id, summary, quote, outcome, review_state"),
    "limitations": (_OF_LIMITATION, "claim_id, evidence_id, text, quote, review_state"),
    "claim_topics": ("{row}.claim_id", "claim_id, topic_id"),
}
"""The tables with texts of claims: the claim of a row, and the columns that matter."""

_STUDIES: dict[str, tuple[str, str]] = {
    "studies": ("{row}.id", "title, authors, journal, year, doi, pmid, pmcid, registry_id"),
    "study_texts": ("{row}.study_id", "study_id, label, content"),
}


def queued(kind: str, numbers: str, by_program: str = ":by_program") -> str:
    """Return the statement that puts records into the queue; `numbers` is a query for their numbers."""
    return (
        "INSERT INTO search_pending (kind, record_id, by_program)\n"
        f"  SELECT '{kind}', number, {by_program} FROM ({numbers}) AS touched WHERE number IS NOT NULL"
    )


def _queueing(kind: str, table: str, record: str, columns: str) -> tuple[Trigger, ...]:
    new, old = (f"SELECT {record.format(row=row)} AS number" for row in ("NEW", "OLD"))
    return (
        Trigger(f"new_{table}_are_indexed", table, "AFTER INSERT", action=queued(kind, new)),
        Trigger(
            f"changed_{table}_are_indexed",
            table,
            f"AFTER UPDATE OF {columns}",
            action=queued(kind, f"{old} UNION {new}"),
        ),
        Trigger(f"deleted_{table}_are_not_indexed", table, "AFTER DELETE", action=queued(kind, old)),
    )


def _followed(documents: str, fts: str, key: str, *columns: str) -> tuple[Trigger, ...]:
    new, old = (", ".join(f"{row}.{name}" for name in (key, *columns)) for row in ("NEW", "OLD"))
    names = ", ".join(("rowid", *columns))
    add = f"INSERT INTO {fts} ({names}) VALUES ({new})"
    # FTS5 has to be given the words that it is to forget.
    forget = f"INSERT INTO {fts} ({fts}, {names}) VALUES ('delete', {old})"
    return tuple(
        Trigger(f"{fts}_follows_{name}", documents, f"AFTER {event}", action=action, only_on_sqlite=True)
        for name, event, action in (
            ("insert", "INSERT", add),
            ("update", "UPDATE", f"{forget};\n  {add}"),
            ("delete", "DELETE", forget),
        )
    )


SEARCH: tuple[Trigger, ...] = (
    *(
        one
        for table, (record, columns) in _CLAIMS.items()
        for one in _queueing("claim", table, record, columns)
    ),
    *(
        one
        for table, (record, columns) in _STUDIES.items()
        for one in _queueing("study", table, record, columns)
    ),
    Trigger(
        "renamed_topics_are_indexed",
        "topics",
        "AFTER UPDATE OF name",
        action=queued("claim", "SELECT claim_id AS number FROM claim_topics WHERE topic_id = NEW.id"),
    ),
    *_followed("claim_documents", "claim_search", "claim_id", "statement", "own"),
    *_followed("study_documents", "study_search", "study_id", "words"),
    # Documents of what another program wrote are written later than that.
    *v6.moving("claim_documents"),
    *v6.moving("study_documents"),
)

TRIGGERS = v8.TRIGGERS.with_rules(*SEARCH)
TABLES = tuple({trigger.table: None for trigger in SEARCH})
"""The tables whose triggers differ from those of the version before."""
