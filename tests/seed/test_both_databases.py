"""Compares the seed on SQLite with the seed on PostgreSQL, row by row."""

import io
from pathlib import Path

import pytest

from claims_app.database import Database
from claims_app.formats.columns import EXPORTS
from claims_app.formats.delimited import read
from claims_app.services.transfer.export import Export
from claims_app.services.transfer.export_request import ExportRequest
from tests.support.databases import Templates

TIMESTAMPS = {"created_at", "updated_at", "appraised_at"}


@pytest.mark.parametrize("query", [{}, {"sort": ["updated"]}])
@pytest.mark.parametrize("name", list(EXPORTS))
def test_both_databases_export_the_same_rows(
    templates: Templates, name: str, query: dict[str, list[str]], tmp_path: Path
) -> None:
    if query and name in ("evidence", "limitations", "appraisals"):
        query = {}
    exported = []
    for kind in ("sqlite", "postgresql"):
        url = templates.copy(kind, "seed")
        database = Database(url)
        text = b"".join(Export(database, ExportRequest.read(name, query), "http://here").chunks()).decode()
        database.close()
        templates.drop(kind, url)
        rows = read(
            EXPORTS[name], io.StringIO(text, newline=""), profile=ExportRequest.read(name, {}).profile
        )
        exported.append([{key: row[key] for key in row if key not in TIMESTAMPS} for row in rows])
    assert exported[0] == exported[1]
    assert len(exported[0]) > (2 if name == "appraisals" else 20)
