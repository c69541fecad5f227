"""The descriptions of a release for programs: Data Package (Frictionless), CSV on the Web and Datasette.

Sources: Data Package 2.0 (datapackage.org); its constraint `enum` is kept beside `categories`, for programs that read
version 1. W3C, Metadata Vocabulary for Tabular Data, 2015. Datasette, Metadata.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claims_app.formats import csvw
from claims_app.formats.delimited import Column, Kind, Profile, utc_text
from claims_app.formats.release.about import DESCRIPTION, SQLITE, About, Contents, Creator
from claims_app.formats.release.tables import TABLES, Table

Plain = dict[str, Any]

_TYPES = {Kind.INTEGER: "integer", Kind.NUMBER: "number", Kind.DATE: "date", Kind.DATETIME: "datetime"}
_MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "sqlite": "application/vnd.sqlite3",
    "md": "text/markdown",
    "json": "application/json",
    "cff": "application/yaml",
    "zip": "application/zip",
}
CSVW_FILE = "csv-metadata.json"
"""The name under which CSV on the Web looks for the metadata of the files of a folder."""


@dataclass(frozen=True)
class File:
    """A file of a release: its name, its size in bytes and its SHA-256."""

    name: str
    bytes: int
    sha256: str

    @property
    def media_type(self) -> str:
        """Its media type."""
        return _MEDIA_TYPES.get(self.name.rpartition(".")[2], "text/plain")


def data_package(about: About, contents: Contents, files: Mapping[str, File]) -> Plain:
    """Return the content of datapackage.json; `files` are the data files by their names."""
    resources = [
        _resource(table, contents.counts[table.name], files[f"{table.name}.csv"]) for table in TABLES
    ]
    package: Plain = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": about.name,
        "id": about.url,
        "title": about.title,
        "description": DESCRIPTION,
        "version": about.version,
        "created": utc_text(about.moment),
        "homepage": about.url,
        "schemaVersion": about.schema_version,
        "licenses": [{"path": about.license}] if about.license else None,
        "contributors": [_contributor(one) for one in about.people],
        "keywords": ["research claims", "evidence", "certainty of evidence", "GRADE"],
        "notes": {"profile": csvw.PROFILE_RULES[Profile.SAFE], "lists": csvw.LIST_RULE},
        "resources": resources,
        # The same rows in other formats. They are no resources, which validators would read as further tables.
        "alternates": [
            {
                "path": file.name,
                "mediatype": file.media_type,
                "bytes": file.bytes,
                "hash": f"sha256:{file.sha256}",
            }
            for name, file in sorted(files.items())
            if not name.endswith(".csv")
        ],
    }
    return {name: value for name, value in package.items() if value is not None}


def csvw_group(about: About, contents: Contents) -> Plain:
    """Return the content of csv-metadata.json: all tables, with their keys and references."""
    group: Plain = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "@type": "TableGroup",
        "@id": about.url,
        "dc:title": about.title,
        "dc:created": utc_text(about.moment),
        "dc:identifier": about.version,
        "tables": [_csvw_table(table, about, contents.counts[table.name]) for table in TABLES],
    }
    if about.license:
        group["dc:license"] = {"@id": about.license}
    return group


def datasette(about: About) -> Plain:
    """Return the content of metadata.json, with which Datasette describes the SQLite file."""
    tables = {
        table.name: {
            "title": table.title,
            "description": table.description,
            "columns": {column.name: column.description for column in table.columns},
        }
        for table in TABLES
    }
    described: Plain = {
        "title": f"{about.title}, {about.version}",
        "description": DESCRIPTION,
        "source": about.url,
        "source_url": about.url,
        "databases": {SQLITE.partition(".")[0]: {"tables": tables}},
    }
    if about.license:
        described |= {"license": about.license, "license_url": about.license}
    return described


def _resource(table: Table, rows: int, file: File) -> Plain:
    return {
        "name": table.name.replace("_", "-"),
        "type": "table",
        "path": file.name,
        "title": table.title,
        "description": table.description,
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "rows": rows,
        "dialect": {
            "delimiter": ",",
            "lineTerminator": "\r\n",
            "quoteChar": '"',
            "doubleQuote": True,
            "header": True,
            "skipInitialSpace": False,
        },
        "schema": {
            "fields": [_field(table, column) for column in table.columns],
            "missingValues": [""],
            "primaryKey": list(table.key),
            "uniqueKeys": [[name] for name in table.unique],
            "foreignKeys": [
                {
                    "fields": [one.column],
                    "reference": {
                        "resource": "" if one.table == table.name else one.table.replace("_", "-"),
                        "fields": [one.target],
                    },
                }
                for one in table.references
            ],
        },
    }


def _field(table: Table, column: Column) -> Plain:
    constraints: Plain = {}
    if table.is_required(column.name):
        constraints["required"] = True
    if table.key == (column.name,) or column.name in table.unique:
        constraints["unique"] = True
    field: Plain = {
        "name": column.name,
        "type": _TYPES.get(column.kind, "string"),
        # How our own reader restores the value: a list and a guarded text are both strings here.
        "kind": column.kind.value,
        "title": column.title,
        "description": column.description,
    }
    if terms := table.terms.get(column.name):
        constraints["enum"] = [term.value for term in terms.values]
        field["categories"] = [{"value": term.value, "label": term.label} for term in terms.values]
        field["categoriesOrdered"] = terms.ordered
    if constraints:
        field["constraints"] = constraints
    return field


def _contributor(creator: Creator) -> Plain:
    person: Plain = {"title": creator.name, "roles": ["creator"]}
    if creator.family:
        person |= {"familyName": creator.family}
    if creator.given:
        person |= {"givenName": creator.given}
    if creator.orcid:
        person["path"] = f"https://orcid.org/{creator.orcid}"
    return person


def _csvw_table(table: Table, about: About, rows: int) -> Plain:
    described = csvw.metadata(
        table.name,
        table.columns,
        profile=Profile.SAFE,
        row_count=rows,
        url=f"{table.name}.csv",
        created=about.moment,
    )
    del described["@context"], described["@type"]
    schema: Plain = described["tableSchema"]  # type: ignore[assignment]
    for column in schema["columns"]:
        column["required"] = table.is_required(column["name"])
        if terms := table.terms.get(column["name"]):
            pattern = "|".join(re.escape(term.value) for term in terms.values)
            column["datatype"] = {"base": "string", "format": f"^({pattern})$"}
    schema["primaryKey"] = list(table.key)
    schema["foreignKeys"] = [
        {
            "columnReference": one.column,
            "reference": {"resource": f"{one.table}.csv", "columnReference": one.target},
        }
        # A reference that may be empty is none in CSVW: strict validators refuse the empty cell.
        for one in table.references
        if table.is_required(one.column)
    ]
    return described
