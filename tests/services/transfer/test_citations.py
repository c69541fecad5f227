"""Importing references: which records are known, which are asked about, and what is remembered."""

from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from claims_app.database import Database, WriteSession
from claims_app.models import Candidate, DecidedReference, Study, StudyDistinction, User
from claims_app.services.intake.inbox import Origin
from claims_app.services.records import studies
from claims_app.services.records.kinds import form_values
from claims_app.services.transfer.importing import applying, files, uploads
from claims_app.services.transfer.importing.model import PlannedRow
from claims_app.services.transfer.importing.seen import Seen
from claims_app.vocabulary import OriginKind, RowOutcome, RowState
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_study

BOOK = """TY  - CHAP
TI  - Management of one disorder
AU  - Doe, Anna
PY  - 2020
T2  - Big Book
DO  - 10.5555/book
ER  -
"""
OTHER = """TY  - CHAP
TI  - Commentary: the future of another field
AU  - Poe, Carl
PY  - 2020
T2  - Big Book
VL  - 7
SP  - 99
EP  - 101
DO  - 10.5555/book
AB  - Mice were given water. Nothing happened.
C2  - PMC7654321
ER  -
"""
PACING = "A trial of pacing in people with fatigue"

pytestmark = on_one_database


def record(**values: str) -> str:
    """Return a record in RIS format; the names are those of RIS."""
    lines = [f"{name}  - {line}" for name, value in values.items() for line in value.split("\n")]
    return "\n".join(["TY  - JOUR", *lines, "ER  - ", ""])


def plan(session: WriteSession, *records: str) -> list[PlannedRow]:
    """Return the plans for the records of a file, without applying them."""
    opened = files.open_file("\n".join(records).encode())
    return list(files.plan(session, opened, opened.rows, Seen(), "http://localhost"))


def run(session: WriteSession, *records: str) -> list[tuple[RowState, RowOutcome | None]]:
    """Import a file as the command does: each row that is taken by default is saved at once."""
    opened = files.open_file("\n".join(records).encode())
    done: list[tuple[RowState, RowOutcome | None]] = []
    for row in files.plan(session, opened, opened.rows, Seen(), "http://localhost"):
        done.append((row.state, applying.apply(session, row).outcome if row.is_taken else None))
    return done


def states(done: Sequence[tuple[RowState, RowOutcome | None]]) -> list[RowState]:
    """Return the states of rows."""
    return [state for state, _ in done]


def values_of(session: WriteSession, number: int) -> dict[str, object]:
    """Return the form values of a study."""
    return form_values(session, session.get_one(Study, number))


def test_another_work_with_the_identifier_of_a_study_is_asked_about(session: WriteSession) -> None:
    run(session, BOOK)
    before = values_of(session, 1)
    [row] = plan(session, OTHER)
    assert row.state is RowState.UNSURE
    assert row.choices == ["STU-1"]
    assert "Has the DOI of STU-1, and another title" in " ".join(row.reasons)
    assert run(session, OTHER) == [(RowState.UNSURE, None)]
    assert values_of(session, 1) == before


def test_another_work_with_the_identifier_of_an_earlier_record_is_asked_about(session: WriteSession) -> None:
    first, second = plan(session, BOOK, OTHER)
    assert (first.state, second.state) == (RowState.NEW, RowState.UNSURE)
    assert "another title" in " ".join(second.reasons)
    assert first.values.get("volume") is None


@pytest.mark.parametrize(
    "title",
    [
        f"Comment on: {PACING}",
        f"Erratum to: {PACING}",
        f"{PACING}: reply",
        f"Retraction: {PACING}",
        "Müdigkeit und Belastungssteuerung",
        "[Fatigue management by activity control]",
        f"{PACING}, part 2",
        "Fatigue",
        "A trial of pacing in mice with fatigue",
    ],
)
def test_a_title_of_another_work_outweighs_the_identifier(session: WriteSession, title: str) -> None:
    run(session, record(TI=PACING, DO="10.5555/a", PY="2020"))
    [row] = plan(session, record(TI=title, DO="10.5555/a", PY="2020", VL="7"))
    assert row.state is RowState.UNSURE


@pytest.mark.parametrize(
    "title",
    [
        PACING.upper(),
        f"{PACING}: a cluster-randomised study in 12 centres",
        "A trial of pacing in people",
        f"RETRACTED: {PACING}",
        f"{PACING} [Pacing bei Müdigkeit, eine Studie]",
        f"Pacing bei Müdigkeit, eine Studie = {PACING}",
        "A trial of pacing in people with fatigues.",
        "A tr\N{LATIN SMALL LETTER I}al of <i>pacing</i> in people with fatigue",
    ],
)
def test_another_form_of_the_title_with_the_same_identifier_is_the_same_study(
    session: WriteSession, title: str
) -> None:
    run(session, record(TI=PACING, DO="10.5555/a", PY="2020"))
    [row] = plan(session, record(TI=title, DO="10.5555/a", PY="2020", VL="7"))
    assert (row.state, row.target) == (RowState.DIFFERS, "STU-1")
    assert [one.name for one in row.differences if one.take] == ["volume"]


def test_identifiers_of_several_studies_are_asked_about(session: WriteSession) -> None:
    make_study(session, title=PACING, doi="10.5555/a")
    make_study(session, title=PACING, pmid="123")
    [row] = plan(session, f"PMID- 123\nTI  - {PACING}\nAID - 10.5555/a [doi]\n")
    assert row.state is RowState.UNSURE
    assert row.choices == ["STU-1", "STU-2"]
    assert "different studies: STU-1 and STU-2" in " ".join(row.reasons)


def test_a_preprint_is_not_completed_from_the_published_version(session: WriteSession) -> None:
    make_study(session, title=PACING, doi="10.1101/2020.01.01.123456", journal="medRxiv", authors="Doe, A")
    published = record(TI=PACING, AU="Doe, A", DO="10.1101/2020.01.01.123456", T2="Pain", VL="7")
    [row] = plan(session, published)
    assert row.state is RowState.UNSURE


def test_nothing_is_filled_in_where_other_details_contradict(session: WriteSession) -> None:
    make_study(session, title=PACING, doi="10.5555/a", journal="Pain", volume="3")
    [row] = plan(session, record(TI=PACING, DO="10.5555/a", T2="Pain", VL="7", SP="99"))
    assert not row.is_taken
    assert "these were left out: Pages" in " ".join(row.warnings)


def test_copies_in_one_file_become_one_study_with_the_values_of_both(session: WriteSession) -> None:
    full = record(TI=PACING.upper(), DO="10.5555/a", PY="2020", VL="7", AB="Pain rose.")
    bare = record(TI=PACING, DO="10.5555/a", PY="2020")
    assert states(run(session, bare, full)) == [RowState.NEW, RowState.SAME]
    study = session.get_one(Study, 1)
    assert (study.title, study.volume, [text.content for text in study.texts]) == (
        PACING,
        "7",
        ["Pain rose."],
    )
    assert states(run(session, bare, full)) == [RowState.SAME, RowState.SAME]


def test_a_registry_number_with_another_title_is_asked_about(session: WriteSession) -> None:
    make_study(session, title=PACING, registry_id="NCT00000123", publication_state="registered")
    [row] = plan(session, "title,authors,registry number\nOf other things,Doe J,NCT00000123\n")
    assert row.state is RowState.UNSURE
    assert "registry number of STU-1, and another title" in " ".join(row.reasons)


def test_the_second_import_of_a_file_finds_everything(session: WriteSession) -> None:
    file = (
        record(TI="Editorial", PY="2020"),
        record(TI="Editorial", PY="2020", T2="Pain", VL="3"),
        record(TI=PACING, AU="Doe, A\nPoe, B", PY="2020", T2="Pain", AB="Pain rose."),
        record(TI=PACING, AU="Doe, A", PY="2016", T2="Fatigue", VL="1"),
        record(TI="Pacing", AU="{The Group}", Y1="2019///"),
    )
    first = run(session, *file)
    studies_before = session.scalar(select(func.count(Study.id)))
    second = run(session, *file)
    assert session.scalar(select(func.count(Study.id))) == studies_before
    for before, after in zip(states(first), states(second), strict=True):
        assert after is (RowState.UNSURE if before is RowState.UNSURE else RowState.SAME)


def test_what_was_unsure_is_not_added_by_the_second_import(session: WriteSession) -> None:
    title = "Teaching pain science: a critical matter"
    file = (
        record(TI=title, AU="Doe, Anna", PY="2020", DO="10.5555/t1"),
        record(TI=title, AU="Poe, Carl", PY="2020", T2="Reviews", VL="9", SP="70"),
    )
    assert states(run(session, *file)) == [RowState.NEW, RowState.UNSURE]
    assert states(run(session, *file)) == [RowState.SAME, RowState.UNSURE]


def test_a_record_is_known_after_its_study_was_edited(session: WriteSession) -> None:
    run(session, record(TI=PACING, AU="Doe, A", PY="2020"))
    study = session.get_one(Study, 1)
    changed = {**form_values(session, study), "title": "Corrected wholly otherwise", "year": 2018}
    studies.update_study(session, study, 1, changed)
    assert states(run(session, record(TI=PACING, AU="Doe, A", PY="2020"))) == [RowState.SAME]


def test_a_record_of_a_deleted_study_is_new_again(session: WriteSession) -> None:
    run(session, record(TI=PACING, AU="Doe, A", PY="2020"))
    study = session.get_one(Study, 1)
    studies.delete_study(session, study, study.version)
    session.expire_all()
    assert states(run(session, record(TI=PACING, AU="Doe, A", PY="2020"))) == [RowState.NEW]


def test_a_record_with_the_same_values_as_a_study_is_that_study(session: WriteSession) -> None:
    make_study(session, title=PACING, authors="Doe, A\nPoe, B", year=2020, journal="Pain", pages="2036-2040")
    [row] = plan(
        session, record(TI=PACING + ".", AU="Doe, A\nPoe, B", PY="2020", T2="PAIN", SP="2036", EP="40")
    )
    assert (row.state, row.target) == (RowState.SAME, "STU-1")


def test_a_short_title_alone_does_not_make_it_a_study_with_more_details(session: WriteSession) -> None:
    make_study(session, title="Editorial", authors="Doe, A", year=2020, journal="Pain")
    [row] = plan(session, record(TI="Editorial", PY="2020"))
    assert row.state is RowState.UNSURE


class Preview:
    """An upload whose rows a person decides on."""

    def __init__(self, database: Database, *records: str) -> None:
        self.database = database
        opened = files.open_file("\n".join(records).encode())
        with database.writing(BY_TEST) as session:
            upload = uploads.begin(session, self._user(session), "file.ris")
            uploads.describe(session, upload.id, opened)
            self.number, self.user_id = upload.id, upload.user_id
            rows = list(files.plan(session, opened, opened.rows, Seen(), "http://localhost"))
            self.states = [row.state for row in rows]
            uploads.add(session, upload.id, 1, rows)

    def _user(self, session: WriteSession) -> int:
        user = session.scalar(select(User)) or User(username="ada", role="curator", password_hash="x")
        session.add(user)
        session.flush()
        return user.id

    def decide(self, ticked: Sequence[int] = (), **meant: str) -> list[tuple[RowOutcome | None, str | None]]:
        """Save a selection that shows all rows, import it, and return the outcomes with their reasons."""
        with self.database.writing(BY_TEST) as session:
            upload = uploads.find(session, self.number, self.user_id)
            shown = range(1, len(self.states) + 1)
            chosen = {int(name.removeprefix("row")): text for name, text in meant.items()}
            uploads.choose(session, upload, shown, ticked, [], chosen)
            uploads.write_part(session, upload, 100)
            rows = uploads.show(session, upload, None, 0).rows
            return [(one.row.outcome, one.row.reason) for one in rows]


def test_a_work_that_a_person_adds_goes_without_the_identifier_of_another(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        run(session, BOOK)
    [(outcome, reason)] = Preview(database, OTHER).decide(row1=uploads.NEW)
    assert (outcome, reason) == (RowOutcome.CREATED, "Added without the DOI of STU-1.")
    with database.reading() as session:
        study = session.get_one(Study, 2)
        assert (study.doi, study.volume, study.pmcid) == (None, "7", "PMC7654321")
        assert session.scalar(select(func.count(StudyDistinction.id))) == 1
    assert Preview(database, OTHER).states == [RowState.SAME]


def test_a_person_is_not_asked_again(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        run(session, BOOK)
    new = record(TI=PACING, PY="2020")
    preview = Preview(database, OTHER, new)
    assert preview.states == [RowState.UNSURE, RowState.NEW]
    preview.decide(row1="STU-1")
    assert Preview(database, OTHER, new).states == [RowState.SAME, RowState.DECIDED]
    with database.reading() as session:
        assert session.scalar(select(func.count(DecidedReference.digest))) == 3


def test_a_skipped_record_can_still_be_added(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        run(session, BOOK)
    Preview(database, OTHER).decide()
    again = Preview(database, OTHER)
    assert again.states == [RowState.DECIDED]
    assert again.decide(row1=uploads.NEW)[0][0] is RowOutcome.CREATED


def test_a_row_that_nobody_saw_is_not_decided_on(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        run(session, BOOK)
    preview = Preview(database, OTHER)
    with database.writing(BY_TEST) as session:
        uploads.write_part(session, uploads.find(session, preview.number, preview.user_id), 100)
    assert Preview(database, OTHER).states == [RowState.UNSURE]


def test_an_identifier_alone_waits_in_the_inbox(session: WriteSession) -> None:
    only = record(DO="10.5555/only.doi")
    [row] = plan(session, only)
    assert row.state is RowState.INCOMPLETE
    assert not row.is_taken
    assert "--to-inbox" in " ".join(row.reasons)
    assert applying.apply(session, row).outcome is RowOutcome.REFUSED
    origin = Origin(kind=OriginKind.FILE, detail="file.ris")
    assert applying.to_inbox(session, row, origin).outcome is RowOutcome.INBOX
    assert applying.to_inbox(session, row, origin).outcome is RowOutcome.SKIPPED
    candidate = session.scalars(select(Candidate)).one()
    assert (candidate.doi, candidate.is_complete) == ("10.5555/only.doi", False)


def test_an_identifier_alone_of_a_study_is_here_already(session: WriteSession) -> None:
    make_study(session, title=PACING, doi="10.5555/only.doi")
    assert states(run(session, record(DO="10.5555/only.doi"))) == [RowState.SAME]


def test_a_refused_record_says_what_was_left_out(session: WriteSession) -> None:
    for more in ({}, {"DO": "10.5555/a"}):
        [row] = plan(session, record(TI="long " * 1000, PY="2020", AU="Doe, A", **more))
        reasons = " ".join(row.reasons)
        assert "Use at most 1,000 characters" in reasons
        assert "Enter a title" not in reasons
        assert "no title" not in reasons


@pytest.mark.parametrize("title", [f"Retraction: {PACING}", f"Correction to: {PACING.lower()}"])
def test_a_notice_names_the_study_that_it_is_about(session: WriteSession, title: str) -> None:
    make_study(session, title=PACING, authors="Doe, Anna", year=2010)
    [row] = plan(session, record(TI=title, AU="The Editors", PY="2022", DO="10.5555/a.ret"))
    reasons = " ".join(row.reasons)
    assert "This looks like the notice of a" in reasons
    assert "It seems to be about STU-1, Doe 2010." in reasons
    assert "was retracted" not in reasons


def test_a_notice_of_pubmed_names_the_study_by_its_number(session: WriteSession) -> None:
    make_study(session, title="Named otherwise", pmid="12345678")
    [row] = plan(
        session, "PMID- 1\nTI  - Retraction.\nPT  - Retraction of Publication\nROF - J Pain. PMID: 12345678\n"
    )
    assert "It seems to be about STU-1" in " ".join(row.reasons)


def test_a_retracted_article_is_said_to_be_retracted(session: WriteSession) -> None:
    [row] = plan(session, record(TI=f"RETRACTED ARTICLE: {PACING}", PY="2022"))
    assert "this study was retracted" in " ".join(row.reasons)
