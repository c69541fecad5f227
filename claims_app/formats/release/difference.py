"""What changed between two releases, read from their SQLite files: no database is needed.

A later file may have more columns or tables than an earlier one; what both have is compared.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

Entries = list[dict[str, Any]]

MOST_LISTED = 500
"""How many entries of each kind a page lists."""

_TAKEN_BACK = "('retracted', 'retracted_and_replaced', 'withdrawn')"

# The appraisal that gave a claim its level: the newest of its time.
_APPRAISAL = """(SELECT {column} FROM b.appraisals AS made
      WHERE made.claim_id = new.claim_id AND made.appraised_at = new.appraised_at
      ORDER BY made.rowid DESC LIMIT 1)"""
_APPRAISED = f"""
        SELECT new.claim_id AS id, new.statement, old.evidence_level AS level_before, new.evidence_level AS level,
          old.conclusion AS conclusion_before, new.conclusion, new.level_rationale AS reason,
          {_APPRAISAL.format(column="appraisal_id")} AS appraisal, new.appraised_at,
          {_APPRAISAL.format(column="appraised_by")} AS appraised_by
        FROM b.claims AS new JOIN a.claims AS old ON old.claim_id = new.claim_id"""  # nosec B608 - only names of our own schema

_QUERIES: dict[str, str] = {
    "claims_added": """
        SELECT claim_id AS id, statement, status, evidence_level AS level, conclusion FROM b.claims AS new
        WHERE NOT EXISTS (SELECT 1 FROM a.claims AS old WHERE old.claim_id = new.claim_id) ORDER BY new.rowid""",
    "claims_removed": """
        SELECT old.claim_id AS id, statement, status, evidence_level AS level, conclusion,
          merged_into_id AS merged_into
        FROM a.claims AS old LEFT JOIN b.merges ON record_id = old.claim_id
        WHERE NOT EXISTS (SELECT 1 FROM b.claims AS new WHERE new.claim_id = old.claim_id) ORDER BY old.rowid""",
    "claims_reworded": """
        SELECT new.claim_id AS id, old.statement AS before, new.statement AS after
        FROM b.claims AS new JOIN a.claims AS old ON old.claim_id = new.claim_id
        WHERE new.statement <> old.statement ORDER BY new.rowid""",
    "levels_moved": f"""
        {_APPRAISED} WHERE new.evidence_level <> old.evidence_level ORDER BY new.rowid""",
    "conclusions_changed": f"""
        {_APPRAISED} WHERE new.conclusion IS NOT old.conclusion ORDER BY new.rowid""",
    "levels_stale": """
        SELECT new.claim_id AS id, new.statement, new.evidence_level AS level, new.conclusion
        FROM b.claims AS new JOIN a.claims AS old ON old.claim_id = new.claim_id
        WHERE new.level_state = 'stale' AND old.level_state <> 'stale' ORDER BY new.rowid""",
    "studies_retracted": f"""
        SELECT new.study_id AS id, new.title, old.standing AS before, new.standing AS after,
          new.standing_date AS date, new.standing_reason AS reason
        FROM b.studies AS new LEFT JOIN a.studies AS old ON old.study_id = new.study_id
        WHERE new.standing IN {_TAKEN_BACK} AND COALESCE(old.standing, '') NOT IN {_TAKEN_BACK}
        ORDER BY new.rowid""",  # nosec B608 - only names of our own schema
    "studies_corrected": f"""
        SELECT new.study_id AS id, new.title, old.standing AS before, new.standing AS after,
          new.standing_date AS date, new.standing_reason AS reason
        FROM b.studies AS new JOIN a.studies AS old ON old.study_id = new.study_id
        WHERE new.standing <> old.standing
          AND NOT (new.standing IN {_TAKEN_BACK} AND old.standing NOT IN {_TAKEN_BACK})
        ORDER BY new.rowid""",  # nosec B608 - only names of our own schema
    "studies_added": """
        SELECT study_id AS id, title, year, doi FROM b.studies AS new
        WHERE NOT EXISTS (SELECT 1 FROM a.studies AS old WHERE old.study_id = new.study_id) ORDER BY new.rowid""",
    "studies_removed": """
        SELECT old.study_id AS id, title, year, doi, merged_into_id AS merged_into
        FROM a.studies AS old LEFT JOIN b.merges ON record_id = old.study_id
        WHERE NOT EXISTS (SELECT 1 FROM b.studies AS new WHERE new.study_id = old.study_id) ORDER BY old.rowid""",
    "evidence_added": """
        SELECT evidence_id AS id, claim_id AS claim, study_id AS study, direction FROM b.evidence AS new
        WHERE NOT EXISTS (SELECT 1 FROM a.evidence AS old WHERE old.evidence_id = new.evidence_id)
        ORDER BY new.rowid""",
    "evidence_removed": """
        SELECT evidence_id AS id, claim_id AS claim, study_id AS study, direction FROM a.evidence AS old
        WHERE NOT EXISTS (SELECT 1 FROM b.evidence AS new WHERE new.evidence_id = old.evidence_id)
        ORDER BY old.rowid""",
    "evidence_directions": """
        SELECT new.evidence_id AS id, new.claim_id AS claim, new.study_id AS study, old.direction AS before,
          new.direction AS after
        FROM b.evidence AS new JOIN a.evidence AS old ON old.evidence_id = new.evidence_id
        WHERE new.direction <> old.direction ORDER BY new.rowid""",
}

TITLES = {
    "levels_moved": "Changed evidence levels",
    "conclusions_changed": "Changed conclusions",
    "levels_stale": "Evidence levels that became stale",
    "studies_retracted": "Retracted or withdrawn studies",
    "studies_corrected": "Studies with another new standing",
    "claims_added": "New claims",
    "claims_removed": "Removed claims",
    "claims_reworded": "Reworded claims",
    "evidence_directions": "Evidence items with a changed finding",
    "evidence_added": "New evidence items",
    "evidence_removed": "Removed evidence items",
    "studies_added": "New studies",
    "studies_removed": "Removed studies",
}
"""The kinds of changes with their titles, what matters most first."""


class NotComparable(ValueError):
    """Two files that are no releases that can be compared."""


def difference(before: Path, after: Path, most: int | None = MOST_LISTED) -> dict[str, Any]:
    """Return what changed from one SQLite file of a release to another.

    `from` and `to` are their versions, `counts` the number of changes of each kind of TITLES, and `changes` the changes
    themselves, at most `most` of each kind (None: all). `rows` has the number of rows of each table before and after.
    Raises NotComparable for other files.
    """
    try:
        with closing(sqlite3.connect("file::memory:", uri=True)) as database:
            for name, path in (("a", before), ("b", after)):
                database.execute("ATTACH ? AS " + name, (f"{path.resolve().as_uri()}?mode=ro&immutable=1",))
            return _difference(database, most)
    except sqlite3.Error as error:
        raise NotComparable(f"These are not two releases: {error}.") from error


def _difference(database: sqlite3.Connection, most: int | None) -> dict[str, Any]:
    counts, changes = {}, {}
    for kind in TITLES:
        query = _QUERIES[kind]
        if most is None:
            changes[kind] = _entries(database, query)
            counts[kind] = len(changes[kind])
            continue
        changes[kind] = _entries(database, f"{query} LIMIT {most + 1}")
        counts[kind] = len(changes[kind])
        if counts[kind] > most:
            counts[kind] = database.execute(f"SELECT count(*) FROM ({query})").fetchone()[0]  # nosec B608 - only names of our own schema
            changes[kind] = changes[kind][:most]
    return {
        "from": _version(database, "a"),
        "to": _version(database, "b"),
        "counts": counts,
        "rows": _rows(database),
        "changes": changes,
    }


def _entries(database: sqlite3.Connection, query: str) -> Entries:
    found = database.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


def _version(database: sqlite3.Connection, schema: str) -> str:
    return str(database.execute(f"SELECT value FROM {schema}.release WHERE name = 'version'").fetchone()[0])  # nosec B608 - only names of our own schema


def _rows(database: sqlite3.Connection) -> dict[str, list[int]]:
    tables = [_tables(database, schema) for schema in ("a", "b")]
    both = [name for name in tables[0] if name in tables[1]]
    return {
        name: [
            database.execute(f"SELECT count(*) FROM {schema}.{name}").fetchone()[0]  # nosec B608 - only names of our own schema
            for schema in ("a", "b")
        ]
        for name in both
    }


def _tables(database: sqlite3.Connection, schema: str) -> list[str]:
    query = (
        f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table' AND name NOT LIKE '%\\_fts%' ESCAPE '\\' "  # nosec B608 - only names of our own schema
        "AND name <> 'release' ORDER BY rowid"
    )
    return [row[0] for row in database.execute(query)]
