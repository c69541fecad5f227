"""Importing in batches: the same result as row by row, in a constant number of statements."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from claims_app.database import Base, Change, Database
from claims_app.models import Claim
from claims_app.models.types import UtcDateTime
from claims_app.models.unit_of_work import finish
from claims_app.rules import titles
from claims_app.services.transfer.importing import applying, cells, files, together
from claims_app.services.transfer.importing.batches import FileImport
from claims_app.services.transfer.importing.together import Save
from claims_app.vocabulary import Role, RowState, Via
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim, make_evidence, make_study
from tests.support.plans import sent

ONE_BY_ONE = together.one_by_one(applying.apply)
RESULTS = (
    "studies",
    "studies_versions",
    "study_species",
    "study_texts",
    "study_keys",
    "study_groups",
    "study_distinctions",
    "decided_references",
    "claims",
    "claims_versions",
    "claim_topics",
    "claim_words",
    "topics",
    "evidence_items",
    "evidence_items_versions",
    "limitations",
    "limitations_versions",
    "revisions",
    "proposals",
)
"""The tables that an import may write."""

_OFTEN = (
    "A trial of pacing in people with fatigue",
    "A trial of pacing in peolpe with fatigue",
    "A trial of pacing in people with fatigue: a cluster-randomised study",
    "A trial of pacing in people with",
    "Trial of pacing in mice with fatigue",
    "Serum antibodies in fibromyalgia syndrome and pain",
    "Retraction: A trial of pacing in people with fatigue",
    "Editorial",
)
_maybe = st.sampled_from
references = st.fixed_dictionaries(
    {"TI": st.sampled_from(_OFTEN)},
    optional={
        "AU": _maybe(["Doe, Anna", "Roe, Ben", "Doe, A."]),
        "PY": _maybe(["2019", "2020", "2024"]),
        "DO": _maybe(["10.5555/a", "10.5555/b", "10.1101/2020.01.02.123456"]),
        "C2": _maybe(["PMC7654321"]),
        "VL": _maybe(["7", "8"]),
        "AB": _maybe(["Pain rose.", "Pain fell."]),
        "T2": _maybe(["Pain", "medRxiv"]),
    },
)
claim_rows = st.fixed_dictionaries(
    {
        "claim_id": _maybe(["", "", "CLM-1", "CLM-2", "CLM-9"]),
        "statement": _maybe(["Pacing helps.", "Pacing harms.", ""]),
        "kind": _maybe(["association", "mechanism", "wrong"]),
        "topics": _maybe(["", "pain", "Pain", "pain|new topic", "Another"]),
        "origin_study_id": _maybe(["", "STU-1", "STU-7"]),
        "origin_quote": _maybe(["", "", "Serum was given."]),
    }
)
evidence_rows = st.fixed_dictionaries(
    {
        "evidence_id": _maybe(["", "", "EVD-1"]),
        "claim_id": _maybe(["CLM-1", "CLM-2", "CLM-8", ""]),
        "study_id": _maybe(["STU-1", "STU-2", "STU-3", "STU-8"]),
        "direction": _maybe(["supports", "contradicts"]),
        "summary": _maybe(["Pain rose.", "Pain fell."]),
        "quote": _maybe(["", "", "Serum was given."]),
    }
)
limitation_rows = st.fixed_dictionaries(
    {
        "limitation_id": _maybe([""]),
        "claim_id": _maybe(["CLM-1", "CLM-2", "", ""]),
        "evidence_id": _maybe(["EVD-1", "", "EVD-9"]),
        "text": _maybe(["Few people.", ""]),
        "kind": _maybe(["small_sample", "other"]),
    }
)
study_rows = st.fixed_dictionaries(
    {
        "study_id": _maybe(["", "", "STU-1", "STU-2"]),
        "title": _maybe(_OFTEN),
        "doi": _maybe(["", "10.5555/a", "10.5555/b", "10.5555/c"]),
        "registry_id": _maybe(["", "", "NCT01234567"]),
        "version_of_id": _maybe(["", "", "STU-1", "STU-2", "STU-3"]),
        "group": _maybe(["", "", "One group"]),
    }
)


def ris(records: Sequence[dict[str, str]]) -> bytes:
    """Return a RIS file."""
    lines = [
        "\n".join(["TY  - JOUR", *(f"{tag}  - {value}" for tag, value in one.items()), "ER  - ", ""])
        for one in records
    ]
    return "\n".join(lines).encode()


def table(rows: Sequence[dict[str, str]]) -> bytes:
    """Return a CSV file with a header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with the records that the files are about."""
    with database.writing(BY_TEST) as session:
        first = make_study(session, title=_OFTEN[0], doi="10.5555/a", year=2020, authors=["Doe, Anna"])
        make_study(session, title="Another one", pmid="123", group="One group")
        make_study(session, title=_OFTEN[5])
        claim = make_claim(session, topics=["pain"])
        make_claim(session)
        make_evidence(session, claim, first)
    return database


def imported(database: Database, data: bytes, size: int, save: Save, change: Change = BY_TEST) -> list[Any]:
    """Import a file in batches of `size`, and undo it; return the report of each row, and the rows of all tables."""
    work = FileImport(files.open_file(data), "http://localhost", save)
    reported: list[Any] = []
    with database.writing(change) as session:
        count_from_the_start(session)
        while not work.is_done:
            work.judge(session, size)
            for row, done in work.save(session, lambda row: row.is_taken):
                reported.append((row.as_json(), done and (done.outcome, done.record, done.reason)))
            work.advance()
        finish(session)
        reported += [row for name in RESULTS for row in rows_of(session, name)]
        session.rollback()
    return reported


def count_from_the_start(session: Session) -> None:
    """Let the next records have the same numbers as those of a transaction that was rolled back."""
    if session.get_bind().dialect.name == "postgresql":
        for name in RESULTS:
            if "id" in Base.metadata.tables[name].c and not name.endswith("_versions"):
                sequence = f"pg_get_serial_sequence('{name}', 'id')"
                session.execute(
                    text(f"SELECT setval({sequence}, COALESCE(max(id), 0) + 1, false) FROM {name}")
                )


def rows_of(session: Session, name: str) -> list[tuple[str, str]]:
    """Return the rows of a table, without times, and without the numbers of revisions."""
    columns = [
        column
        for column in Base.metadata.tables[name].c
        if not isinstance(column.type, UtcDateTime) and (name, column.name) != ("revisions", "id")
    ]
    return sorted((name, repr(tuple(row))) for row in session.execute(select(*columns)))


few = settings(
    max_examples=settings().max_examples // 5, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@few
@given(st.lists(references, min_size=2, max_size=8).map(ris), st.integers(2, 9))
def test_references_in_batches_are_imported_as_one_by_one(filled: Database, data: bytes, size: int) -> None:
    assert imported(filled, data, size, together.apply) == imported(filled, data, 1, ONE_BY_ONE)


@few
@given(
    st.sampled_from([claim_rows, evidence_rows, limitation_rows, study_rows])
    .flatmap(lambda rows: st.lists(rows, min_size=2, max_size=8))
    .map(table),
    st.integers(2, 9),
    st.booleans(),
)
def test_rows_of_exported_files_in_batches_are_imported_as_one_by_one(
    filled: Database, data: bytes, size: int, review: bool
) -> None:
    change = Change(via=Via.COMMAND, actor_role=Role.CURATOR, summary="a test", review=review)
    assert imported(filled, data, size, together.apply, change) == imported(
        filled, data, 1, ONE_BY_ONE, change
    )


def numbered(what: str, first: int, rows: int) -> bytes:
    """Return a file of so many new records that have little in common."""
    words = [
        "".join(chr(97 + (number * prime) % 26) for prime in (3, 5, 7, 11, 17)) for number in range(2000)
    ]
    numbers = range(first, first + rows)
    if what == "references":
        return ris(
            [
                {
                    "TI": f"{words[n]} {words[n + 700]} {n}",
                    "AU": "Doe, A.",
                    "DO": f"10.5555/{n}",
                    "AB": words[n],
                }
                for n in numbers
            ]
        )
    if what == "claims":
        return table(
            [
                {"claim_id": "", "statement": f"{words[n]} {n}", "kind": "mechanism", "topics": "pain"}
                for n in numbers
            ]
        )
    return table(
        [
            {"limitation_id": "", "claim_id": "CLM-1", "text": f"{words[n]} {n}", "kind": "small_sample"}
            for n in numbers
        ]
    )


def run(database: Database, data: bytes, rows: int) -> int:
    """Import a file in batches of so many rows, and return the number of transactions that saved something."""
    work = FileImport(files.open_file(data), "http://localhost", together.apply)
    written = 0
    while not work.is_done:
        with database.judging(BY_TEST) as session:
            work.judge(session, rows)
        with database.writing(BY_TEST) as session:
            work.save(session, lambda row: row.is_taken)
            written += 1
        work.advance()
    return written


@pytest.mark.parametrize("what", ["references", "claims", "limitations"])
def test_the_statements_of_a_batch_do_not_depend_on_its_rows(filled: Database, what: str) -> None:
    run(filled, numbered(what, 0, 5), 500)
    counted = []
    for first, rows in ((100, 20), (200, 60)):
        with sent(filled) as found:
            assert run(filled, numbered(what, first, rows), 500) == 1
        counted.append(len(found))
    assert counted[1] <= counted[0] + 3, "a statement for each row"


@on_one_database
def test_the_topics_of_a_batch_are_looked_up_together(filled: Database) -> None:
    names = [f"Topic {number}" for number in range(30)]
    with filled.writing(BY_TEST) as session:
        make_claim(session, topics=names)
    rows = [
        {"claim_id": "", "statement": f"Of {name}", "kind": "mechanism", "topics": name} for name in names
    ]
    with sent(filled) as found:
        run(filled, table(rows), 500)
    assert len([one for one in found if "FROM topics" in one]) == 1


@on_one_database
def test_rows_that_did_not_change_are_judged_in_the_same_number_of_statements(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[object] = []
    written = cells.written
    monkeypatch.setattr(cells, "written", lambda *row: encoded.append(row) or written(*row))
    with filled.writing(BY_TEST) as session:
        for number in range(20):
            make_claim(session, statement=f"Claim {number}", topics=[f"Topic {number}"])
    counted = []
    for rows in (2, 20):
        values = [(number, f"Claim {number - 3}", f"topic-{number - 3}") for number in range(3, 3 + rows)]
        data = table(
            [{"claim_id": f"CLM-{n}", "statement": one, "topics": topic} for n, one, topic in values]
        )
        with sent(filled) as found, filled.judging(BY_TEST) as session:
            work = FileImport(files.open_file(data), "http://localhost", together.apply)
            work.judge(session, 500)
        assert {row.state for row in work.planned} == {RowState.UNCHANGED}
        counted.append(len(found))
    assert counted[0] == counted[1]
    assert len(encoded) == 2 * (2 + 20), "the cells of a row are written together, once in each profile"


@on_one_database
def test_the_words_of_a_title_are_worked_out_once(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[str] = Counter()
    work_out = titles.words

    def counted(title: str) -> list[str]:
        asked[title] += 1
        return work_out(title)

    monkeypatch.setattr(titles, "words", counted)
    run(filled, numbered("references", 0, 40), 20)
    assert max(asked.values()) == 1


def test_others_can_save_between_two_batches(filled: Database) -> None:
    work = FileImport(files.open_file(numbered("references", 0, 50)), "http://localhost", together.apply)
    for number in range(5):
        with filled.judging(BY_TEST) as session:
            work.judge(session, 10)
            # Judging holds no lock: on SQLite, another save would wait for it in vain.
            with filled.writing(BY_TEST) as other:
                make_claim(other, statement=f"Saved meanwhile, {number}.")
        with filled.writing(BY_TEST) as session:
            assert len(work.save(session, lambda row: row.is_taken)) == 10
        work.advance()
    assert work.is_done


def test_what_others_saved_since_a_batch_was_judged_is_seen(filled: Database) -> None:
    work = FileImport(files.open_file(numbered("references", 0, 3)), "http://localhost", together.apply)
    with filled.judging(BY_TEST) as session:
        work.judge(session, 10)
        assert [row.state for row in work.planned] == [RowState.NEW] * 3
    with filled.writing(BY_TEST) as other:
        make_study(other, title=str(work.planned[1].values["title"]), doi="10.5555/1", authors=["Doe, A."])
    with filled.writing(BY_TEST) as session:
        work.save(session, lambda row: row.is_taken)
    assert [row.state for row in work.planned] == [RowState.NEW, RowState.DIFFERS, RowState.NEW]


def test_a_session_that_judges_saves_nothing(filled: Database) -> None:
    with filled.judging(BY_TEST) as session:
        session.get_one(Claim, 1).statement = "Changed."
        with pytest.raises(RuntimeError, match="only judges"):
            session.flush()
