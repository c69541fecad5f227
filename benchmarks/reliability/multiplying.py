"""Multiplies the claims of a PostgreSQL database from `benchmarks/filling.py`, within the database.

    python -m benchmarks.reliability.multiplying DATABASE_URL --times 10

100,000 claims take minutes to make, and a million half an hour; copies of them take minutes again. Each copy has its
own evidence, limitations, appraisals, versions, revisions, summaries and documents; studies and topics are shared.
"""

import argparse
import time

from sqlalchemy import Connection, create_engine, text

OFFSETS = {"claim": 10_000_000, "evidence": 20_000_000, "limitation": 10_000_000, "appraisal": 10_000_000}
"""What the numbers of each kind move by with every copy."""

COLUMNS = {
    "claims": {"id": "claim", "merged_into_id": "claim", "appraisal_id": "appraisal"},
    "claims_versions": {"id": "claim", "merged_into_id": "claim", "appraisal_id": "appraisal"},
    "claim_topics": {"claim_id": "claim"},
    "claim_topics_versions": {"claim_id": "claim"},
    "claim_summaries": {"claim_id": "claim"},
    "claim_documents": {"claim_id": "claim"},
    "evidence_items": {"id": "evidence", "claim_id": "claim"},
    "evidence_items_versions": {"id": "evidence", "claim_id": "claim"},
    "limitations": {"id": "limitation", "claim_id": "claim", "evidence_id": "evidence"},
    "limitations_versions": {"id": "limitation", "claim_id": "claim", "evidence_id": "evidence"},
    "appraisals": {"id": "appraisal", "claim_id": "claim", "lead_evidence_id": "evidence"},
    "appraisal_evidence": {"appraisal_id": "appraisal", "evidence_id": "evidence"},
}
"""The columns that hold the number of something that is copied, by table."""


def multiply(connection: Connection, times: int) -> None:
    """Copy everything that belongs to claims, so that there are `times` as many."""
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    copies = f"generate_series(1, {times - 1}) AS copy"
    for table, moved in COLUMNS.items():
        began = time.perf_counter()
        indexes = _drop_indexes(connection, table)
        values = {
            name: f"{name} + copy * {OFFSETS[moved[name]]}" if name in moved else name
            for name in _columns(connection, table)
        }
        _insert(connection, table, values, copies)
        for statement in indexes:
            connection.exec_driver_sql(statement)
        print(f"{table}: {time.perf_counter() - began:.0f} s", flush=True)
    indexes = _drop_indexes(connection, "revisions")
    by_type = " ".join(f"WHEN '{kind}' THEN {offset}" for kind, offset in OFFSETS.items())
    values = {name: name for name in _columns(connection, "revisions") if name != "id"}
    values["record_id"] = f"record_id + copy * CASE record_type {by_type} END"
    values["claim_id"] = f"claim_id + copy * {OFFSETS['claim']}"
    kinds = ", ".join(f"'{kind}'" for kind in OFFSETS)
    _insert(connection, "revisions", values, copies, f"record_type IN ({kinds})")
    for statement in indexes:
        connection.exec_driver_sql(statement)
    for table in ("claims", "evidence_items", "limitations", "appraisals"):
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )


def _insert(
    connection: Connection, table: str, values: dict[str, str], copies: str, where: str = "true"
) -> None:
    columns, expressions = ", ".join(values), ", ".join(values.values())
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({columns}) SELECT {expressions} FROM {table}, {copies} WHERE {where}"
    )


def _columns(connection: Connection, table: str) -> list[str]:
    query = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped"
    return [str(name) for name in connection.scalars(text(query), {"table": table})]


def _drop_indexes(connection: Connection, table: str) -> list[str]:
    """Drop the indexes that are no constraints, and return the statements that create them again."""
    query = """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
      WHERE indrelid = to_regclass(:table) AND NOT EXISTS
        (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)"""
    found = connection.execute(text(query), {"table": table}).all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    return [statement for _, statement in found]


def main() -> None:
    """Multiply the claims of the database that was named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--times", type=int, default=10)
    chosen = parser.parse_args()
    engine = create_engine(chosen.url)
    with engine.begin() as connection:
        multiply(connection, chosen.times)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
