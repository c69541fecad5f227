"""The matrix: what each study says about each claim of a page, and which parts of the studies there are."""

import pytest

from claims_app.database import Database
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.pages import matrix
from claims_app.services.pages.matrix import matrix_of
from claims_app.vocabulary import Direction
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_study


@pytest.fixture
def filled(database: Database) -> Database:
    """Two claims and three studies; the newest study says two things about CLM-1, and CLM-2 has one study."""
    with database.writing(BY_TEST) as session:
        first, second = make_claim(session), make_claim(session)
        studies = [
            make_study(session, year=year, design=design)
            for year, design in ((2001, "cohort"), (2020, "cohort"), (None, "case_control"))
        ]
        make_evidence(session, first, studies[1])
        make_evidence(session, first, studies[1], direction="contradicts")
        make_evidence(session, first, studies[2])
        make_evidence(session, second, studies[0], direction="inconclusive")
    return database


def test_columns_are_the_newest_studies_first_and_cells_hold_every_direction(filled: Database) -> None:
    with filled.reading() as session:
        found = matrix_of(session, [2, 1], ClaimFilters(), 1)
    assert [study.row.public_id for study in found.studies] == ["STU-2", "STU-1", "STU-3"]
    assert [(line.claim.public_id, line.cells) for line in found.lines] == [
        ("CLM-2", [[], [Direction.INCONCLUSIVE], []]),
        ("CLM-1", [[Direction.SUPPORTS, Direction.CONTRADICTS], [], [Direction.SUPPORTS]]),
    ]
    assert (found.n_studies, found.n_parts) == (3, 1)


def test_filters_of_evidence_also_choose_the_studies(filled: Database) -> None:
    with filled.reading() as session:
        filters = ClaimFilters.read({"design": ["cohort"], "direction": ["supports"]})
        found = matrix_of(session, [1, 2], filters, 1)
    assert [study.row.public_id for study in found.studies] == ["STU-2"]
    assert [line.cells for line in found.lines] == [[[Direction.SUPPORTS]], [[]]]


def test_many_studies_come_in_parts(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "MOST_STUDIES", 2)
    with filled.reading() as session:
        parts = [matrix_of(session, [1, 2], ClaimFilters(), part) for part in (1, 2, 3)]
    assert [len(part.studies) for part in parts] == [2, 1, 0]
    assert [part.n_parts for part in parts] == [2, 2, 2]
