"""The machine-readable description matches the file."""

import csv
import datetime
import io
import json
import re
from typing import Any

import pytest

from claims_app.formats.columns import CLAIMS, EXPORTS
from claims_app.formats.csv_writing import write
from claims_app.formats.csvw import DATATYPES, metadata
from claims_app.formats.delimited import Kind, Profile

CREATED = datetime.datetime(2026, 11, 23, 5, 7, 40, tzinfo=datetime.UTC)
DATATYPES_OF_CSVW = {"string", "integer", "number", "date", "dateTimeStamp"}


def described(name: str = "claims", profile: Profile = Profile.SAFE, row_count: int = 12) -> Any:
    return metadata(
        name, EXPORTS[name], profile=profile, row_count=row_count, url=f"{name}.csv", created=CREATED
    )


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("name", EXPORTS)
def test_description_is_json_of_a_csvw_table(name: str, profile: Profile) -> None:
    table = described(name, profile)
    assert json.loads(json.dumps(table)) == table
    assert table["@context"][0] == "http://www.w3.org/ns/csvw"
    assert table["@type"] == "Table"
    assert table["url"] == f"{name}.csv"
    assert table["dc:title"] == name
    assert table["dc:created"] == "2026-11-23T05:07:40Z"
    assert table["dc:extent"] == "12 rows"


@pytest.mark.parametrize("name", EXPORTS)
def test_header_is_among_the_titles_of_each_column(name: str) -> None:
    header = next(csv.reader(write(EXPORTS[name], [], profile=Profile.SAFE)))
    columns = described(name)["tableSchema"]["columns"]
    assert len(columns) == len(header)
    assert all(cell in column["titles"] for cell, column in zip(header, columns, strict=True))
    # CSVW reserves names that start with an underscore, and requires names that are valid in a URI template.
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_]*", column["name"]) for column in columns)


def test_columns_carry_type_separator_null_and_description() -> None:
    columns = described()["tableSchema"]["columns"]
    for column, its in zip(CLAIMS, columns, strict=True):
        assert its["datatype"] == DATATYPES[column.kind]
        assert its["null"] == ""
        assert its["dc:description"] == column.description
        assert its.get("separator") == ("|" if column.kind is Kind.LIST else None)


def test_every_kind_has_a_csvw_datatype() -> None:
    assert set(DATATYPES) == set(Kind)
    assert set(DATATYPES.values()) == DATATYPES_OF_CSVW


@pytest.mark.parametrize("name", EXPORTS)
def test_primary_key_is_the_first_column_and_required(name: str) -> None:
    schema = described(name)["tableSchema"]
    assert schema["primaryKey"] == EXPORTS[name][0].name
    assert [column["name"] for column in schema["columns"] if column["required"]] == [schema["primaryKey"]]


def test_dialect_describes_the_file() -> None:
    dialect = described()["dialect"]
    value = ' a "quoted", text\r\nof two lines '
    text = "".join(
        write(EXPORTS["limitations"], [("LIM-1", *[None] * 4, value, None, None)], profile=Profile.RAW)
    )
    rows = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect["delimiter"],
        quotechar=dialect["quoteChar"],
        doublequote=dialect["doubleQuote"],
        skipinitialspace=dialect["skipInitialSpace"],
        strict=True,
    )
    assert [row[5] for row in rows] == ["text", value]
    assert dialect["lineTerminators"] == ["\r\n"]
    assert dialect["encoding"] == "utf-8"
    assert (dialect["header"], dialect["headerRowCount"], dialect["trim"]) == (True, 1, False)


@pytest.mark.parametrize(
    ("profile", "rule"), [(Profile.SAFE, "remove exactly one"), (Profile.RAW, "as it is")]
)
def test_notes_name_the_profile_and_its_rule(profile: Profile, rule: str) -> None:
    named, lists = described(profile=profile)["notes"]
    assert named["dc:identifier"] == profile.value
    assert rule in named["dc:description"]
    assert r"\|" in lists["dc:description"]


def test_impossible_description_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one column"):
        metadata("x", (), profile=Profile.SAFE, row_count=0, url="x.csv", created=CREATED)
    with pytest.raises(ValueError, match="cannot be negative"):
        described(row_count=-1)
    with pytest.raises(ValueError, match="zone"):
        metadata(
            "x", CLAIMS, profile=Profile.SAFE, row_count=0, url="x.csv", created=CREATED.replace(tzinfo=None)
        )
