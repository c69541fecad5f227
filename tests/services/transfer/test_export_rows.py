"""The rows of files and API lists: the same as those made from objects, at a cost that does not grow."""

import dataclasses
import datetime
import gc
import random
import tracemalloc
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from claims_app.database import Change, Database, WriteSession
from claims_app.formats.columns import EXPORTS
from claims_app.formats.delimited import Profile
from claims_app.models import Claim, EvidenceItem, Limitation, Study, User
from claims_app.services.appraisal import appraisals, rounds
from claims_app.services.core.errors import BadFilter
from claims_app.services.core.filters import RecordFilters
from claims_app.services.core.paging import PageRequest
from claims_app.services.core.query import Query
from claims_app.services.deduplication.merging import MergeChoices, merge
from claims_app.services.history.as_of import AsOf
from claims_app.services.transfer import list_export
from claims_app.services.transfer.export import Export
from claims_app.services.transfer.export_columns import Columns, Values
from claims_app.services.transfer.export_request import ExportRequest
from claims_app.services.transfer.lists import list_objects
from claims_app.services.transfer.sources import SOURCES, Source
from claims_app.services.transfer.totals import left_out
from claims_app.vocabulary import (
    ClaimKind,
    Conclusion,
    Direction,
    EvidenceLevel,
    ReviewState,
    Species,
    Standing,
    StudyDesign,
    Via,
)
from tests.conftest import BY_TEST, copied, on_one_database
from tests.factories import (
    ANSWERS,
    make_appraisal,
    make_claim,
    make_evidence,
    make_limitation,
    make_study,
)
from tests.support.databases import Templates, opened
from tests.support.life import live, set_clock
from tests.support.plain_csv import plain_csv
from tests.support.plain_export import plain_rows

HERE = "http://here"
SUBMITTED = Change(via=Via.COMMAND, summary="a test", review=True)
PIECES = [
    "=1+1",
    "+x",
    "-",
    "@a",
    "'x",
    "＝full",
    '"quoted"',
    "a,b",
    "two\nlines",
    "back\\slash",
    "bar|bar",
    "Füße ☃ 𝒳",
    "plain",
]
moments: list[datetime.datetime] = []
"""The moments of the past that the tests ask about."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def rich(templates: Templates, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with a past, and with records of every kind in every state, for tests that only read."""
    with copied(templates, request.param, "schema") as url, opened(url) as database:
        moments[:] = live(database)
        fill(database, random.Random(5))
        yield database


def fill(database: Database, chance: random.Random) -> None:
    """Add records with all kinds of texts and numbers."""

    def text() -> str:
        return " ".join(chance.sample(PIECES, chance.randint(1, 3)))

    def maybe(value: object) -> Any:
        return value if chance.random() < 0.5 else None

    def one(session: WriteSession) -> None:
        standing = chance.choice(list(Standing))
        study = make_study(
            session,
            title=text(),
            authors=maybe(f"Doe, J\n{chance.choice(PIECES[:9])}"),
            year=maybe(chance.randint(1950, 2025)),
            journal=maybe(text()),
            design=maybe(chance.choice(list(StudyDesign))),
            species=chance.sample(list(Species), chance.randint(0, 2)),
            group=maybe("Lab, one"),
            standing=standing,
            standing_date=None if standing is Standing.CURRENT else "2024-02-29",
            standing_reason=None if standing is Standing.CURRENT else text(),
            note=maybe(text()),
            url=maybe("https://example.org/a,b"),
        )
        claim = make_claim(
            session,
            statement=text(),
            kind=chance.choice(list(ClaimKind)),
            topics=chance.sample(["Pain", "Fatigue", "Sleep"], chance.randint(0, 3)),
            population=maybe(text()),
            comparator=maybe(text()),
            origin_study_id=study.id,
            origin_quote=maybe(text()),
        )
        numbers: dict[str, object] = {"effect_measure": "MD", "effect_value": chance.uniform(-1, 1) * 10**-6}
        means = {"mean_cases": 4, "sd_cases": 0.1, "mean_controls": -0.0, "sd_controls": 1e11}
        item = make_evidence(
            session,
            claim,
            study,
            direction=chance.choice(list(Direction)),
            summary=text(),
            quote=maybe(text()),
            n_cases=chance.randint(1, 10**6),
            n_controls=3,
            **(maybe(numbers) or {}),
            **(maybe({"outcome": text(), **means}) or {}),
        )
        for parent in (claim, claim, item):
            if chance.random() < 0.6:
                make_limitation(session, parent, text=text(), quote=maybe(text()))

    for number in range(24):
        # Times with and without microseconds.
        set_clock(database, moments[-1] + datetime.timedelta(days=20 + number, microseconds=number % 3 * 10))
        with database.writing(BY_TEST if number % 4 else SUBMITTED) as session:
            one(session)
            if number % 4 and number % 3:
                claim = make_claim(session, statement=text())
                item = make_evidence(session, claim, make_study(session, design="case_control"))
                make_appraisal(
                    session,
                    claim,
                    imprecision=-(number % 2),
                    imprecision_reason=text(),
                    level="moderate",
                    override_reason=text(),
                    rationale=maybe(text()),
                )
                if number % 5 == 0:
                    make_limitation(session, item, text=text(), domain="imprecision")
    with database.writing(BY_TEST) as session:
        session.add_all(User(username=f"user{n}", role="curator", password_hash="x") for n in range(3))
        twice = make_claim(session, statement="Appraised twice")
        make_evidence(session, twice, make_study(session, design="cohort"))
        rounds.open_round(session, twice, 1)
        number = twice.id
    for who in (2, 3):
        with database.writing(BY_TEST) as session:
            appraisals.appraise(session, session.get_one(Claim, number), ANSWERS, appraiser_id=who)
    with database.writing(BY_TEST) as session:
        kept, merged = make_claim(session), make_claim(session)
        make_evidence(session, merged, make_study(session, publication_state="preprint", version_of_id=1))
        make_limitation(session, merged, text="Moved along.")
        session.flush()
        merge(session, kept, merged, (kept.version, merged.version), MergeChoices())
        for model in (Claim, EvidenceItem, Limitation, Study):
            rejected = session.get_one(model, max(session.query(model.id).order_by(model.id).limit(9))[0])
            rejected.review_state = ReviewState.REJECTED


values: dict[str, st.SearchStrategy[str]] = {
    "q": st.sampled_from(["plain", "a", "2021"]),
    "design": st.sampled_from(StudyDesign.values()),
    "species": st.sampled_from(Species.values()),
    "standing": st.sampled_from(Standing.values()),
    "year_from": st.sampled_from(["1980", "2000"]),
    "review": st.sampled_from(["submitted", "accepted", "rejected"]),
    "level": st.sampled_from(EvidenceLevel.values()),
    "conclusion": st.sampled_from(Conclusion.values()),
    "kind": st.sampled_from(ClaimKind.values()),
    "topic": st.sampled_from(["pain", "fatigue"]),
    "claim": st.sampled_from(["CLM-1", "CLM-3"]),
    "direction": st.sampled_from(Direction.values()),
    "needs": st.sampled_from(["evidence", "appraisal", "review"]),
}


@st.composite
def queries(draw: st.DrawFn) -> tuple[str, Query]:
    """Return the name of a list, and a query with few filters, so that something is found."""
    name = draw(st.sampled_from(list(SOURCES)))
    allowed = sorted({*SOURCES[name].filters.names()} & {*values})
    chosen = draw(st.lists(st.sampled_from(allowed), max_size=2, unique=True))
    query = {name: draw(st.lists(values[name], min_size=1, max_size=3, unique=True)) for name in chosen}
    for single in {"q", "year_from"} & {*query}:
        query[single] = query[single][:1]
    query["sort"] = [draw(st.sampled_from(sorted(SOURCES[name].orders)))]
    return name, query


@settings(max_examples=40)
@given(
    asked=queries(),
    profile=st.sampled_from(Profile),
    excel=st.booleans(),
    past=st.none() | st.integers(0, 16),
    chunk=st.sampled_from([1, 3, 250]),
)
def test_a_file_is_the_same_as_one_made_from_objects(
    rich: Database, asked: tuple[str, Query], profile: Profile, excel: bool, past: int | None, chunk: int
) -> None:
    name, query = asked
    as_of = None if past is None else AsOf(moments[past], False)
    request = ExportRequest.read(name, query, profile=profile, excel=excel, as_of=as_of)
    with rich.reading(as_of.at if as_of else None) as session:
        filters = request.filters
        if isinstance(filters, RecordFilters):
            filters = filters.searched(session)
        rows = list(plain_rows(session, name, filters, request.sort, HERE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_export, "CHUNK", chunk)
        try:
            made = Export(rich, request, HERE)
        except BadFilter:
            # The topic or the claim did not exist yet.
            reject()
        assert made.row_count == len(rows)
        assert b"".join(made.chunks()).decode() == plain_csv(EXPORTS[name], rows, profile, bom=excel)
        assert made.written == len(rows)


@pytest.mark.parametrize("name", list(SOURCES))
def test_a_list_of_the_api_has_the_values_of_the_file(rich: Database, name: str) -> None:
    filters, sort = SOURCES[name].read({})
    with rich.reading() as session:
        rows = list(plain_rows(session, name, filters, sort, HERE))
        found, after = [], None
        while True:
            page = list_objects(session, name, filters, sort, PageRequest(7, after), HERE)
            assert page.total == len(rows)
            found += page.items
            after = page.next
            if after is None:
                break
    n_columns = len(EXPORTS[name])
    assert [[plain(value) for value in one.values()][:n_columns] for one in found] == [
        [plain(value) for value in row] for row in rows
    ]
    assert list(found[0])[n_columns:] == ([] if name == "appraisals" else ["review_state"])


def plain(value: object) -> object:
    """Return a value of a list as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def statements(database: Database, request: ExportRequest) -> list[str]:
    """Return the statements that an export executes until it ends."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        for _ in Export(database, request, HERE).chunks():
            pass
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return sent


@pytest.mark.parametrize("name", list(SOURCES))
def test_a_file_runs_the_same_statements_for_any_number_of_rows(rich: Database, name: str) -> None:
    request = ExportRequest.read(name, {})
    number = len(statements(rich, request))
    assert number <= 7
    with rich.reading() as session:
        n_rows = len(list(plain_rows(session, name, request.filters, request.sort, HERE)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_export, "CHUNK", n_rows)
        assert len(statements(rich, request)) == number
        patch.setattr(list_export, "CHUNK", -(-n_rows // 2))
        assert len(statements(rich, request)) <= 2 * number


@pytest.mark.parametrize("name", list(SOURCES))
def test_a_file_begins_before_its_records_are_read(
    rich: Database, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_export, "CHUNK", 2)
    read: list[int] = []
    columns = SOURCES[name].columns

    def counting(session: Session, numbers: Sequence[int], base_url: str) -> Columns:
        read.append(len(numbers))
        return columns(session, numbers, base_url)

    monkeypatch.setitem(SOURCES, name, dataclasses.replace(SOURCES[name], columns=counting))
    chunks = Export(rich, ExportRequest.read(name, {}), HERE).chunks()
    assert next(chunks).count(b"\n") == 1
    assert read == []
    assert next(chunks).count(b"\r\n") >= 2
    assert read == [2]
    chunks.close()


@on_one_database
def test_memory_does_not_grow_with_the_file(rich: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rows again and again: two and a half times as many take no more memory."""
    source = SOURCES["claims"]

    def peak(times: int) -> int:
        parts = Source.parts

        def repeated(self: Source, *arguments: Any) -> Iterator[list[Values]]:
            for _ in range(times):
                yield from parts(self, *arguments)
                gc.collect()

        monkeypatch.setattr(Source, "parts", repeated)
        tracemalloc.start()
        try:
            length = sum(map(len, Export(rich, ExportRequest.read(source.name, {}), HERE).chunks()))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            monkeypatch.undo()
            assert length > times * 10_000

    peak(1)
    assert peak(5) < 1.2 * peak(2)


@pytest.mark.parametrize("accepted_only", [False, True])
@pytest.mark.parametrize("name", list(SOURCES))
def test_the_length_of_a_list_is_known_without_reading_it(
    rich: Database, name: str, accepted_only: bool
) -> None:
    """What is left out is found by indexes. (On PostgreSQL a table of few rows is always scanned.)"""
    queries = list(left_out(SOURCES[name].model, accepted_only))
    assert queries
    if not rich.is_sqlite:
        return
    with rich.reading() as session:
        for query in queries:
            compiled = query.compile(rich.engine)
            values = tuple(compiled.params[name] for name in compiled.positiontup or ())
            explained = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)
            plan = [row[-1] for row in explained]
            assert [step for step in plan if step.startswith("SCAN") and "INDEX" not in step] == []
