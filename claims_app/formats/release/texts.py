"""The texts of a release for people: README and data dictionary, in Markdown."""

import textwrap
from collections.abc import Iterator

from claims_app.formats import csvw
from claims_app.formats.delimited import Profile
from claims_app.formats.release import citation
from claims_app.formats.release.about import DESCRIPTION, INCLUDED, SQLITE, SUMS, About, Contents
from claims_app.formats.release.tables import TABLES, Table
from claims_app.vocabulary import Term

README = "README.md"
DICTIONARY = "DICTIONARY.md"

_OTHER_FILES = (
    (
        SQLITE,
        "all tables in one SQLite file, which opens in Datasette: `datasette claims.sqlite -m metadata.json`",
    ),
    (DICTIONARY, "what each column and each term means"),
    ("datapackage.json", "types, terms, keys, counts and checksums for programs (Frictionless Data Package)"),
    ("csv-metadata.json", "the same for CSV on the Web"),
    ("metadata.json", "titles and descriptions for Datasette"),
    ("CITATION.cff", "how to cite this release, for programs"),
    (SUMS, "the SHA-256 of every file"),
)


def readme(about: About, contents: Contents) -> str:
    """Return the README of a release."""
    return "\n".join(_readme(about, contents)) + "\n"


def dictionary(about: About) -> str:
    """Return the data dictionary of a release."""
    return "\n".join(_dictionary(about)) + "\n"


def _readme(about: About, contents: Contents) -> Iterator[str]:
    yield f"# {about.title}, version {about.version}"
    yield ""
    yield DESCRIPTION
    yield ""
    yield f"The data are those of {about.day.day} {about.day:%B %Y}, {about.moment:%H:%M:%S} UTC. This release does not"
    yield f"change. Its page is <{about.url}>."
    yield ""
    yield "## How certain the claims are"
    yield ""
    yield "The evidence level is how certain the conclusion about a claim is (GRADE): a claim can be contradicted with"
    yield "high certainty. “Not assessed” says nothing about the strength of the evidence."
    yield ""
    yield "| evidence level | claims |"
    yield "| --- | ---: |"
    for level, n in contents.by_level:
        yield f"| {level.label} | {n:,} |"
    yield ""
    yield "## Files"
    yield ""
    yield "Each table is a CSV file, a Parquet file of the same name, and a table of the SQLite file."
    yield ""
    yield "| table | rows | content |"
    yield "| --- | ---: | --- |"
    for table in TABLES:
        yield f"| `{table.name}` | {contents.counts[table.name]:,} | {table.description} |"
    yield ""
    for name, words in _OTHER_FILES:
        yield f"- `{name}`: {words}"
    yield ""
    yield from textwrap.wrap(INCLUDED, 118)
    yield ""
    yield "## How to read the files"
    yield ""
    yield "Parquet and SQLite contain every value as it is. In CSV, an empty cell is a missing value, and `null` is a"
    yield 'direction: in pandas, read it with `keep_default_na=False, na_values=[""]`.'
    yield ""
    yield f"- Texts in CSV: {csvw.PROFILE_RULES[Profile.SAFE]}"
    yield f"- Lists in CSV: {csvw.LIST_RULE} In Parquet they are lists, and in SQLite JSON arrays."
    yield ""
    yield f"The schema of the files has version {about.schema_version}: within a major version, columns are only added."
    yield ""
    yield "## How to check the files"
    yield ""
    yield f"`sha256sum -c {SUMS}` compares the checksums. `claims release verify` of the program Claims also compares"
    yield "counts, types, keys and references."
    yield ""
    yield "## How to cite"
    yield ""
    yield f"> {citation.apa(about)}"
    yield ""
    yield "## Licence"
    yield ""
    yield (
        f"<{about.license}>"
        if about.license
        else "No licence was named. Ask the publisher before you reuse the data."
    )
    yield ""
    yield f"Made by Claims {about.program_version}."


def _dictionary(about: About) -> Iterator[str]:
    yield f"# Data dictionary of {about.title}, version {about.version}"
    yield ""
    yield f"Version {about.schema_version} of the schema. The columns are in the order of the files."
    yield ""
    yield "A term is one of the values listed below the table, an identifier or an address. Times are in UTC. A column"
    yield "is required if it is never empty."
    for table in TABLES:
        yield from _described(table)


def _described(table: Table) -> Iterator[str]:
    yield ""
    yield f"## {table.name}"
    yield ""
    yield table.description
    yield ""
    yield f"Key: {', '.join(f'`{name}`' for name in table.key)}"
    yield ""
    yield "| column | type | required | meaning | refers to |"
    yield "| --- | --- | --- | --- | --- |"
    refers = {one.column: f"`{one.table}.{one.target}`" for one in table.references}
    for column in table.columns:
        required = "yes" if table.is_required(column.name) else ""
        yield (
            f"| `{column.name}` | {column.kind.value} | {required} | {column.description} "
            f"| {refers.get(column.name, '')} |"
        )
    for name, terms in table.terms.items():
        yield ""
        order = ", from the least to the most" if terms.ordered else ""
        yield f"Terms of `{name}`{order}:"
        yield ""
        yield from (_term(term) for term in terms.values)


def _term(term: Term) -> str:
    return f"- `{term.value}`: {term.label}. {term.definition}"
