"""What a search finds is true at once, however it was written: through the program, or by plain SQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from claims_app.database import Database
from claims_app.models import search_index
from claims_app.models.search import search_pending
from claims_app.services.records import claims, studies
from claims_app.services.search import found, matching_claims, matching_studies
from claims_app.services.system import repair, search_checks
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_limitation, make_study


def claims_with(session: Session, typed: str) -> list[int]:
    return sorted(found(matching_claims(session, typed)))


def studies_with(session: Session, typed: str) -> list[int]:
    return sorted(found(matching_studies(session, typed)))


def waiting(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(search_pending)) or 0


def by_plain_sql(database: Database, *statements: str) -> None:
    with database.engine.execution_options(claims_write=True).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def filled(database: Database) -> Iterator[Database]:
    """A claim with a limitation and an evidence item of a study with an abstract and another text."""
    with database.writing(BY_TEST) as session:
        claim = make_claim(
            session, statement="Serum transfers pain.", outcome="Allodynia", topics=["Nociception"]
        )
        study = make_study(session, title="Passive transfer", authors="Goebel, A", journal="JCI", year=2021)
        studies.keep_abstract(session, study, "Background: immunoglobulin.")
        studies.attach_text(session, study, {"label": "Full text", "content": "Hidden methods."})
        item = make_evidence(session, claim, study, summary="Hypersensitivity followed.")
        make_limitation(session, claim, text="Only females.")
        make_limitation(session, item, text="No blinding.")
    return database


@pytest.mark.parametrize(
    ("typed", "tier"),
    [
        ("serum transfers pain", 0),
        ("pain serum", 1),
        ("serum allodynia", 2),
        *((word, 2) for word in ("nociception", "hypersensitivity", "females", "blinding")),
        *(
            (word, 3)
            for word in ("passive", "goebel", "jci", "2021", "immunoglobulin", "pain immunoglobulin")
        ),
    ],
)
def test_a_claim_is_found_by_what_readers_see(filled: Database, typed: str, tier: int) -> None:
    with filled.reading() as session:
        assert [list(numbers) for numbers in matching_claims(session, typed)] == [
            [1] if at == tier else [] for at in range(4)
        ]


def test_a_stored_text_that_readers_do_not_see_finds_nothing(filled: Database) -> None:
    with filled.reading() as session:
        assert claims_with(session, "methods") == studies_with(session, "methods") == []
        assert studies_with(session, "immunoglobulin") == [1]


def test_nothing_waits_after_a_write(filled: Database) -> None:
    with filled.reading() as session:
        assert waiting(session) == 0


@pytest.mark.parametrize(
    ("statement", "gained", "lost"),
    [
        ("UPDATE claims SET statement = 'Zebrafish swim.' WHERE id = 1", "zebrafish", "serum"),
        ("UPDATE topics SET name = 'Zebrafish'", "zebrafish", "nociception"),
        ("DELETE FROM claim_topics", None, "nociception"),
        ("UPDATE limitations SET text = 'Zebrafish' WHERE claim_id = 1", "zebrafish", "females"),
        ("UPDATE limitations SET review_state = 'rejected' WHERE evidence_id = 1", None, "blinding"),
        ("UPDATE evidence_items SET review_state = 'rejected'", None, "hypersensitivity"),
        ("UPDATE evidence_items SET review_state = 'rejected'", None, "blinding"),
        ("UPDATE evidence_items SET review_state = 'rejected'", None, "goebel"),
        ("UPDATE studies SET title = 'Zebrafish' WHERE id = 1", "zebrafish", "passive"),
        ("UPDATE study_texts SET label = 'Zebrafish' WHERE label <> 'Full text'", None, "immunoglobulin"),
    ],
)
def test_plain_sql_is_found_at_once_and_indexed_with_the_next_write(
    filled: Database, statement: str, gained: str | None, lost: str
) -> None:
    with filled.reading() as session:
        assert claims_with(session, lost) == [1]
    by_plain_sql(filled, statement)
    for _ in range(2):
        with filled.reading() as session:
            assert claims_with(session, lost) == []
            assert gained is None or claims_with(session, gained) == [1]
        with filled.writing(BY_TEST) as session:
            make_claim(session, statement="Something else.")
    with filled.reading() as session:
        assert waiting(session) == 0


def test_deleted_records_leave_no_documents(filled: Database) -> None:
    with filled.writing(BY_TEST) as session:
        claim = make_claim(session, statement="Zebrafish swim.")
    with filled.writing(BY_TEST) as session:
        claims.delete_claim(session, session.merge(claim), claim.version)
    with filled.reading() as session:
        assert claims_with(session, "zebrafish") == []


def test_a_check_names_wrong_documents_and_a_repair_writes_them(filled: Database) -> None:
    def problems() -> list[str]:
        with filled.reading() as session:
            return [problem for part in search_checks.CHECK.parts(session) for problem in part.problems]

    assert problems() == []
    by_plain_sql(filled, "DELETE FROM study_documents", "UPDATE claim_documents SET own = ''")
    assert [problem.split(" by ")[0] for problem in problems()] == [
        "A search does not find CLM-1",
        "A search does not find STU-1",
    ]
    by_plain_sql(filled, "UPDATE claims SET statement = 'Zebrafish swim.'")
    assert problems() == ["1 changes by other programs are not indexed for search. Run “claims db repair”."]
    repair.run(filled)
    assert problems() == []
    with filled.reading() as session:
        assert claims_with(session, "zebrafish passive allodynia") == [1]


def test_a_long_queue_of_others_is_not_indexed_with_one_change(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "MOST_LEFT", 1)
    by_plain_sql(filled, *["UPDATE claims SET outcome = 'Zebrafish'"] * 3)
    with filled.writing(BY_TEST) as session:
        make_claim(session, statement="Something else.")
    with filled.reading() as session:
        assert waiting(session) == 2
        assert claims_with(session, "something") == [2]
