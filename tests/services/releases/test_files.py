"""The files of a release: accepted by the validators of their formats, alike in all formats, and checked by us."""

import csv
import hashlib
import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from pyarrow import parquet

from claims_app.formats.delimited import Kind, Profile, read, utc_text
from claims_app.formats.release import checking, reading
from claims_app.formats.release.reading import NotARelease
from claims_app.formats.release.tables import TABLES
from claims_app.models import Release
from claims_app.services.releases.store import Shelf
from tests.conftest import copied, opened
from tests.support.coroutines import run
from tests.support.databases import Templates
from tests.support.life import live
from tests.support.releases import make_release


@pytest.fixture(scope="module")
def seeded_release(
    templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Release]]:
    """A release of the seed, which tests only read, and its instance folder."""
    folder = tmp_path_factory.mktemp("seed")
    with copied(templates, "sqlite", "seed") as url, opened(url) as database:
        yield folder, make_release(database, folder, license="https://creativecommons.org/licenses/by/4.0/")


@pytest.fixture(scope="module")
def seeded_files(seeded_release: tuple[Path, Release]) -> Path:
    """The files of a release of the seed."""
    folder, release = seeded_release
    return Shelf(folder).files(release)


@pytest.fixture(scope="module")
def small_release(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The instance folder with a release of the scripted history."""
    folder = tmp_path_factory.mktemp("small")
    with copied(templates, "sqlite", "schema") as url, opened(url) as database:
        *_, moment = live(database)
        make_release(database, folder, moment=moment)
        yield folder


@pytest.fixture
def files(small_release: Path, tmp_path: Path) -> Path:
    """A copy of a small release, which a test may damage."""
    return Path(shutil.copytree(small_release / "releases/2026.11/claims-2026.11", tmp_path / "copy"))


def test_frictionless_finds_nothing(seeded_files: Path) -> None:
    from frictionless import Package

    report = Package(str(seeded_files / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "note", "rowNumber", "fieldNumber"])
    assert {task.stats.get("rows", 0) for task in report.tasks} > {28, 64, 264}


def test_a_validator_of_csv_on_the_web_finds_nothing(files: Path) -> None:
    from csvw import CSVW

    described = CSVW(str(files / "csv-metadata.json"), validate=True)
    assert described.is_valid, [str(one.message) for one in described.warnings]
    assert len(described.tables) == len(TABLES)


def test_datasette_opens_the_file_and_follows_its_references(seeded_files: Path) -> None:
    async def ask(*addresses: str) -> list[Any]:
        about = json.loads((seeded_files / "metadata.json").read_text())
        datasette = Datasette([str(seeded_files / "claims.sqlite")], metadata=about)
        await datasette.invoke_startup()
        answers = [await datasette.client.get(address) for address in addresses]
        datasette.executor.shutdown()
        assert [answer.status_code for answer in answers] == [200] * len(addresses)
        return [answer.json() for answer in answers]

    found, item, whole = run(
        ask(
            "/claims/claims.json?_shape=array&_search=autoantibodies&_size=3",
            "/claims/evidence.json?_labels=on&_size=1",
            "/claims.json",
        )
    )
    assert len(found) == 3
    assert item["rows"][0]["claim_id"]["value"] == "CLM-1"
    tables = {table["name"]: table for table in whole["tables"]}
    assert {table.name for table in TABLES} < set(tables)
    assert tables["evidence"]["foreign_keys"]["outgoing"]


def test_every_format_has_the_same_values(seeded_files: Path) -> None:
    with closing(sqlite3.connect(seeded_files / "claims.sqlite")) as database:
        for table in TABLES:
            kinds = {column.name: column.kind for column in table.columns}
            with (seeded_files / f"{table.name}.csv").open(encoding="utf-8", newline="") as text:
                from_csv = list(read(table.columns, text, profile=Profile.SAFE))
            from_parquet = parquet.read_table(seeded_files / f"{table.name}.parquet").to_pylist()
            assert from_parquet == from_csv
            rows = database.execute(f"SELECT * FROM {table.name} ORDER BY rowid")
            from_sqlite = [dict(zip(kinds, row, strict=True)) for row in rows]
            assert from_sqlite == [
                {name: as_in_sqlite(kinds[name], value) for name, value in row.items()} for row in from_csv
            ]


def as_in_sqlite(kind: Kind, value: Any) -> Any:
    """Return a value as the SQLite file has it."""
    if kind is Kind.LIST:
        return json.dumps(value, ensure_ascii=False)
    if value is None or kind not in (Kind.DATE, Kind.DATETIME):
        return value
    return utc_text(value) if kind is Kind.DATETIME else value.isoformat()


def test_the_sqlite_file_knows_its_terms_and_finds_words(files: Path) -> None:
    with closing(sqlite3.connect(files / "claims.sqlite")) as database:
        with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
            database.execute("UPDATE claims SET kind = 'guess'")
        found = database.execute("SELECT rowid FROM claims_fts WHERE claims_fts MATCH 'antibody'")
        assert found.fetchall() == [(1,)]


def test_levels_are_ordered_categories_in_pandas(seeded_files: Path) -> None:
    column = parquet.read_table(seeded_files / "claims.parquet").column("evidence_level")
    assert column.type.ordered
    assert column.chunk(0).dictionary.to_pylist() == ["not_assessed", "very_low", "low", "moderate", "high"]


@pytest.mark.parametrize("where", ["releases/2026.11/claims-2026.11", "releases/2026.11/claims-2026.11.zip"])
def test_a_whole_release_has_no_problems(small_release: Path, where: str) -> None:
    with reading.opened(small_release / where) as folder:
        assert list(checking.problems(folder)) == []


def test_one_changed_byte_in_any_file_is_noticed(files: Path) -> None:
    names = sorted(path.name for path in files.iterdir())
    assert len(names) > 30
    for name in names:
        path = files / name
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        # The first problem is enough, so that the others need not be read.
        assert name in next(checking.problems(files), ""), name
        path.write_bytes(whole)


def sign(folder: Path) -> None:
    """Write the checksums, sizes and numbers of rows anew, as somebody does who wants to hide a change."""
    package = json.loads((folder / "datapackage.json").read_text())
    for resource in package["resources"]:
        path = folder / resource["path"]
        content = path.read_bytes() if path.exists() else b""
        resource["hash"], resource["bytes"] = f"sha256:{hashlib.sha256(content).hexdigest()}", len(content)
    (folder / "datapackage.json").write_text(json.dumps(package))
    others = sorted(path for path in folder.iterdir() if path.name != "SHA256SUMS")
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in others)
    (folder / "SHA256SUMS").write_text("".join(sums))


def rewrite(folder: Path, name: str, change: Callable[[list[list[str]]], object]) -> None:
    """Change the rows of a CSV file, and sign the release anew."""
    path = folder / name
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    sign(folder)


def cell(name: str, column: str, row: int, value: str) -> tuple[str, Callable[[list[list[str]]], object]]:
    """Return the change of one cell of a file; the first row after the header is 1."""
    return name, lambda rows: rows[row].__setitem__(rows[0].index(column), value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            cell("evidence.csv", "study_id", 1, "STU-9"),
            "evidence.csv, row 1: study_id is STU-9, which is not in studies.csv.",
        ),
        (
            cell("claims.csv", "claim_id", 2, "CLM-1"),
            "claims.csv, row 2: claim_id is CLM-1, as in an earlier row.",
        ),
        (cell("claims.csv", "kind", 1, "guess"), "claims.csv, row 1: kind is guess, which is no term."),
        (cell("claims.csv", "statement", 1, ""), "claims.csv, row 1: statement is empty."),
        (
            cell("claims.csv", "n_studies", 1, "two"),
            "claims.csv, line 2, column n_studies: Enter a whole number in digits. (value: “two”)",
        ),
        (("claims.csv", lambda rows: rows.pop()), "claims.csv has 1 rows, and datapackage.json says 2."),
        (
            ("claims.csv", lambda rows: rows[0].reverse()),
            "claims.csv, line 1: the header must contain each column",
        ),
    ],
)
def test_a_change_with_new_checksums_is_noticed(
    files: Path, change: tuple[str, Callable[[list[list[str]]], object]], sentence: str
) -> None:
    rewrite(files, *change)
    assert any(problem.startswith(sentence) for problem in checking.problems(files)), list(
        checking.problems(files)
    )


def test_a_row_that_is_missing_in_another_format_is_noticed(files: Path) -> None:
    with closing(sqlite3.connect(files / "claims.sqlite")) as database, database:
        database.execute("DELETE FROM changes")
        database.execute("UPDATE evidence SET claim_id = 'CLM-9'")
    table = parquet.read_table(files / "studies.parquet")
    parquet.write_table(table.slice(1).drop_columns(["note"]), files / "studies.parquet")
    sign(files)
    found = list(checking.problems(files))
    assert "claims.sqlite, table evidence, row 1: it refers to a row that is not in claims." in found
    assert any(one.startswith("claims.sqlite: changes has 0 rows") for one in found)
    assert any(one.startswith("studies.parquet has 1 rows") for one in found)
    assert "studies.parquet has other columns than datapackage.json says." in found


@pytest.mark.parametrize("missing", ["claims.csv", "limitations.parquet", "claims.sqlite"])
def test_a_missing_file_with_new_checksums_is_noticed(files: Path, missing: str) -> None:
    (files / missing).unlink()
    sign(files)
    assert f"{missing} is missing." in list(checking.problems(files))


def test_references_to_a_table_that_cannot_be_read_are_a_problem(files: Path) -> None:
    (files / "claims.csv").write_text("no table")
    sign(files)
    sentence = "evidence.csv: claim_id could not be compared with claims.csv, which was not read."
    assert sentence in list(checking.problems(files))


def test_another_value_in_another_format_is_noticed(files: Path) -> None:
    with closing(sqlite3.connect(files / "claims.sqlite")) as database, database:
        database.execute("UPDATE claims SET statement = 'Another.' WHERE claim_id = 'CLM-2'")
        database.execute("CREATE TABLE more (a)")
    table = parquet.read_table(files / "studies.parquet")
    years = table.column("year").combine_chunks()
    parquet.write_table(
        table.set_column(table.schema.get_field_index("year"), "year", years.take([1, 0])),
        files / "studies.parquet",
    )
    sign(files)
    assert list(checking.problems(files)) == [
        "claims.sqlite has a table more, which datapackage.json does not describe.",
        "studies.parquet, row 1: year is not as in studies.csv.",
        "studies.parquet, row 2: year is not as in studies.csv.",
        "claims.sqlite: claims, row 2: statement is not as in claims.csv.",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda claims: claims.update(bytes="5"),
        lambda claims: claims.update(rows=-1),
        lambda claims: claims.update(path="studies.csv"),
        lambda claims: claims.update(name="claims; drop"),
        lambda claims: claims["schema"].update(uniqueKeys=[["unknown"]]),
        lambda claims: claims["schema"].update(primaryKey="claim_id"),
        lambda claims: claims["schema"].update(fields=[{"name": "claim_id"}]),
        lambda claims: claims["schema"]["foreignKeys"][0]["reference"].update(resource="unknown"),
        lambda claims: claims["schema"]["foreignKeys"][0]["reference"].update(fields=["title"]),
        lambda claims: claims["schema"]["fields"][0].update(constraints=["required"]),
    ],
)
def test_an_odd_description_is_a_problem(files: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = files / "datapackage.json"
    package = json.loads(path.read_text())
    [claims] = [one for one in package["resources"] if one["name"] == "claims"]
    change(claims)
    path.write_text(json.dumps(package))
    assert "datapackage.json cannot be read as the description of a release." in list(
        checking.problems(files)
    )


def test_a_missing_and_an_unexpected_file_are_noticed(files: Path) -> None:
    (files / "claims.csv").unlink()
    (files / "notes.txt").write_text("x")
    assert {"claims.csv is missing.", "notes.txt does not belong to the release."} <= {
        *checking.problems(files)
    }


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive"])
def test_what_is_no_release_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.zip").write_bytes(content)
    with pytest.raises(NotARelease, match="cannot be read"), reading.opened(tmp_path / "file.zip"):
        pass
    with pytest.raises(NotARelease, match="not a release"), reading.opened(tmp_path):
        pass
    with pytest.raises(NotARelease, match="does not exist"), reading.opened(tmp_path / "nothing"):
        pass


def refusal_of(path: Path) -> str:
    """Return why an archive is refused."""
    with pytest.raises(NotARelease) as refused, reading.opened(path):
        pass
    return str(refused.value)


@pytest.mark.parametrize(
    "name",
    ["../evil", "/evil", "//evil", "C:/evil", "a/C:evil", "..\\evil/x", "a/../evil", "a/..", "a/", "evil"],
)
def test_an_archive_cannot_write_outside_its_folder(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, "x")
    assert f"it contains “{name}”" in refusal_of(tmp_path / "a.zip")


def refusal_or_nothing(path: Path) -> str:
    """Return why an archive is refused, or nothing if it is not."""
    try:
        with reading.opened(path):
            return ""
    except NotARelease as refused:
        return str(refused)


def packed() -> bytes:
    """Return a small archive, with one file that is compressed and one that is not."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("claims-1/SHA256SUMS", "1234567890" * 5, zipfile.ZIP_DEFLATED)
        archive.writestr("claims-1/é.csv", "some words", zipfile.ZIP_STORED)
    return content.getvalue()


@pytest.mark.parametrize("changed", [0x00, 0xFF, 0x2A, None])
def test_a_damaged_archive_is_refused_in_words(tmp_path: Path, changed: int | None) -> None:
    path, whole = tmp_path / "a.zip", packed()
    refused = 0
    for place in range(len(whole)):
        # Without a byte to write, the archive ends at this place.
        path.write_bytes(
            whole[:place] if changed is None else whole[:place] + bytes([changed]) + whole[place + 1 :]
        )
        said = refusal_or_nothing(path)
        assert said == "" or said.startswith(str(path))
        refused += bool(said)
    assert refused > 100


def test_the_damaged_file_of_an_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed().replace(b"some words", b"some wards"))
    assert "a.zip cannot be read as an archive: “claims-1/é.csv” in it is damaged" in refusal_of(
        tmp_path / "a.zip"
    )


def test_an_archive_that_would_fill_the_disk_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MOST_BYTES", 1_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/bomb", bytes(200_000))
    assert "would be unpacked to more than" in refusal_of(tmp_path / "a.zip")
