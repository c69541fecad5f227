"""The API against its OpenAPI document: Schemathesis makes requests of it, and judges the answers by it.

A longer run, which tries more of each request:

    CLAIMS_API_EXAMPLES=200 .venv/bin/pytest tests/web/test_api_contract.py
"""

import os

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from claims_app.rules.throttling import LIMITS
from claims_app.services.accounts import tokens, users
from claims_app.vocabulary import AttemptKind, Role, TokenScope
from claims_app.web.api.routes import bp, document
from tests.conftest import BY_TEST, on_both_databases, on_one_database
from tests.support.browsing import Browser, add_account

WHOLE = "CLAIMS_API_EXAMPLES" in os.environ
"""Whether each operation gets valid and invalid requests on each database; usually, the two share them."""

EXAMPLES = int(os.environ.get("CLAIMS_API_EXAMPLES", "2"))
"""How many valid or invalid requests are made of an operation."""

_ONCE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


_REFUSED = [400, 401, 403, 404, 405, 406, 409, 410, 412, 415, 422]
_CONFIG = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": _REFUSED}}}
)


def _has_nothing(value: object) -> bool:
    """Return whether the value of a parameter, or one of several, is empty: it is ignored, as in forms."""
    return not value or (isinstance(value, list) and not all(value))


@on_one_database
def test_the_document_is_valid(app: Flask) -> None:
    sent = app.test_client().get("/api/v1/openapi.json").get_json()
    assert sent == document()
    assert [error.message for error in OpenAPIV31SpecValidator(sent).iter_errors()] == []


@on_one_database
def test_the_document_has_every_address_and_method(app: Flask) -> None:
    described = {
        (method.upper(), f"/api/v1{path}") for path, item in document()["paths"].items() for method in item
    }
    real = {
        (method, rule.rule.replace("<int:", "<").replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(f"{bp.name}.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == real - {("GET", "/api/v1/openapi.json")}


@on_both_databases
def test_schemathesis_finds_nothing(seeded_app: Flask, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, AttemptKind.TOKEN, ())  # it tries wrong tokens
    browser = Browser(seeded_app)
    add_account(browser.database, "ada", Role.EDITOR)
    with browser.database.writing(BY_TEST) as session:
        ada = users.find_user(session, "ada")
        token = tokens.make_token(session, ada, TokenScope.WRITE, "tests", None)[1]
    headers = {"Authorization": f"Bearer {token}"}
    faults = []
    api = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", seeded_app, config=_CONFIG)
    for place, found in enumerate(api.get_all_operations()):
        operation = found.ok()
        modes = list(GenerationMode)
        for mode in modes if WHOLE else [modes[(place + (kind == "postgresql")) % len(modes)]]:

            @_ONCE
            @seed(1)
            @given(case=operation.as_strategy(generation_mode=mode))
            def send(case: schemathesis.Case) -> None:
                assume(not any(map(_has_nothing, case.query.values())))
                # Each of many records has an answer of its own.
                assume(not (isinstance(case.body, dict) and case.body.get("atomic") is False))
                # JSON Schema has no rules between fields: what it allows may still be refused.
                case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

            try:
                send()
            except FailureGroup as group:
                faults += [f"{operation.label}: {fault!r}\n{group}" for fault in group.exceptions]
    assert faults == [], "\n\n".join(faults)
