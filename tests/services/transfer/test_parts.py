"""Files in every format from one snapshot, and in parts that together are the whole file."""

import io
import json
from collections.abc import Iterator
from typing import Any

import openpyxl
import pandas
import polars
import pytest

from claims_app.database import Database
from claims_app.formats.columns import EXPORTS
from claims_app.formats.tables import TABLE_FORMATS
from claims_app.models import Claim
from claims_app.services.core.errors import BadFilter, DataChanged, NotInstalled
from claims_app.services.history.as_of import AsOf
from claims_app.services.jobs.queue import enqueue
from claims_app.services.transfer import list_export
from claims_app.services.transfer.export import Export
from claims_app.services.transfer.export_formats import ALL_FORMATS, formats_of, open_export
from claims_app.services.transfer.export_request import ExportRequest, Stretch
from claims_app.services.transfer.list_export import ListExport
from claims_app.services.transfer.sources import SOURCES, Source
from tests.conftest import BY_TEST, copied, on_one_database
from tests.factories import make_appraisal, make_claim, make_evidence, make_limitation, make_study
from tests.support.databases import Templates, opened

HERE = "http://here"


def fill(database: Database) -> None:
    """Add seven claims, each with evidence of a study of its own, a limitation and an appraisal."""
    with database.writing(BY_TEST) as session:
        for number in range(7):
            claim = make_claim(session, statement=f"Claim {number}", topics=["Pain"])
            make_evidence(
                session, claim, make_study(session, title=f"Study {number}", year=2000 + number % 3)
            )
            make_limitation(session, claim, text="=Few | people")
            make_appraisal(session, claim)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(templates: Templates, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database for tests that only read."""
    with copied(templates, request.param, "schema") as url, opened(url) as database:
        fill(database)
        yield database


def asked(name: str, form: str, **query: Any) -> ExportRequest:
    """Return the request for a file; its query is that of an address."""
    return ExportRequest.asked(name, {key: [str(value)] for key, value in query.items()}, form=form)


def body(export: ListExport) -> bytes:
    return b"".join(export.chunks())


def identifiers(form: str, data: bytes) -> list[str]:
    """Return the first column of a file."""
    if form == "parquet":
        return [row[0] for row in polars.read_parquet(io.BytesIO(data)).rows()]
    if form == "xlsx":
        [sheet, _] = openpyxl.load_workbook(io.BytesIO(data)).worksheets
        return [row[0] for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True)]
    if form == "jsonl":
        return [next(iter(json.loads(line).values())) for line in data.decode().splitlines()]
    return [line.replace("\t", ",").split(",")[0] for line in data.decode().splitlines()[1:]]


@pytest.mark.parametrize("form", TABLE_FORMATS)
def test_a_file_has_the_rows_that_were_counted_while_others_write(
    form: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database)
    monkeypatch.setattr(list_export, "CHUNK", 2)
    parts = Source.parts

    def slow(self: Source, *arguments: Any) -> Iterator[Any]:
        for number, part in enumerate(parts(self, *arguments)):
            yield part
            if number == 0:
                with database.writing(BY_TEST) as session:
                    make_claim(session, statement="Later")
                    session.get_one(Claim, 7).statement = "Changed"

    monkeypatch.setattr(Source, "parts", slow)
    export = Export(database, asked("claims", form), HERE)
    counted = export.row_count
    data = body(export)
    assert identifiers(form, data) == [f"CLM-{number}" for number in range(1, counted + 1)]
    assert counted == 7
    if form == "jsonl":
        assert json.loads(data.splitlines()[-1])["statement"] == "Claim 6"


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl"])
def test_the_parts_of_a_text_one_after_the_other_are_the_whole(
    filled: Database, name: str, form: str
) -> None:
    for sort in SOURCES[name].orders:
        whole = body(Export(filled, asked(name, form, sort=sort), HERE))
        request: ExportRequest | None = asked(name, form, sort=sort, limit=3)
        text, counts = b"", list[int]()
        while request:
            part = Export(filled, request, HERE)
            counts.append(part.row_count)
            request = part.next
            text += body(part)
        assert text == whole, sort
        assert counts == [3, 3, 1]


@on_one_database
@pytest.mark.parametrize("form", ["parquet", "xlsx", "ris"])
def test_the_parts_of_other_files_have_all_rows_once(database: Database, form: str) -> None:
    fill(database)
    request: ExportRequest | None = asked("studies", form, limit=4)
    found: list[str] = []
    while request:
        part = open_export(database, request, HERE)
        request = part.next
        data = body(part)
        lines = data.decode().splitlines() if form == "ris" else []
        found += [line[6:] for line in lines if line.startswith("ID")] if lines else identifiers(form, data)
    assert found == [f"STU-{number}" for number in range(1, 8)]


@on_one_database
def test_the_last_part_is_known_even_if_it_is_full(database: Database) -> None:
    fill(database)
    export = Export(database, asked("claims", "csv", limit=7), HERE)
    assert (export.row_count, export.total, export.next) == (7, 7, None)
    export.close()


def test_parts_of_two_states_of_the_data_are_refused(database: Database) -> None:
    fill(database)
    first = Export(database, asked("claims", "csv", limit=3), HERE)
    following = first.next
    first.close()
    assert following is not None
    Export(database, following, HERE).close()
    with database.writing(BY_TEST) as session:
        make_claim(session)
    with pytest.raises(DataChanged):
        Export(database, following, HERE)


def state_of(database: Database) -> tuple[str, str]:
    """Return the ETag of a file, and the state of the data in the address of its next part."""
    export = Export(database, asked("claims", "csv", limit=3), HERE)
    following = export.next
    export.close()
    assert following
    assert following.stretch
    return export.etag, str(following.stretch.snapshot)


def test_a_file_is_the_same_while_only_other_things_are_written(database: Database) -> None:
    fill(database)
    before = state_of(database)
    with database.writing(BY_TEST) as session:
        enqueue(session, "test", 1)
    assert state_of(database) == before


@pytest.mark.databases("postgresql")
def test_a_file_is_another_one_when_an_earlier_transaction_ends_after_a_later_one(database: Database) -> None:
    fill(database)
    with database.writing(BY_TEST) as earlier:
        make_claim(earlier, statement="Earlier")
        earlier.flush()
        with database.writing(BY_TEST) as later:
            make_claim(later, statement="Later")
        before = state_of(database)
    assert state_of(database) != before


@on_one_database
def test_parts_of_the_past_stay_the_same(database: Database) -> None:
    fill(database)
    moment = AsOf(database.clock(), False)
    request = ExportRequest.read("claims", {}, as_of=moment, stretch=Stretch(3))
    first = Export(database, request, HERE)
    following = first.next
    first.close()
    with database.writing(BY_TEST) as session:
        make_claim(session)
    assert following is not None
    assert following.stretch is not None
    assert following.stretch.snapshot is None
    second = Export(database, following, HERE)
    assert (second.row_count, second.total) == (3, 7)
    second.close()


@on_one_database
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            {"columns": "claim_id,level"},
            "“level” is not a column of claims. Choose from: claim_id, statement,",
        ),
        ({"columns": "kind,kind"}, "The column kind is named twice"),
        ({"limit": "0"}, "“0” is not a number of rows"),
        ({"limit": "many"}, "“many” is not a number of rows"),
        ({"limit": "2", "after": "nonsense"}, "This page of the list does not exist"),
        ({"snapshot": "abc"}, "“snapshot” belongs to a part of a file"),
        ({"header": "no"}, "Use header=0"),
        ({"profile": "unsafe"}, "“unsafe” is not a profile"),
        ({"colour": "red"}, "“colour” is not a filter"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    database: Database, query: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadFilter, match=sentence):
        Export(database, asked("claims", "csv", **query), HERE)


@on_one_database
@pytest.mark.parametrize("form", TABLE_FORMATS)
def test_the_chosen_columns_come_in_the_order_in_which_they_are_named(database: Database, form: str) -> None:
    fill(database)
    data = body(Export(database, asked("claims", form, columns="statement, claim_id"), HERE))
    assert identifiers(form, data)[:2] == ["Claim 0", "Claim 1"]


@on_one_database
def test_more_rows_than_a_sheet_can_have_are_refused_before_anything_is_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database)
    monkeypatch.setattr(Export, "total", 1_048_576)
    with pytest.raises(BadFilter, match=r"at most 1,048,575 rows, and this file may have 1,048,576"):
        Export(database, asked("claims", "xlsx"), HERE)
    Export(database, asked("claims", "xlsx", limit=1_048_575), HERE).close()
    Export(database, asked("claims", "csv"), HERE).close()


@on_one_database
def test_a_workbook_without_filters_says_so_to_pandas(database: Database) -> None:
    fill(database)
    workbook = io.BytesIO(body(Export(database, asked("claims", "xlsx"), HERE)))
    facts = pandas.read_excel(workbook, sheet_name="About", header=None, index_col=0)
    assert facts.loc["Filters", 1] == "none"


@on_one_database
def test_a_workbook_says_where_it_is_from(database: Database) -> None:
    fill(database)
    request = asked("claims", "xlsx", topic="pain", columns="claim_id,statement")
    export = Export(database, request, HERE, "https://example.org/licence")
    about = openpyxl.load_workbook(io.BytesIO(body(export)))["About"]
    facts = dict(row[:2] for row in about.iter_rows(min_row=2, max_row=7, values_only=True))
    assert facts == {
        "Address": "http://here/claims.xlsx?topic=pain&columns=claim_id,statement",
        "Filters": "Topic: Pain",
        "Order": "Identifier",
        "Data": (
            f"{database.clock():%Y-%m-%d} (UTC). Later changes of this day may be missing. "
            "A file with as_of is of an exact time."
        ),
        "Rows": "7",
        "Licence": "https://example.org/licence",
    }


@on_one_database
def test_each_request_has_one_address_and_one_command(database: Database) -> None:
    request = asked(
        "claims", "tsv", kind="treatment", review="accepted", sort="newest", columns="kind", profile="raw"
    )
    assert request.address("tsv") == "/claims.tsv?kind=treatment&sort=newest&columns=kind&profile=raw"
    assert request.command("tsv") == (
        "claims export claims --format tsv --kind treatment --sort newest --columns kind --profile raw -o claims.tsv"
    )
    assert asked("claims", "parquet", profile="raw", excel=1).address("parquet") == "/claims.parquet"


@on_one_database
def test_two_requests_have_the_same_etag_only_if_they_have_the_same_bytes(database: Database) -> None:
    fill(database)
    seen: dict[str, bytes] = {}
    queries: list[dict[str, object]] = [
        {},
        {"columns": "text"},
        {"profile": "raw"},
        {"header": "0"},
        {"excel": "1"},
        {"limit": "3"},
        {"limit": "4"},
    ]
    for form in TABLE_FORMATS:
        for query in queries:
            export = Export(database, asked("limitations", form, **query), HERE)
            data = body(export)
            assert seen.setdefault(export.etag, data) == data
    assert len(seen) == 7 + 7 + 4 + 4 + 4


@on_one_database
def test_a_format_without_its_package_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(NotInstalled, match="pyarrow"):
        open_export(database, asked("claims", "parquet"), HERE)


def test_studies_can_be_cited() -> None:
    assert [form.name for form in formats_of("studies")] == list(ALL_FORMATS)
    assert [form.name for form in formats_of("claims")] == list(TABLE_FORMATS)


def test_every_column_can_be_chosen_alone() -> None:
    for name, columns in EXPORTS.items():
        for column in columns:
            assert asked(name, "csv", columns=column.name).columns == (column,)
