"""Two forms sent at the same moment: each is saved or refused with a page that says why."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from claims_app.database import Database
from claims_app.models import Claim
from claims_app.services.core import records
from claims_app.services.system import integrity
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST
from tests.factories import make_evidence, make_study
from tests.support.browsing import Browser
from tests.support.racing import at_once
from tests.web.test_appraisals import answered

Form = Any
REFUSED = {404, 409, 410, 422}


def appraise(browser: Browser) -> Form:
    """Return the filled form of an appraisal."""
    return answered(browser.get("/claims/CLM-1/appraise"))


def edit_evidence(browser: Browser) -> Form:
    """Return the filled form of a change of an evidence item."""
    form = browser.form("/evidence/EVD-1/edit")
    form["direction"] = "contradicts"
    return form


def _delete(address: str) -> Callable[[Browser], Form]:
    def delete(browser: Browser) -> Form:
        form = browser.form(f"{address}/delete")
        form["edit_summary"] = "Not needed."
        return form

    return delete


def add_evidence(browser: Browser) -> Form:
    """Return the filled form of a new evidence item."""
    form = browser.form("/claims/CLM-1/evidence/new")
    form["study_id"], form["direction"], form["directness"] = "STU-2", "supports", "direct"
    form["summary"] = "It was so."
    return form


def retract_study(browser: Browser) -> Form:
    """Return the filled form of the study, which was retracted."""
    form = browser.form("/studies/STU-1/edit")
    form["standing"] = "retracted"
    return form


delete_evidence = _delete("/evidence/EVD-1")

PAIRS = {
    "appraise and delete the evidence": (appraise, delete_evidence),
    "appraise and change the evidence": (appraise, edit_evidence),
    "appraise and retract the study": (appraise, retract_study),
    "appraise twice": (appraise, appraise),
    "change and delete the evidence": (edit_evidence, delete_evidence),
    "delete the evidence twice": (delete_evidence, delete_evidence),
    "add evidence and retract the study": (add_evidence, retract_study),
}


@pytest.mark.parametrize("kind", ["postgresql"])
@pytest.mark.parametrize("pair", PAIRS)
def test_each_form_is_saved_or_refused_with_a_reason(
    browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch, pair: str
) -> None:
    with database.writing(BY_TEST) as session:
        make_evidence(session)
        make_study(session)
    monkeypatch.setattr(browser.app, "testing", False)  # answer errors as a site does
    people = [browser.log_in(Role.EDITOR, "ada"), Browser(browser.app).log_in(Role.EDITOR, "bea")]
    forms = [fill(person) for fill, person in zip(PAIRS[pair], people, strict=True)]
    answers = at_once(*(lambda form=form: form.submit(expect_errors=True).status_int for form in forms))
    assert 303 in answers
    assert set(answers) <= {303, *REFUSED}
    with database.reading() as session:
        assert list(integrity.problems(session)) == []
        claim = session.get_one(Claim, 1)
        assert claim.appraisal_id is None or answers[0] == 303


class Deadlock(Exception):
    """What the driver raises if PostgreSQL ends a transaction in favour of another one."""

    sqlstate = "40P01"


@pytest.fixture
def deadlocks(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """Errors that the next saves of records raise, one each."""
    errors: list[Exception] = []
    save = records.save

    def save_or_fail(*arguments: Any) -> None:
        if errors:
            raise errors.pop()
        save(*arguments)

    monkeypatch.setattr(records, "save", save_or_fail)
    return errors


def send_claim(browser: Browser) -> int:
    """Send the form of a new claim, and return the status of the answer."""
    form = browser.log_in().form("/claims/new")
    form["statement"], form["kind"] = "Levels are raised.", "association"
    return int(form.submit(expect_errors=True).status_int)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_change_that_was_ended_for_another_runs_again(browser: Browser, deadlocks: list[Exception]) -> None:
    deadlocks += [OperationalError("", {}, Deadlock()) for _ in range(2)]
    assert send_claim(browser) == 303
    with browser.database.reading() as session:
        assert len(session.scalars(select(Claim)).all()) == 1


@pytest.mark.parametrize("kind", ["sqlite"])
def test_it_does_not_run_again_for_ever(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, deadlocks: list[Exception]
) -> None:
    monkeypatch.setattr(browser.app, "testing", False)
    deadlocks += [OperationalError("", {}, Deadlock()) for _ in range(100)]
    assert send_claim(browser) == 503
    assert len(deadlocks) > 90


@pytest.mark.parametrize("kind", ["sqlite"])
def test_another_error_of_the_database_is_not_tried_again(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, deadlocks: list[Exception]
) -> None:
    monkeypatch.setattr(browser.app, "testing", False)
    deadlocks += [OperationalError("", {}, Exception("disk full")) for _ in range(2)]
    assert send_claim(browser) == 503
    assert len(deadlocks) == 1
