"""The policy, cell by cell: the table, the services, the pages, the API and imports all agree."""

import itertools
import json
from typing import Any

import pytest
from flask import Flask

from claims_app.database import Database
from claims_app.models import Appraisal, Claim, Proposal, User
from claims_app.permissions import TABLE, Doer, Permission, decide
from claims_app.services.accounts import tokens
from claims_app.services.appraisal import appraisals
from claims_app.services.core import records
from claims_app.services.core.errors import NotAllowed
from claims_app.services.deduplication import merging
from claims_app.services.deduplication.merging import MergeChoices
from claims_app.services.history import restore
from claims_app.services.records import claims, proposals
from claims_app.services.records.kinds import form_values
from claims_app.services.review import decisions
from claims_app.services.review.review_queue import find_reviewed
from claims_app.services.transfer.importing import applying, files
from claims_app.services.transfer.importing.seen import Seen
from claims_app.vocabulary import (
    Effect,
    RecordType,
    ReviewState,
    Role,
    RowOutcome,
    RowState,
    TokenScope,
    Whose,
)
from tests.conftest import BY_TEST, on_one_database
from tests.factories import ANSWERS, CLAIM
from tests.policy.oracle import Cell, cells, change_by, expected, set_up
from tests.support.browsing import PASSWORD_HASH, Browser

# The policy asks no database, so one of them is enough.
pytestmark = on_one_database

ME, OTHER = 1, 2
ALL = list(itertools.product((False, True), Role))


def add_people(database: Database, role: Role) -> None:
    """Add an account for me with `role`, and two editors."""
    with database.writing(BY_TEST) as session:
        for number, name in enumerate(("me", "other", "third"), start=1):
            of = role if number == ME else Role.EDITOR
            session.add(User(id=number, username=name, role=of, password_hash=PASSWORD_HASH))


@pytest.mark.parametrize(("review", "role"), ALL)
def test_the_table_matches_the_expected_policy(review: bool, role: Role) -> None:
    for cell in cells(review, role):
        decision = decide(
            Doer.of(role.value), cell.permission, review=review, whose=cell.whose, state=cell.state
        )
        assert decision.effect is expected(cell), cell
        assert bool(decision.why) is not bool(decision), cell


def test_the_table_has_every_cell() -> None:
    doers = [doer for doer in Doer if doer is not Doer.NOBODY]
    assert len(TABLE) == 2 * len(doers) * len(Permission) * len(Whose) * len(ReviewState)


def test_visitors_who_are_not_logged_in_may_do_nothing() -> None:
    for permission, review in itertools.product(Permission, (False, True)):
        assert not decide(Doer.NOBODY, permission, review=review)


@pytest.mark.parametrize(
    "permission", [Permission.MANAGE_ACCOUNTS, Permission.MANAGE_WEBHOOKS, Permission.OPERATE]
)
def test_admins_and_the_operator_manage_accounts_and_webhooks(permission: Permission) -> None:
    may = {d for d in Doer for review in (False, True) if decide(d, permission, review=review)}
    assert may == {Doer.ADMIN, Doer.OPERATOR}


def duplicate_of(database: Database) -> int:
    """Create another accepted claim, and return its number."""
    with database.writing(BY_TEST) as session:
        return claims.create_claim(session, CLAIM, duplicate_is_meant=True).id


class Services:
    """Tries each cell through the services."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def attempt(self, cell: Cell, name: str) -> Effect:
        """Return the effect."""
        duplicate = duplicate_of(self.database) if cell.permission is Permission.MERGE else 0
        try:
            with self.database.writing(change_by(ME, cell.role, review=cell.review)) as session:
                return self._attempt(session, cell, name, duplicate)
        except NotAllowed:
            return Effect.NO

    def _attempt(self, session: Any, cell: Cell, name: str, other: int) -> Effect:
        match cell.permission:
            case Permission.CREATE:
                made = claims.create_claim(session, CLAIM, duplicate_is_meant=True)
                return Effect.NOW if made.is_accepted else Effect.REVIEW
            case Permission.RESTORE:
                back = restore.restore(session, RecordType.CLAIM, name)
                assert isinstance(back, Claim)
                return Effect.NOW if back.is_accepted else Effect.REVIEW
            case Permission.EDIT:
                claim = records.find(session, Claim, name)
                raw = {**form_values(session, claim), "outcome": "Fatigue"}
                return _effect_of(proposals.change(session, claim, claim.version, raw))
            case Permission.DELETE:
                claim = records.find(session, Claim, name)
                return _effect_of(proposals.delete(session, claim, claim.version))
            case Permission.APPRAISE:
                return _effect_of(
                    appraisals.appraise(session, records.find(session, Claim, name), ANSWERS, appraiser_id=ME)
                )
            case Permission.MERGE:
                claim = records.find(session, Claim, name)
                duplicate = session.get_one(Claim, other)
                merging.merge(session, claim, duplicate, (claim.version, duplicate.version), MergeChoices())
                return Effect.NOW
            case Permission.REVIEW:
                record = find_reviewed(session, name)
                decisions.accept(session, record, record.version)
                return Effect.NOW
            case Permission.WITHDRAW:
                proposal = records.find(session, Proposal, name)
                decisions.withdraw(session, proposal, proposal.version)
                return Effect.NOW
        raise AssertionError(cell)


class Pages:
    """Tries each cell through the forms of the pages."""

    def __init__(self, app: Flask) -> None:
        self.browser = Browser(app)
        page = self.browser.get("/login")
        form = page.forms["login"]
        form["username"], form["password"] = "me", "a password for tests"
        form.submit(status=303)
        self.token = self.browser.get("/").forms["logout"]["csrf_token"].value
        cookie = self.browser.cookie("claims_session")
        assert cookie is not None
        self.cookie = f"{cookie.name}={cookie.value}"
        self.client = app.test_client(use_cookies=False)

    def attempt(self, cell: Cell, name: str) -> Effect:
        """Return the effect."""
        with self.browser.database.reading() as session:
            version = 1
            if cell.permission is not Permission.RESTORE:
                version = find_reviewed(session, name).version
        match cell.permission:
            case Permission.CREATE:
                return self._post("/claims/new", {**CLAIM, "duplicate_is_meant": "y"})
            case Permission.RESTORE:
                return self._post(f"/claims/{name}/restore", {})
            case Permission.EDIT:
                return self._post(f"/claims/{name}/edit", {**CLAIM, "outcome": "Fatigue", "version": version})
            case Permission.DELETE:
                return self._post(f"/claims/{name}/delete", {"version": version})
            case Permission.APPRAISE:
                return self._post(f"/claims/{name}/appraise", ANSWERS)
            case Permission.MERGE:
                other = duplicate_of(self.browser.database)
                versions = {"version": version, "other_version": 1}
                return self._post(f"/claims/{name}/merge?with=CLM-{other}", versions)
            case Permission.REVIEW:
                return self._post(f"/review/{name}", {"version": version, "decision": "accept"})
            case Permission.WITHDRAW:
                return self._post(f"/review/{name}/withdraw", {"version": version})
        raise AssertionError(cell)

    def _post(self, address: str, fields: dict[str, Any]) -> Effect:
        sent = {**fields, "csrf_token": self.token, "edit_summary": "a reason"}
        answer = self.client.post(address, data=sent, headers={"Cookie": self.cookie})
        if answer.status_code == 403:
            return Effect.NO
        assert answer.status_code == 303, (address, answer.text)
        if "/review/PRO-" in answer.location:
            return Effect.REVIEW if "withdraw" not in address and "decision" not in fields else Effect.NOW
        if not address.endswith(("/new", "/restore")):
            return Effect.NOW
        with self.browser.database.reading() as session:
            made = find_reviewed(session, answer.location.rpartition("/")[2])
            return Effect.REVIEW if made.review_state is ReviewState.SUBMITTED else Effect.NOW


class Api:
    """Tries each cell through the API."""

    def __init__(self, app: Flask) -> None:
        self.browser = Browser(app)
        with self.browser.database.writing(BY_TEST) as session:
            me = session.get_one(User, ME)
            self.token = tokens.make_token(session, me, TokenScope.WRITE, "tests", None)[1]

    def attempt(self, cell: Cell, name: str) -> Effect:
        """Return the effect."""
        version = 1
        if cell.permission is not Permission.RESTORE:
            with self.browser.database.reading() as session:
                version = find_reviewed(session, name).version
        sent = {"version": version, "edit_summary": "a reason"}
        match cell.permission:
            case Permission.CREATE:
                return self._new(self._send("POST", "/claims", {**CLAIM, "duplicate_is_meant": True}))
            case Permission.RESTORE:
                return self._new(self._send("POST", f"/claims/{name}/restore", {"edit_summary": "a reason"}))
            case Permission.EDIT:
                return self._effect(self._send("PATCH", f"/claims/{name}", {**sent, "outcome": "Fatigue"}))
            case Permission.DELETE:
                return self._effect(self._send("DELETE", f"/claims/{name}", sent))
            case Permission.APPRAISE:
                return self._effect(self._send("POST", f"/claims/{name}/appraisals", ANSWERS))
            case Permission.MERGE:
                other = {"other": f"CLM-{duplicate_of(self.browser.database)}", "other_version": 1}
                return self._effect(self._send("POST", f"/claims/{name}/merge", {**sent, **other}))
            case Permission.REVIEW:
                section = "proposals" if cell.of_proposal else "claims"
                return self._effect(self._send("POST", f"/{section}/{name}/accept", {"version": version}))
            case Permission.WITHDRAW:
                return self._effect(self._send("POST", f"/proposals/{name}/withdraw", {"version": version}))
        raise AssertionError(cell)

    def _new(self, answer: Any) -> Effect:
        waits = answer.status_int in (200, 201) and answer.json["review_state"] == "submitted"
        return Effect.REVIEW if waits else self._effect(answer)

    def _send(self, method: str, path: str, sent: Any) -> Any:
        return self.browser._web.request(
            f"/api/v1{path}",
            method=method,
            body=json.dumps(sent).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            expect_errors=True,
        )

    def _effect(self, answer: Any) -> Effect:
        if answer.status_int == 409:
            return Effect.NO  # nothing is waiting, so that there is nothing to accept
        return {403: Effect.NO, 202: Effect.REVIEW, 200: Effect.NOW, 201: Effect.NOW, 204: Effect.NOW}[
            answer.status_int
        ]


class Files:
    """Tries each cell that file imports support."""

    DOES = (Permission.CREATE, Permission.EDIT)

    def __init__(self, database: Database) -> None:
        self.database = database

    def attempt(self, cell: Cell, name: str) -> Effect:
        """Return the effect."""
        file = "claim_id,statement,kind\r\n,Mice sleep.,treatment\r\n"
        if cell.permission is Permission.EDIT:
            file = f"claim_id,outcome\r\n{name},Fatigue\r\n"
        opened = files.open_file(file.encode())
        with self.database.writing(change_by(ME, cell.role, review=cell.review)) as session:
            [row] = files.plan(session, opened, opened.rows, Seen(), "http://localhost")
            if row.state is RowState.REFUSED:
                # What is not allowed is reported in the preview already.
                assert row.reasons
                return Effect.NO
            outcome = applying.apply(session, row).outcome
        return {
            RowOutcome.CREATED: Effect.NOW,
            RowOutcome.UPDATED: Effect.NOW,
            RowOutcome.SUBMITTED: Effect.REVIEW,
            RowOutcome.PROPOSED: Effect.REVIEW,
            RowOutcome.REFUSED: Effect.NO,
        }[outcome]


@pytest.mark.parametrize(("review", "role"), ALL)
def test_imports_follow_the_table(database: Database, review: bool, role: Role) -> None:
    add_people(database, role)
    interface = Files(database)
    for cell in cells(review, role):
        if cell.permission in Files.DOES:
            assert interface.attempt(cell, set_up(database, cell, ME, OTHER)) is expected(cell), cell


@pytest.mark.parametrize(("review", "role"), ALL)
def test_the_services_follow_the_table(database: Database, review: bool, role: Role) -> None:
    add_people(database, role)
    interface = Services(database)
    for cell in cells(review, role):
        assert interface.attempt(cell, set_up(database, cell, ME, OTHER)) is expected(cell), cell


@pytest.mark.parametrize("role", Role)
def test_the_pages_follow_the_table_with_review(reviewed_app: Flask, role: Role) -> None:
    database: Database = reviewed_app.extensions["claims_database"]
    add_people(database, role)
    interface = Pages(reviewed_app)
    for cell in cells(True, role):
        assert interface.attempt(cell, set_up(database, cell, ME, OTHER)) is expected(cell), cell


@pytest.mark.parametrize("role", Role)
def test_the_pages_follow_the_table_without_review(app: Flask, role: Role) -> None:
    database: Database = app.extensions["claims_database"]
    add_people(database, role)
    interface = Pages(app)
    for cell in cells(False, role):
        assert interface.attempt(cell, set_up(database, cell, ME, OTHER)) is expected(cell), cell


@pytest.mark.parametrize("role", Role)
def test_the_api_follows_the_table_with_review(reviewed_app: Flask, role: Role) -> None:
    database: Database = reviewed_app.extensions["claims_database"]
    add_people(database, role)
    interface = Api(reviewed_app)
    for cell in cells(True, role):
        assert interface.attempt(cell, set_up(database, cell, ME, OTHER)) is expected(cell), cell


@pytest.mark.parametrize("role", Role)
def test_the_api_follows_the_table_without_review(app: Flask, role: Role) -> None:
    database: Database = app.extensions["claims_database"]
    add_people(database, role)
    interface = Api(app)
    for cell in cells(False, role):
        assert interface.attempt(cell, set_up(database, cell, ME, OTHER)) is expected(cell), cell


def _effect_of(outcome: Claim | Proposal | Appraisal | object) -> Effect:
    return Effect.REVIEW if isinstance(outcome, Proposal) else Effect.NOW
