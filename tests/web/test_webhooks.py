"""Webhooks, managed by admins."""

import base64
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from webtest import TestResponse

from claims_app.models import Webhook, WebhookDelivery
from claims_app.rules.hooks.signing import signed_headers
from claims_app.services.hooks import running
from claims_app.services.hooks.delivering import sender
from claims_app.services.hooks.settled import Settled
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, OpenSite
from tests.factories import make_claim
from tests.support.browsing import Browser, errors
from tests.support.receiving import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def boss(open_site: OpenSite) -> Browser:
    """A browser logged in as an admin, where webhooks may go to this machine."""
    return open_site(webhooks_private=True).log_in(Role.ADMIN, "boss")


def add(boss: Browser, address: str, events: tuple[str, ...] = ("claim.created",)) -> TestResponse:
    """Add a webhook, and return the page that shows its secret."""
    form = boss.form("/webhooks/new")
    form["address"], form["description"] = address, "For the newsletter."
    for box in form.fields["events"]:
        box.checked = box._value in events
    return form.submit(status=200)


def press(boss: Browser, button: str, name: str | None = None, value: str | None = None) -> TestResponse:
    """Press a button on the page of the webhook, and return the page that follows."""
    return boss.get("/webhooks/1").forms[button].submit(name, value=value, status=303).follow()


def serve(boss: Browser) -> None:
    """Do the work in the background."""
    settings = boss.app.extensions["claims_settings"]
    running.serve(boss.database, settings, sender(settings), Settled(), 1)


def hook(boss: Browser) -> Webhook | None:
    with boss.database.reading() as session:
        return session.get(Webhook, 1)


@pytest.mark.parametrize("role", [Role.READER, Role.CURATOR, Role.EDITOR])
def test_only_admins_have_access(browser: Browser, role: Role) -> None:
    browser.log_in(role)
    for address in ("/webhooks", "/webhooks/new", "/webhooks/1", "/webhooks/1/edit"):
        assert " cannot " in browser.get(address, status=403).text
    token = browser.get("/account").forms["end-all"]["csrf_token"].value
    for action in ("edit", "secret", "pause", "resume", "delete", "test", "deliveries/1/again"):
        browser.post(f"/webhooks/1/{action}", {"csrf_token": token}, 403)


def test_the_secret_is_shown_once_and_signs_what_is_sent(boss: Browser, receiver: Receiver) -> None:
    page = add(boss, receiver.address)
    assert page.headers["Cache-Control"] == "no-store"
    secret = page.html.find(id="secret").get_text()
    assert secret not in boss.get("/webhooks/1").text
    with boss.database.writing(BY_TEST) as session:
        make_claim(session)
    serve(boss)
    [received] = receiver.received
    sent = {name.lower(): value for name, value in received.headers.items()}
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = signed_headers(key, sent["webhook-id"], int(sent["webhook-timestamp"]), received.body)
    assert sent.items() >= expected.items()
    replaced = boss.get("/webhooks/1").forms["new-secret"].submit(status=200)
    assert replaced.html.find(id="secret").get_text() != secret


@pytest.mark.parametrize("address", ["http://10.0.0.1/", "https://localhost./", "https://2130706433/"])
def test_a_private_address_is_an_error_at_its_field(browser: Browser, address: str) -> None:
    browser.log_in(Role.ADMIN)
    form = browser.form("/webhooks/new")
    form["address"] = address
    page = form.submit(status=422)
    assert set(errors(page)) == {"address", "events"}
    assert page.forms["record"]["address"].value == address
    assert hook(browser) is None


def test_a_webhook_is_edited(boss: Browser) -> None:
    add(boss, "https://example.org/")
    form = boss.form("/webhooks/1/edit")
    assert form["description"].value == "For the newsletter."
    form["address"] = "https://example.org/new"
    page = form.submit(status=303).follow()
    assert "https://example.org/new" in page.text
    assert "For the newsletter." in boss.get("/webhooks").text


def test_a_test_says_what_became_of_it(boss: Browser, receiver: Receiver) -> None:
    add(boss, receiver.address)
    assert "The test was delivered." in press(boss, "test").text
    assert json.loads(receiver.received[0].body)["type"] == "ping"
    receiver.statuses = [500]
    assert "The test was not delivered: it answered with status 500." in press(boss, "test").text


def test_deliveries_are_shown_and_sent_again(boss: Browser, receiver: Receiver) -> None:
    add(boss, receiver.address)
    receiver.statuses = [503, 204]
    with boss.database.writing(BY_TEST) as session:
        make_claim(session, statement="A statement in the content.")
    serve(boss)
    page = boss.get("/webhooks/1").html.find("main").get_text(" ", strip=True)
    for words in ("waiting", "CLM-1", "1 attempt", "status 503", "next try", "A statement in the content."):
        assert words in page
    assert "1 failing webhook" in boss.get("/").text
    press(boss, "again-1")
    serve(boss)
    assert "delivered" in boss.get("/webhooks/1").html.find("main").get_text()
    assert "failing webhook" not in boss.get("/").text


def test_a_webhook_is_paused_and_resumed(boss: Browser) -> None:
    add(boss, "https://example.org/")
    assert "An admin paused it." in press(boss, "pause").text
    with boss.database.writing(BY_TEST) as session:
        make_claim(session)
    assert "from now on" in press(boss, "resume", "missed", "skip").text
    press(boss, "pause")
    assert "what it missed will be sent" in press(boss, "resume").text
    with boss.database.reading() as session:
        assert session.scalars(select(WebhookDelivery)).all() == []


def test_a_webhook_is_deleted(boss: Browser) -> None:
    add(boss, "https://example.org/")
    assert "was deleted" in press(boss, "delete").text
    assert hook(boss) is None
    boss.get("/webhooks/1", status=404)
