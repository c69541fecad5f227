"""Lists of the API run the same few statements for any number of records on a page."""

import pytest

from claims_app.models import Claim, Study
from claims_app.rules.reference import Reference
from claims_app.services.accounts import users
from claims_app.services.appraisal import overlaps
from claims_app.services.discussion import comments
from claims_app.services.intake import inbox
from claims_app.services.intake.inbox import Origin
from claims_app.services.records import studies
from claims_app.vocabulary import OriginKind, Role, Via
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_study, make_watch
from tests.support.statements import counted
from tests.web.test_api import Program, program

__all__ = ["program"]  # the fixture

MOST = 12
"""Statements of a list, those that find the account of the token included."""

LISTS = (
    "/inbox",
    "/watches/WCH-1/candidates",
    "/claims/CLM-1/comments",
    "/watches",
    "/studies/STU-1/texts",
    "/overlaps/dismissed",
    "/proposals",
    "/topics",
    "/groups",
)


@pytest.fixture
def filled(program: Program) -> Program:
    """A client of a site that has nine of each, with all that belongs to them."""
    database = program.browser.database
    with database.reading() as session:
        ada = users.find_user(session, "ada")
    by_ada = type(BY_TEST)(via=Via.API, actor_id=ada.id, actor_role=Role.CURATOR)
    with database.writing(by_ada) as session:
        claim, study = session.get_one(Claim, 1), session.get_one(Study, 1)
        for number in range(9):
            watch = make_watch(session, claim)
            origin = Origin(kind=OriginKind.WATCH, detail="WCH-1", watch_id=1, claim_id=1)
            inbox.put(session, Reference(values={"title": f"Paper {number}"}), origin)
            comments.comment_on(session, claim, {"text": f"{number}, @ada, about {watch.public_id}"})
            studies.attach_text(session, study, {"label": f"part {number}", "content": f"Text {number}."})
            other = make_study(session, group=f"Group {number}")
            overlaps.dismiss(session, study, other, "Other patients.", ada.id)
    return program


@on_one_database
def test_longer_pages_of_lists_run_no_more_statements(filled: Program) -> None:
    for path in LISTS:
        runs = []
        for size in (2, 9):
            filled.send("GET", "/claims", 200)  # whatever is made once is made now
            with counted(filled.browser.database) as run:
                found = filled.send("GET", f"{path}?per_page={size}", 200)
            runs.append(len(run))
            assert path in ("/proposals", "/topics") or len(found["items"]) == size, path
        assert runs[0] == runs[1] <= MOST, (path, runs)
