"""Fills an empty database with made-up claims: three evidence items, an appraisal and a history each.

    filling.py DATABASE_URL --claims 100000

The rows are what the program would hold, versions and revisions included, and `claims check` finds no fault in them.
They go in without triggers, which are created again afterwards; derived tables are then filled as `claims db repair`
does. So a million claims take minutes rather than hours.
"""

import argparse
import datetime
import itertools
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import synthetic
from sqlalchemy import Connection, Table, insert, select, text
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from claims_app.database import Base, Change, Database
from claims_app.models import Appraisal
from claims_app.models.types import utc_now
from claims_app.models.versions import VERSIONS
from claims_app.rules.appraisal.body import Body, Finding, to_json
from claims_app.rules.appraisal.conclusion import propose
from claims_app.rules.appraisal.judgement import recomputed_level
from claims_app.services.appraisal import appraisals
from claims_app.services.records import claims, evidence, studies
from claims_app.services.system import repair, schema
from claims_app.triggers import CURRENT
from claims_app.vocabulary import (
    Action,
    CertaintyDomain,
    Directness,
    EvidenceLevel,
    RecordType,
    RiskOfBias,
    Via,
)

CHANGE = Change(via=Via.COMMAND, summary="Made up for a measurement.")
ROWS_AT_ONCE = 5_000


class Filler:
    """Writes the rows of a `maker` through one connection."""

    def __init__(self, connection: Connection, maker: synthetic.Maker, template: dict[str, Any]) -> None:
        """`template` is the row of an appraisal, from which the texts of the others are taken."""
        self.connection = connection
        self.maker = maker
        self.template = template
        self.waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.numbers: defaultdict[str, Iterator[int]] = defaultdict(lambda: itertools.count(101))

    def fill(self) -> None:
        """Write all rows."""
        moment = utc_now() - datetime.timedelta(days=9 * 365)
        topics = [self.record(RecordType.TOPIC, "topics", row, moment)["id"] for row in self.maker.topics()]
        made = []
        for row, species in self.maker.studies():
            study = self.record(RecordType.STUDY, "studies", row, moment)
            if species:
                self.versioned("study_species", {"study_id": study["id"], "species": species}, moment)
            made.append((study, species))
        for claim in self.maker.claims():
            self.claim(claim, topics[claim.topic], made)
        self.flush()

    def claim(self, made: synthetic.MadeClaim, topic: int, studies: list[Any]) -> None:
        """Write a claim, and what belongs to it."""
        moment = made.claim["created_at"]
        claim = {**made.claim, "id": next(self.numbers["claims"])}
        claim |= {"evidence_level": EvidenceLevel.NOT_ASSESSED, "conclusion": None, "appraisal_id": None}
        items, findings = [], []
        for row in made.evidence:
            study, species = studies[row["study"]]
            item = {
                "id": next(self.numbers["evidence_items"]),
                "claim_id": claim["id"],
                "study_id": study["id"],
                "directness": Directness.DIRECT,
                "risk_of_bias": RiskOfBias.LOW,
                **{name: row[name] for name in ("direction", "summary", "n_cases")},
            }
            items.append(item)
            if study["standing"].counts:
                findings.append(_finding(item, study, species))
        body = Body(claim["kind"], tuple(findings), ())
        if findings:
            claim |= self.appraisal(claim, made.level, body)
        self.record(RecordType.CLAIM, "claims", claim, moment, claim["id"])
        self.versioned("claim_topics", {"claim_id": claim["id"], "topic_id": topic}, moment)
        for item in items:
            self.record(RecordType.EVIDENCE, "evidence_items", item, moment, claim["id"])
        if made.limitation:
            limitation = {
                "claim_id": claim["id"],
                "kind": self.maker.limitation_kind(),
                "text": made.limitation,
            }
            self.record(RecordType.LIMITATION, "limitations", limitation, moment, claim["id"])

    def appraisal(self, claim: dict[str, Any], level: EvidenceLevel, body: Body) -> dict[str, Any]:
        """Write an appraisal, and return what the claim has from it."""
        number, conclusion = next(self.numbers["appraisals"]), propose(body.balance)
        computed = recomputed_level(body, dict.fromkeys(CertaintyDomain, 0), None)
        moment = claim["created_at"]
        row = self.template | {
            "id": number,
            "claim_id": claim["id"],
            "claim_kind": claim["kind"],
            "start_level": computed,
            "computed_level": computed,
            "level": level,
            "override_reason": None if level is computed else "Judged so for a measurement.",
            "conclusion": conclusion,
            "proposed_conclusion": conclusion,
            "evidence_digest": body.digest(),
            "lead_evidence_id": max(finding.evidence_id for finding in body.findings),
            "appraised_at": moment,
            "created_at": moment,
            "updated_at": moment,
        }
        self.put("appraisals", row)
        self.revision(RecordType.APPRAISAL, number, moment, claim["id"])
        for finding in body.findings:
            seen: dict[str, Any] = {
                "appraisal_id": number,
                "evidence_id": finding.evidence_id,
                "evidence_version": 1,
            }
            seen |= {"study_id": finding.study_id, "study_version": 1, "finding": to_json(finding)}
            self.put("appraisal_evidence", seen)
        return {"evidence_level": level, "conclusion": conclusion, "appraisal_id": number}

    def record(
        self, kind: RecordType, table: str, row: dict[str, Any], moment: Any, claim_id: int | None = None
    ) -> dict[str, Any]:
        """Write a record with its version and its revision, and return its row."""
        number = row.get("id") or next(self.numbers[table])
        row = {"version": 1, "created_at": moment, "updated_at": moment, **row, "id": number}
        self.versioned(table, row, moment)
        self.revision(kind, number, moment, claim_id)
        return row

    def versioned(self, table: str, row: dict[str, Any], moment: Any) -> None:
        """Write a row, and its version."""
        self.put(table, row)
        self.put(VERSIONS[table].name, {**_defaults(_table(table)), **row, "valid_from": moment})

    def revision(self, kind: RecordType, number: int, moment: Any, claim_id: int | None) -> None:
        """Write the revision that created a record."""
        row = {"record_type": kind, "record_id": number, "claim_id": claim_id, "version": 1}
        row |= {"action": Action.CREATE, "changed_at": moment, "via": CHANGE.via}
        self.put("revisions", row | {"edit_summary": CHANGE.summary})

    def put(self, table: str, row: dict[str, Any]) -> None:
        """Write a row, sooner or later."""
        waiting = self.waiting[table]
        waiting.append(row)
        if len(waiting) >= ROWS_AT_ONCE:
            self.write(table)

    def flush(self) -> None:
        """Write what waits."""
        for table in list(self.waiting):
            self.write(table)

    def write(self, table: str) -> None:
        """Write the rows that wait for a table."""
        rows = self.waiting.pop(table, [])
        # All rows of one statement have the same columns.
        names = {name: None for row in rows for name in row}
        if rows:
            self.connection.execute(insert(_table(table)), [names | row for row in rows])


def fill(database: Database, n_claims: int) -> None:
    """Fill an empty, upgraded database."""
    template = _template(database)
    with _loading(database) as connection:
        Filler(connection, synthetic.Maker(n_claims), template).fill()
    repair.run(database)
    with database.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


@contextmanager
def _loading(database: Database) -> Iterator[Connection]:
    """Yield a connection without triggers and checks of foreign keys, in a transaction; restore both at the end."""
    with database.engine.connect() as connection:
        dialect, driver = connection.dialect.name, connection.connection.driver_connection
        assert driver is not None, "held by SQLAlchemy while the connection is open"
        if dialect == "sqlite":
            # Without effect inside of a transaction.
            driver.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            if dialect == "postgresql":
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for statement in CURRENT.drop(dialect):
                connection.exec_driver_sql(statement)
            yield connection
            for statement in CURRENT.create(dialect):
                connection.exec_driver_sql(statement)
            if dialect == "postgresql":
                _correct_sequences(connection)
        if dialect == "sqlite":
            driver.execute("PRAGMA foreign_keys = ON")


def _correct_sequences(connection: Connection) -> None:
    """Let the next numbers follow those in the tables, as SQLite does by itself."""
    for table in Base.metadata.sorted_tables:
        if "id" in table.c and table.name not in {versions.name for versions in VERSIONS.values()}:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
                f" HAVING max(id) IS NOT NULL AND pg_get_serial_sequence('{table.name}', 'id') IS NOT NULL"
            )


def _template(database: Database) -> dict[str, Any]:
    """Let the program make one appraisal, and return its row."""
    with database.writing(CHANGE) as session:
        claim = claims.create_claim(
            session,
            {"statement": "Antibodies are raised.", "kind": "association", "status": "active", "topics": []},
        )
        study = studies.create_study(
            session,
            {
                "title": "Antibodies in pain",
                "publication_state": "published",
                "standing": "current",
                "design": "case_control",
            },
        )
        item = {"study_id": study.id, "direction": "supports", "directness": "direct", "risk_of_bias": "low"}
        evidence.create_evidence(session, claim, item | {"summary": "Levels were higher.", "n_cases": "40"})
        answers: dict[str, object] = {}
        for domain in CertaintyDomain:
            answers |= {domain.value: "0", f"{domain.value}_reason": "Judged so here."}
        answers["conclusion"] = propose(appraisals.body_of(session, claim).balance)
        appraisals.appraise_by_program(session, claim, answers)
        session.flush()
        return dict(session.execute(select(Appraisal.__table__)).mappings().one())


def _finding(item: dict[str, Any], study: dict[str, Any], species: Any) -> Finding:
    """Return what an appraisal keeps of an evidence item."""
    of_study = {name: study[name] for name in ("year", "design", "publication_state", "standing")}
    of_item = {name: item[name] for name in ("direction", "directness", "risk_of_bias", "summary", "n_cases")}
    return Finding(
        evidence_id=item["id"],
        evidence_version=1,
        study_id=study["id"],
        study_version=1,
        citation=f"Doe & Roe {study['year']}",
        species=(species,) if species else (),
        **of_study,
        **of_item,
    )


def _defaults(table: Table) -> dict[str, Any]:
    """Return the values that the columns of a table have by default, for its version table."""
    return {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def main() -> None:
    """Fill the database that was named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--claims", type=int, default=10_000)
    chosen = parser.parse_args()
    started, database = time.perf_counter(), Database(chosen.url)
    schema.upgrade(database.engine)
    fill(database, chosen.claims)
    database.close()
    print(f"{chosen.claims:,} claims in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
