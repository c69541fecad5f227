"""Requests with an Idempotency-Key are carried out once."""

import datetime

import pytest
from sqlalchemy import func, select, text, update

from claims_app.models import ApiRequest, Claim
from claims_app.models.types import utc_now
from claims_app.services.forms import api_requests
from tests.conftest import BY_TEST, on_both_databases, on_one_database
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem

__all__ = ["program"]  # the fixture

SENT = {"statement": "Sleep is worse.", "kind": "association", "status": "active"}
KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}


def number_of_claims(program: Program) -> int:
    with program.browser.database.reading() as session:
        return session.scalar(select(func.count(Claim.id))) or 0


@on_both_databases
def test_the_same_request_makes_one_record_and_has_one_answer(program: Program) -> None:
    first = answer(program, "POST", "/claims", SENT, **KEY)
    again = answer(program, "POST", "/claims", SENT, **KEY)
    assert (first.status_int, again.status_int) == (201, 201)
    assert again.json == first.json
    assert [again.headers[name] for name in ("Location", "ETag")] == [
        first.headers[name] for name in ("Location", "ETag")
    ]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert number_of_claims(program) == 2


@on_one_database
def test_another_request_with_the_same_key_is_refused(program: Program) -> None:
    answer(program, "POST", "/claims", SENT, **KEY)
    assert_is_problem(answer(program, "POST", "/claims", {**SENT, "statement": "Other."}, **KEY), 422)
    assert_is_problem(answer(program, "POST", "/studies", SENT, **KEY), 422)
    assert number_of_claims(program) == 2
    assert answer(program, "POST", "/claims", {**SENT, "statement": "Other."}).status_int == 201


@on_one_database
def test_a_refused_request_keeps_nothing_so_that_it_can_be_mended(program: Program) -> None:
    assert_is_problem(answer(program, "POST", "/claims", {**SENT, "kind": ""}, **KEY), 422)
    assert answer(program, "POST", "/claims", SENT, **KEY).status_int == 201


@on_one_database
def test_an_answer_is_kept_for_a_day(program: Program) -> None:
    sent = {**SENT, "duplicate_is_meant": True}
    answer(program, "POST", "/claims", sent, **KEY)
    with program.browser.database.writing(BY_TEST) as session:
        session.execute(update(ApiRequest).values(made_at=utc_now() - datetime.timedelta(hours=25)))
    assert answer(program, "POST", "/claims", sent, **KEY).json["claim_id"] == "CLM-3"


@on_one_database
@pytest.mark.parametrize("key", ["", "x" * 201, "a b", "\xe9"])
def test_a_malformed_key_is_refused(program: Program, key: str) -> None:
    assert_is_problem(answer(program, "POST", "/claims", SENT, **{"Idempotency-Key": key}), 400)


@on_both_databases
def test_a_request_in_progress_is_not_carried_out_again(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = []
    begin = api_requests.begin

    def once_more(*arguments: object) -> None:
        begin(*arguments)  # type: ignore[arg-type]
        if not inner:
            inner.append(answer(program, "POST", "/claims", SENT, **KEY))

    monkeypatch.setattr(api_requests, "begin", once_more)
    assert answer(program, "POST", "/claims", SENT, **KEY).status_int == 201
    assert_is_problem(inner[0], 409)


@pytest.mark.parametrize("kind", ["postgresql"])  # on SQLite, the second waits for the first
def test_a_request_in_progress_elsewhere_is_not_carried_out_again(program: Program, kind: str) -> None:
    request = api_requests.KeyedRequest(1, "k", "POST", "/", b"")
    with (
        program.browser.database.writing(BY_TEST) as first,
        program.browser.database.writing(BY_TEST) as second,
    ):
        api_requests.begin(first, request)
        with pytest.raises(api_requests.InProgress):
            api_requests.begin(second, request)


@pytest.mark.parametrize("kind", ["postgresql"])
def test_requests_do_not_wait_for_each_other_to_delete_old_answers(program: Program, kind: str) -> None:
    database = program.browser.database
    answer(program, "POST", "/claims", SENT, **KEY)
    with database.writing(BY_TEST) as session:
        session.execute(update(ApiRequest).values(made_at=utc_now() - datetime.timedelta(hours=25)))
    with database.writing(BY_TEST) as first, database.writing(BY_TEST) as second:
        second.execute(text("SET LOCAL lock_timeout = '1s'"))
        api_requests.begin(first, api_requests.KeyedRequest(1, "a", "POST", "/", b""))
        api_requests.begin(second, api_requests.KeyedRequest(1, "b", "POST", "/", b""))
    with database.reading() as session:
        assert session.scalars(select(ApiRequest.key)).all() == []
