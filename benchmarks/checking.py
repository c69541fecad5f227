"""Measures the time and the memory that `claims check` needs. See `benchmarks/README.md`.

Fills an empty database with copies of a few claims, each with three evidence items of three studies, an appraisal and
a history, by plain SQL under the triggers of the program; then checks it. On a temporary SQLite file, or on the empty
database at a given URL.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from claims_app.database import Base, Change, Database
from claims_app.models import RECORD_MODELS, Claim
from claims_app.rules.appraisal.body import Body, finding_from_json
from claims_app.rules.appraisal.conclusion import propose
from claims_app.services.appraisal import appraisals
from claims_app.services.records import claims, evidence, studies
from claims_app.services.system import integrity, schema
from claims_app.vocabulary import CertaintyDomain, EvidenceLevel, RecordType, Via

CHANGE = Change(via=Via.COMMAND, summary="A measurement.")
PATTERNS = 10
"""How many claims are made by the services; the others are copies of them."""

COPIES_AT_ONCE = 100
CLAIM = {"kind": "association", "status": "active", "outcome": "Pain"}
STUDY = {"publication_state": "published", "standing": "current", "design": "case_control", "year": "2020"}
EVIDENCE = {"direction": "supports", "directness": "direct", "risk_of_bias": "low", "n_cases": "40"}
TABLES = (
    *("studies", "study_keys", "claims", "claim_words", "claim_topics", "evidence_items"),
    *("appraisals", "appraisal_evidence", "revisions"),
)
"""The tables that are copied, each after those that it points to."""

Rows = Mapping[str, list[dict[str, Any]]]


def make_patterns(database: Database) -> None:
    """Add the claims that are copied."""
    with database.writing(CHANGE) as session:
        for n in range(PATTERNS):
            claim = claims.create_claim(
                session, {**CLAIM, "statement": f"Antibodies are raised, {n}.", "topics": ["Pain"]}
            )
            for k in range(3):
                study = studies.create_study(session, {**STUDY, "title": f"Antibodies in pain, {n}, {k}"})
                raw = {**EVIDENCE, "study_id": study.id, "summary": "Levels were higher."}
                evidence.create_evidence(session, claim, raw)
            answers: dict[str, object] = {}
            for domain in CertaintyDomain:
                answers |= {domain.value: "0", f"{domain.value}_reason": "Judged so here."}
            answers["conclusion"] = propose(appraisals.body_of(session, claim).balance)
            appraisals.appraise_by_program(session, claim, answers)


def read_patterns(session: Session) -> Rows:
    """Return the rows of the claims that are copied, without the level, which the triggers derive again."""
    rows = {name: [dict(row) for row in session.execute(select(_table(name))).mappings()] for name in TABLES}
    for claim in rows["claims"]:
        claim |= dict.fromkeys(Claim.derived)
        claim |= {"evidence_level": EvidenceLevel.NOT_ASSESSED, "conclusion_derived": False}
    of_copied = {kind for kind, model in RECORD_MODELS.items() if model.__tablename__ in TABLES}
    rows["revisions"] = [row for row in rows["revisions"] if row["record_type"] in of_copied]
    # The lead item is written last: it gives the level.
    rows["appraisal_evidence"].sort(key=lambda row: row["evidence_id"])
    return rows


def copied(rows: Rows, shifts: Mapping[str, int]) -> Rows:
    """Return a copy of the rows with other numbers: those of each table are raised by its `shifts`."""
    own = {RECORD_MODELS[kind].__tablename__: kind for kind in RecordType}
    by_type = {kind: shifts.get(table, 0) for table, kind in own.items()}
    made: dict[str, list[dict[str, Any]]] = {}
    for name in TABLES:
        table = _table(name)
        moved = {key.parent.name: shifts.get(key.column.table.name, 0) for key in table.foreign_keys}
        moved |= {"evidence_id": shifts["evidence_items"], "lead_evidence_id": shifts["evidence_items"]}
        moved |= {
            "study_id": shifts["studies"],
            "claim_id": shifts["claims"],
            "appraisal_id": shifts["appraisals"],
        }
        made[name] = [
            {
                column: value + moved[column] if column in moved and value is not None else value
                for column, value in row.items()
            }
            for row in rows[name]
        ]
        for row in made[name]:
            if "id" in row:
                row["id"] += shifts[name]
            if name == "revisions":
                row["record_id"] += by_type[row["record_type"]]
            if name == "appraisal_evidence":
                row["finding"] = row["finding"] | {key: row[key] for key in ("evidence_id", "study_id")}
    for appraisal in made["appraisals"]:
        seen = [
            row["finding"] for row in made["appraisal_evidence"] if row["appraisal_id"] == appraisal["id"]
        ]
        body = Body(appraisal["claim_kind"], tuple(map(finding_from_json, seen)), ())
        appraisal["evidence_digest"] = body.digest()
    return made


def fill(database: Database, number: int) -> None:
    """Add `number` claims, or a few more."""
    make_patterns(database)
    with database.reading() as session:
        rows = read_patterns(session)
        # The numbers of one copy follow those of the copy before.
        steps = {
            name: session.scalar(select(func.max(_table(name).c.id))) or 0
            for name in TABLES
            if "id" in _table(name).c
        }
    for begin in range(1, number // PATTERNS, COPIES_AT_ONCE):
        with database.writing(CHANGE) as session:
            copies = [
                copied(rows, {name: step * n for name, step in steps.items()})
                for n in range(begin, min(begin + COPIES_AT_ONCE, number // PATTERNS))
            ]
            for name in TABLES:
                session.execute(insert(_table(name)), [row for made in copies for row in made[name]])


def check(database: Database) -> None:
    """Check the data, and print the time of each check."""
    with database.reading() as session:
        for one in integrity.checks(session):
            started = time.perf_counter()
            parts = list(one.parts(session))
            problems = [problem for part in parts for problem in part.problems]
            rows, seconds = sum(part.rows for part in parts), time.perf_counter() - started
            print(
                f"{one.label}: {rows:,} rows, {seconds:.1f} s, {len(problems)} problems",
                *problems[:3],
                sep="\n  ",
            )


def memory() -> int:
    """Return the largest memory that this process has used, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def main() -> None:
    """Measure on the database that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--url", help="an empty database; without it, an SQLite file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(chosen.url or f"sqlite:///{folder}/claims.sqlite3")
        schema.upgrade(database.engine)
        started = time.perf_counter()
        fill(database, chosen.claims)
        print(f"filled in {time.perf_counter() - started:.0f} s, {memory()} MB at most so far", flush=True)
        started = time.perf_counter()
        check(database)
        print(f"checked in {time.perf_counter() - started:.1f} s, {memory()} MB at most")
        database.close()


if __name__ == "__main__":
    main()
