"""Importing exported CSV files: unedited files change nothing, and only edited cells change."""

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims_app.database import Database, WriteSession
from claims_app.formats.columns import EXPORTS
from claims_app.formats.csv_writing import write
from claims_app.formats.delimited import Profile
from claims_app.models import Claim, Record, Revision
from claims_app.services.core.errors import Invalid
from claims_app.services.transfer.export import Export
from claims_app.services.transfer.export_request import ExportRequest
from claims_app.services.transfer.importing import applying, files
from claims_app.services.transfer.importing.model import PlannedRow
from claims_app.services.transfer.importing.saved_elsewhere import is_garbled, is_made_by_pandas
from claims_app.services.transfer.importing.seen import Seen
from claims_app.services.transfer.sources import SOURCES
from claims_app.vocabulary import RowOutcome, RowState
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim, make_evidence, make_limitation, make_study
from tests.support.office import TO_SEMICOLONS, convert

ADDRESS = "http://localhost"
FILES = ("claims", "studies", "evidence", "limitations")

characters = st.one_of(
    st.characters(exclude_categories=["C"], max_codepoint=0x2FFFF),
    st.sampled_from("'=+-@＝ \n\t,;|\\\"“0123456789.eE/:"),
)
texts = st.text(characters, min_size=1, max_size=14)
# Values that spreadsheet programs often change.
nasty = texts | st.sampled_from(
    ["1e15", "1.2E+15", "01", "3-4", "=1+1", "'quoted'", "TRUE", "1/2", "a|b\\", "''"]
)
LIKE_A_NUMBER = re.compile(r"[\d'=+@＝,.eE/:-]*\d[\d'=+@＝,.eE/:-]*|TRUE")
few = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


def exported(
    session: Session, name: str, records: Iterable[Record], profile: Profile = Profile.SAFE, **changed: object
) -> str:
    """Return the export of `records`, with the cells in `changed` edited in each row."""
    columns = EXPORTS[name]
    edited = []
    numbers = [record.id for record in records]
    for row in zip(*SOURCES[name].values(session, numbers, ADDRESS), strict=True):
        values = dict(zip((column.name for column in columns), row, strict=True)) | changed
        edited.append(tuple(values.values()))
    return "".join(write(columns, edited, profile=profile))


def planned(session: Session, text: str) -> list[PlannedRow]:
    """Return the plans for the rows of a file."""
    opened = files.open_file(text.encode())
    return list(files.plan(session, opened, opened.rows, Seen(), ADDRESS))


def revisions(session: Session) -> int:
    """Return the number of revisions."""
    return session.scalar(select(func.count(Revision.id))) or 0


def everything(session: Session, one: str, two: str) -> dict[str, list[Record]]:
    """Create a record of each type with the given texts."""
    try:
        claim = make_claim(session, statement=one, outcome=two, topics=[one], population=two)
        study = make_study(
            session, title=two, authors=one, journal=two, pages=one, volume="03", species=["mouse"]
        )
        item = make_evidence(
            session,
            claim,
            study,
            summary=one,
            locator=two,
            p_value="<0.001",
            effect_measure="OR",
            effect_value="3.50",
        )
        limitation = make_limitation(session, item, text=two)
    except Invalid:
        reject()
    session.flush()
    return {"claims": [claim], "studies": [study], "evidence": [item], "limitations": [limitation]}


@few
@given(one=nasty, two=nasty, profile=st.sampled_from(Profile))
def test_unedited_files_change_nothing(database: Database, one: str, two: str, profile: Profile) -> None:
    with database.writing(BY_TEST) as session:
        made = everything(session, one, two)
        before = revisions(session)
        for name, records in made.items():
            [row] = planned(session, exported(session, name, records, profile))
            assert (row.state, list(row.differences)) == (RowState.UNCHANGED, []), (name, row.reasons)
        assert revisions(session) == before
        session.rollback()


@few
@given(before=nasty, after=nasty)
def test_only_an_edited_cell_changes(database: Database, before: str, after: str) -> None:
    with database.writing(BY_TEST) as session:
        try:
            claim, target = make_claim(session, statement=before), make_claim(session, statement=after)
        except Invalid:
            reject()
        session.flush()
        wanted = target.statement
        [row] = planned(session, exported(session, "claims", [claim], statement=wanted))
        if claim.statement == wanted or is_made_by_pandas(wanted, claim.statement):
            assert row.state is RowState.UNCHANGED
        elif is_garbled(wanted, claim.statement):
            assert row.state is RowState.REFUSED
        elif row.state is RowState.REFUSED:
            # A spreadsheet may have produced it from something else, so it is not guessed.
            assert LIKE_A_NUMBER.fullmatch(wanted)
            assert "statement" in " ".join(row.reasons)
        else:
            assert [one.name for one in row.differences] == ["statement"], row.reasons
            assert applying.apply(session, row).outcome is RowOutcome.UPDATED
            session.refresh(claim)
            assert claim.statement == wanted
            [again] = planned(session, exported(session, "claims", [claim]))
            assert again.state is RowState.UNCHANGED
        session.rollback()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("publication_state", "preprint"),
        ("version_of_id", "STU-1"),
        ("centre", "Liverpool"),
        ("data_from", 2018),
        ("standing_reason", "Invented data."),
        ("standing_notice_doi", "10.1000/notice"),
        ("note", "Read in full."),
    ],
)
def test_an_edited_cell_of_a_study_is_read_back(database: Database, name: str, value: object) -> None:
    with database.writing(BY_TEST) as session:
        _, study = make_study(session), make_study(session)
        [row] = planned(session, exported(session, "studies", [study], **{name: value}))
        assert [one.name for one in row.differences] == [name], row.reasons
        assert applying.apply(session, row).outcome is RowOutcome.UPDATED
        assert exported(session, "studies", [study]).count(str(value))


def resaved(text: str, separator: str = ";", mark: str = "\ufeff", **cells: str) -> str:
    """Return a file as a spreadsheet saves it: with a separator, a byte order mark, and empty cells at the end."""
    lines = list(csv.reader(io.StringIO(text, newline="")))
    names = lines[0]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow([*names, "", ""])
    for line in lines[1:]:
        writer.writerow([*(cells.get(name, cell) for name, cell in zip(names, line, strict=True)), "", ""])
    writer.writerow([""] * (len(names) + 2))
    return mark + out.getvalue()


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_separators_byte_order_marks_and_empty_cells_are_ignored(database: Database, separator: str) -> None:
    with database.writing(BY_TEST) as session:
        for name, records in everything(session, "=Pain; and more", "10\nlines").items():
            [row] = planned(session, resaved(exported(session, name, records), separator))
            assert row.state is RowState.UNCHANGED, (name, row.reasons)
        session.rollback()


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({"created_at": "23.11.2026 10:00"}, RowState.UNCHANGED),
        ({"standing_date": "31.12.2025"}, RowState.CHANGED),
        ({"standing_date": "12/31/2025"}, RowState.CHANGED),
        ({"standing_date": "2025-12-31 00:00:00"}, RowState.CHANGED),
        ({"standing_date": "3/4/2025"}, RowState.REFUSED),
        ({"standing_date": "31. Dez 25"}, RowState.REFUSED),
        ({"pmid": "3.4E+07"}, RowState.REFUSED),
        ({"year": "2021,0"}, RowState.CHANGED),
        ({"year": "two"}, RowState.REFUSED),
        ({"pages": "Jan 10"}, RowState.REFUSED),
    ],
    ids=lambda value: str(value) if isinstance(value, RowState) else "-".join(value),
)
def test_values_changed_by_a_spreadsheet_are_understood_or_rejected_with_the_column(
    database: Database, cells: dict[str, str], state: RowState
) -> None:
    with database.writing(BY_TEST) as session:
        study = make_study(session, standing="corrected", standing_date="2024-01-01", pages="1-10", year=2020)
        session.flush()
        [row] = planned(session, resaved(exported(session, "studies", [study]), **cells))
        assert row.state is state, row.reasons
        if state is RowState.REFUSED:
            assert next(iter(cells)) in " ".join(row.reasons)
            assert next(iter(cells.values())) in " ".join(row.reasons)
        if "standing_date" in cells and state is RowState.CHANGED:
            assert [one.new for one in row.differences] == ["2025-12-31"]
        session.rollback()


def through_pandas(text: str, *, gaps: bool) -> str:
    """Return what pandas.read_csv and to_csv make of a file; with `gaps`, of one with an empty cell in each column."""
    lines = list(csv.reader(io.StringIO(text, newline="")))
    columns = []
    for column in zip(*lines[1:], strict=True):
        cells = ["" if cell in ("NA", "None", "null", "nan", "N/A") else cell for cell in column]
        given = [cell for cell in cells if cell]
        if given and all(re.fullmatch(r"\d{1,17}", cell) for cell in given):
            whole = not gaps and len(given) == len(cells)
            cells = [cell and (str(int(cell)) if whole else repr(float(cell))) for cell in cells]
        elif given and all(re.fullmatch(r"\d+(\.\d*)?(e[+-]?\d+)?", cell, re.I) for cell in given):
            cells = [cell and repr(float(cell)) for cell in cells]
        elif given and all(cell.lower() in ("true", "false") for cell in given):
            cells = [cell.capitalize() for cell in cells]
        columns.append(cells)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([lines[0], *zip(*columns, strict=True)])
    return out.getvalue()


@on_one_database
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("one", ["12", "007", "1e5", "2020.50", "NA", "True", "0.010", "12345678901234567"])
def test_files_that_went_through_pandas_change_nothing(session: WriteSession, one: str, gaps: bool) -> None:
    claim = make_claim(session, statement=one, outcome=one, topics=["Pain"])
    numbers = {"volume": one, "issue": one, "pages": one, "pmid": "30000001", "year": 2020}
    study = make_study(session, title=one, authors=one, journal=one, **numbers)
    estimate = {
        "effect_measure": "OR",
        "effect_value": "0.1",
        "ci_low": "0.07",
        "ci_high": "1.3",
        "ci_level": 95,
    }
    item = make_evidence(session, claim, study, summary=one, p_value="0.010", n_cases=12, **estimate)
    made = {
        "claims": claim,
        "studies": study,
        "evidence": item,
        "limitations": make_limitation(session, item),
    }
    session.flush()
    for name, row in made.items():
        text = through_pandas(exported(session, name, [row]), gaps=gaps)
        assert [(row.state, row.reasons) for row in planned(session, text)] == [(RowState.UNCHANGED, [])], (
            name
        )


@on_one_database
def test_a_number_with_a_decimal_point_can_be_corrected(session: WriteSession) -> None:
    study = make_study(session, volume="12.0", issue="11")
    session.flush()
    [row] = planned(session, resaved(exported(session, "studies", [study]), volume="12", issue="13.0"))
    assert {one.name: one.new for one in row.differences} == {"volume": "12", "issue": "13"}


GREEK = "TNF-α and β-endorphin ≥ 3 in naïve mice"


@on_one_database
@pytest.mark.parametrize(
    "garbled",
    [
        GREEK.encode("cp1252", "replace").decode("cp1252"),
        GREEK.encode().decode("cp1252", "replace"),
        GREEK.encode().decode("latin-1").replace("\x89", "").replace("\x91", ""),
        GREEK.encode("mac_roman", "replace").decode("cp1252", "replace"),
        GREEK.encode("ascii", "replace").decode(),
        GREEK.encode().decode("cp1252", "replace") + ", edited",
    ],
)
@pytest.mark.parametrize("column", ["title", "authors"])
def test_a_garbled_cell_is_refused_by_its_name(session: WriteSession, garbled: str, column: str) -> None:
    study = make_study(session, title=GREEK, authors=GREEK)
    session.flush()
    [row] = planned(session, resaved(exported(session, "studies", [study]), **{column: garbled}))
    assert row.state is RowState.REFUSED
    assert f"Column {column}:" in " ".join(row.reasons)
    assert garbled[:20] in " ".join(row.reasons)


@pytest.mark.parametrize(
    ("now", "edited"),
    [
        ("Müller, J", "Åberg, J"),
        ("Müller, J", "Mueller, J"),
        ("Grüße", "Grüße über Äpfel"),
        ("Does naïve pain rise", "Does naïve pain rise?"),
        ("Effect of TNF-α", "Effect of TNF-β"),
        ("Effect of TNF-α", "Effect of TNF-alpha"),
        ("“New” study – of pain", "“Old” study – of pain"),
        ("Étude", "Étude nouvelle à Paris"),
    ],
)
def test_an_edit_with_other_letters_is_not_garbled(now: str, edited: str) -> None:
    assert not is_garbled(edited, now)


@on_one_database
def test_files_saved_by_libreoffice_change_nothing(seeded: Database, soffice: str, tmp_path: Path) -> None:
    sources = [tmp_path / f"{name}.csv" for name in FILES]
    for source in sources:
        export = Export(seeded, ExportRequest.read(source.stem, {}), ADDRESS)
        source.write_bytes(b"".join(export.chunks()))
    folder = tmp_path / "saved"
    folder.mkdir()
    convert(soffice, sources, TO_SEMICOLONS, folder)
    with seeded.writing(BY_TEST) as session:
        for source in sources:
            saved = folder / source.name
            assert saved.read_bytes() != source.read_bytes()
            states = {row.state for row in planned(session, saved.read_text(encoding="utf-8"))}
            assert states == {RowState.UNCHANGED}, source.name
        session.rollback()


def test_only_rows_of_deleted_claims_are_rejected(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        first, second = make_claim(session), make_claim(session, statement="Another one.")
        session.flush()
        text = exported(session, "claims", [first, second])
        session.delete(session.get_one(Claim, first.id))
        session.flush()
        assert [row.state for row in planned(session, text)] == [RowState.REFUSED, RowState.UNCHANGED]
        session.rollback()
