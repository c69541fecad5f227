"""Delivering: what is sent, when it is sent again, when a webhook is paused, and that nothing is sent twice at once."""

import base64
import datetime
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import select

from claims_app.config import Settings
from claims_app.database import Database
from claims_app.lookup.hooks import NotSent, Reply
from claims_app.models import Webhook, WebhookDelivery
from claims_app.rules.hooks.retries import TRIES
from claims_app.services.core.errors import Invalid, NotFound, Refused
from claims_app.services.hooks import delivering, queueing, running, webhooks
from claims_app.services.hooks.running import Served
from claims_app.services.hooks.settled import Settled
from claims_app.services.hooks.webhooks import Wanted
from claims_app.services.jobs.runner import Runner
from claims_app.vocabulary import DeliveryState, HookEvent
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim, make_study
from tests.support.receiving import Receiver, receiving

ADDRESS = "https://example.org/"
KEY = "a key of the site with 32 characters"
MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
EVERYTHING = tuple(event.value for event in HookEvent if event.is_optional)


class Site:
    """A site with a webhook; what is sent is answered with the statuses of `answers`, and then with 204."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.settings = Settings(
            instance=folder, database_url=str(database.engine.url), secret_key=KEY, webhooks_private=True
        )
        self.answers: list[int | Exception] = []
        self.pause: datetime.timedelta | None = None
        self.sent: list[tuple[bytes, dict[str, str]]] = []
        self.secret = self.add()
        self.settled = Settled()
        self.during = lambda: None

    def add(self, address: str = ADDRESS) -> str:
        wanted = Wanted(address, EVERYTHING)
        with self.database.writing(BY_TEST) as session:
            return webhooks.add(session, wanted, KEY, private_allowed=True)[1]

    def send(self, _address: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        self.sent.append((body, dict(headers)))
        self.during()
        answer = self.answers.pop(0) if self.answers else 204
        if isinstance(answer, Exception):
            raise answer
        return Reply(answer, self.pause)

    def serve(self, number: int = 1) -> Served:
        return running.serve(self.database, self.settings, self.send, self.settled, number)

    def make_claims(self, number: int = 1) -> None:
        for _ in range(number):
            with self.database.writing(BY_TEST) as session:
                make_claim(session)

    def pass_time(self, by: datetime.timedelta) -> None:
        now = self.database.clock() + by
        self.database.clock = lambda: now

    @property
    def hook(self) -> Webhook:
        with self.database.reading() as session:
            return webhooks.find(session, 1)

    @property
    def deliveries(self) -> list[WebhookDelivery]:
        with self.database.reading() as session:
            return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))

    @property
    def delivery(self) -> WebhookDelivery:
        [one] = self.deliveries
        return one


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    return Site(database, tmp_path)


def lost() -> NotSent:
    return NotSent("the connection was lost")


def test_an_event_is_delivered_once(site: Site) -> None:
    site.make_claims()
    assert site.serve() == Served(delivered=1)
    assert site.serve() == Served()
    one = site.delivery
    assert (one.state, one.attempts, one.status, one.next_attempt_at) == ("delivered", 1, 204, None)
    assert one.leased_until is None
    assert site.hook.succeeded_at is not None


@on_one_database
def test_what_is_sent_is_signed_with_the_secret_that_was_shown(site: Site) -> None:
    site.make_claims()
    site.serve()
    [(body, headers)] = site.sent
    assert headers["webhook-id"] == json.loads(body)["id"] == site.delivery.event_id
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(site.secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


@on_one_database
def test_the_database_does_not_hold_the_secret(site: Site) -> None:
    key = base64.b64decode(site.secret.removeprefix("whsec_"))
    kept = " ".join(str(value) for value in vars(site.hook).values())
    assert site.secret not in kept
    assert key.hex() not in kept


def test_events_are_sent_in_the_order_in_which_they_happened(site: Site) -> None:
    site.make_claims(3)
    site.serve()
    names = [json.loads(body)["record"]["identifier"] for body, _ in site.sent]
    assert names == ["CLM-1", "CLM-2", "CLM-3"]


def test_a_backlog_is_sent_to_its_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queueing, "MOST_WAITING", 2)
    site.make_claims(5)
    queueing.queue_next(site.database, site.settled, 1, site.settings.base_url)  # so that there is no room
    assert site.serve() == Served(delivered=5)


def test_a_failure_is_tried_again_after_growing_pauses(site: Site) -> None:
    site.make_claims()
    site.answers = [500, 404, 302]
    pauses = []
    for _ in range(3):
        assert site.serve() == Served(failed=1)
        assert site.serve() == Served()  # not before it is due
        pauses.append((site.delivery.next_attempt_at - site.database.clock()).total_seconds())
        site.pass_time(datetime.timedelta(seconds=pauses[-1] + 1))
    assert 11 < pauses[0] < pauses[1] < pauses[2] < 170
    assert site.delivery.problem == "it redirects (status 302), which is not followed"
    assert site.serve() == Served(delivered=1)
    assert (site.delivery.attempts, site.delivery.failures, site.delivery.problem) == (4, 3, None)
    assert len({headers["webhook-id"] for _, headers in site.sent}) == 1


@on_one_database
def test_the_receiver_may_ask_for_a_longer_pause(site: Site) -> None:
    site.make_claims()
    site.answers, site.pause = [503], 30 * MINUTE
    site.serve()
    assert site.delivery.next_attempt_at > site.database.clock() + 29 * MINUTE


@on_one_database
def test_one_that_always_fails_among_others_that_succeed_is_given_up(site: Site) -> None:
    site.make_claims()
    for _ in range(TRIES):
        site.answers = [500, 204]  # it is due for longest, so it is sent first
        assert site.serve().failed == 1
        site.pass_time(DAY)
        site.make_claims()
    site.serve()
    assert [one.state for one in site.deliveries] == ["failed", *["delivered"] * TRIES]
    assert site.deliveries[0].attempts == TRIES
    assert site.hook.is_active


@on_one_database
def test_a_webhook_that_fails_for_three_days_is_paused_and_loses_nothing(site: Site) -> None:
    site.make_claims()
    site.answers = [lost() for _ in range(100)]
    for _ in range(20):
        site.serve()
        site.pass_time(DAY / 4)
    assert site.hook.pause_reason == (
        "Nothing was delivered for three days; the last time, the connection was lost."
    )
    tries, site.answers = len(site.sent), []
    assert 9 <= tries <= 13
    site.make_claims()
    assert site.serve() == Served()
    with site.database.writing(BY_TEST) as session:
        webhooks.resume(session, 1)
    assert site.hook.pause_reason is None
    assert site.serve() == Served(delivered=2)


def test_a_receiver_that_is_gone_is_not_asked_again(site: Site) -> None:
    site.make_claims(2)
    site.answers = [410]
    assert site.serve() == Served(failed=1)
    site.pass_time(DAY)
    assert site.serve() == Served()
    assert site.hook.pause_reason == "The receiver answered that it is gone (status 410)."
    assert [one.state for one in site.deliveries] == ["failed", "pending"]


@on_one_database
def test_after_an_attempt_without_an_answer_the_others_wait_for_the_next_round(site: Site) -> None:
    site.make_claims(3)
    site.answers = [lost(), lost()]
    assert site.serve() == Served(failed=1)
    assert site.serve() == Served(failed=1)
    assert site.serve() == Served(delivered=1)


def test_there_is_no_work_while_all_that_may_wait_waits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (queueing, running):
        monkeypatch.setattr(module, "MOST_WAITING", 1)
    site.make_claims(2)
    site.answers = [lost()]
    assert running.find_work(site.database) == [1]
    assert site.serve() == Served(failed=1)
    assert running.find_work(site.database) == []
    site.pass_time(DAY)
    assert running.find_work(site.database) == [1]
    assert site.serve() == Served(delivered=2)


def test_another_process_does_not_send_what_is_being_sent(site: Site) -> None:
    site.make_claims()

    def at_the_same_time() -> None:
        site.during = lambda: None
        assert site.serve() == Served()
        assert delivering.deliver_one(site.database, site.settings, site.send, site.delivery.id) is None

    site.during = at_the_same_time
    assert site.serve() == Served(delivered=1)
    assert len(site.sent) == 1


def test_two_processes_take_different_deliveries(site: Site) -> None:
    site.make_claims(2)

    def at_the_same_time() -> None:
        site.during = lambda: None
        site.serve()

    site.during = at_the_same_time
    site.serve()
    assert len({headers["webhook-id"] for _, headers in site.sent}) == len(site.sent) == 2


class Killed(BaseException):
    """The process ends here."""


def test_what_a_killed_process_was_sending_is_sent_again_after_a_while(site: Site) -> None:
    site.make_claims()

    def die() -> None:
        site.during = lambda: None
        raise Killed

    site.during = die
    with pytest.raises(Killed):
        site.serve()
    assert site.serve() == Served()
    site.pass_time(delivering.LEASE)
    assert site.serve() == Served(delivered=1)
    assert site.delivery.attempts == 2


def test_an_outcome_that_comes_after_another_process_took_over_is_not_noted(site: Site) -> None:
    site.make_claims()

    def take_over() -> None:
        site.during = lambda: None
        site.pass_time(delivering.LEASE)
        assert site.serve() == Served(delivered=1)

    site.during, site.answers = take_over, [204, 500]
    site.serve()
    assert site.delivery.state is DeliveryState.DELIVERED


def test_a_webhook_can_be_deleted_while_something_is_sent(site: Site) -> None:
    site.make_claims()

    def delete() -> None:
        with site.database.writing(BY_TEST) as session:
            webhooks.delete(session, 1)

    site.during = delete
    assert site.serve() == Served(delivered=1)
    assert site.deliveries == []


@on_one_database
def test_a_delivery_is_sent_again_when_an_admin_asks_for_it(site: Site) -> None:
    site.make_claims()
    site.serve()
    with site.database.writing(BY_TEST) as session:
        delivering.deliver_again(session, 1, 1)
        with pytest.raises(NotFound):
            delivering.deliver_again(session, 1, 2)
    assert site.serve() == Served(delivered=1)
    assert site.sent[0][0] == site.sent[1][0]
    with site.database.writing(BY_TEST) as session:
        webhooks.pause(session, 1)
        with pytest.raises(Refused, match="Resume it first"):
            delivering.deliver_again(session, 1, 1)


@on_one_database
def test_a_test_is_sent_once_even_to_a_paused_webhook(site: Site) -> None:
    with site.database.writing(BY_TEST) as session:
        webhooks.pause(session, 1)
        number = queueing.queue_ping(session, 1, site.settings.base_url).id
    site.answers = [500]
    outcome = delivering.deliver_one(site.database, site.settings, site.send, number)
    assert outcome is not None
    assert outcome.problem == "it answered with status 500"
    assert json.loads(site.sent[0][0])["type"] == "ping"
    assert site.delivery.state is DeliveryState.FAILED
    assert site.hook.failing_since is None


@on_one_database
def test_nothing_is_signed_with_a_secret_that_nobody_knows(site: Site) -> None:
    site.make_claims()
    site.settings = Settings(
        instance=site.settings.instance, database_url="sqlite://", secret_key="another key " * 3
    )
    site.serve()
    assert site.sent == []
    assert site.hook.pause_reason == webhooks.KEY_CHANGED
    with site.database.writing(BY_TEST) as session:
        webhooks.new_secret(session, 1, site.settings.secret_key)
        webhooks.resume(session, 1)
    assert site.serve() == Served(delivered=1)


def test_deliveries_that_are_done_are_forgotten_after_a_month(site: Site) -> None:
    site.make_claims(2)
    site.answers = [204, 500]
    site.serve()
    for days, left in ((29, 2), (2, 1)):
        site.pass_time(days * DAY)
        delivering.forget_old(site.database)
        assert len(site.deliveries) == left
    assert site.delivery.state is DeliveryState.PENDING


class TestJob:
    """The work in the background."""

    def run(self, site: Site) -> int:
        return Runner(site.database, [running.job_kind(site.settings, site.send)]).run_due()

    def test_it_begins_when_there_is_something_to_do(self, site: Site) -> None:
        for _ in range(2):
            site.make_claims()
            assert [self.run(site), self.run(site)] == [1, 0]
        assert len(site.sent) == 2
        site.make_claims()
        site.answers = [500]
        assert [self.run(site), self.run(site)] == [1, 0]
        site.pass_time(MINUTE)
        assert [self.run(site), self.run(site)] == [1, 0]
        assert site.deliveries[-1].state is DeliveryState.DELIVERED

    def test_it_is_not_even_queued_while_there_is_nothing_to_do(self, site: Site) -> None:
        # On PostgreSQL, a transaction that writes makes all pages that are kept in memory stale.
        with site.database.writing(BY_TEST) as session:
            make_study(session)  # a change that is not announced
        assert list(running.find_work(site.database)) == [1]
        self.run(site)
        assert list(running.find_work(site.database)) == []

    def test_it_leaves_a_paused_webhook_alone(self, site: Site) -> None:
        with site.database.writing(BY_TEST) as session:
            webhooks.pause(session, 1)
        site.make_claims()
        assert self.run(site) == 0
        with site.database.writing(BY_TEST) as session:
            webhooks.resume(session, 1)
        assert self.run(site) == 1
        assert len(site.sent) == 1


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@on_one_database
def test_it_goes_over_the_network_only_where_private_addresses_are_allowed(
    site: Site, receiver: Receiver
) -> None:
    site.add(receiver.address)
    site.make_claims()
    running.serve(site.database, site.settings, delivering.sender(site.settings), Settled(), 2)
    [received] = receiver.received
    assert json.loads(received.body)["type"] == "claim.created"
    strict = Settings(instance=site.settings.instance, database_url="sqlite://", secret_key=KEY)
    site.make_claims()
    done = running.serve(site.database, strict, delivering.sender(strict), Settled(), 2)
    assert done == Served(failed=1)
    assert len(receiver.received) == 1
    assert "https://" in (site.deliveries[-1].problem or "")


@on_one_database
@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted("http://10.0.0.1/", EVERYTHING), "address"),
        (Wanted("https://10.0.0.1/", EVERYTHING), "address"),
        (Wanted(ADDRESS, []), "events"),
        (Wanted(ADDRESS, ["ping"]), "events"),
        (Wanted(ADDRESS, ["claim.created", "nonsense"]), "events"),
        (Wanted(ADDRESS, EVERYTHING, "x" * 201), "description"),
    ],
)
def test_what_cannot_be_saved_is_named(database: Database, wanted: Wanted, field: str) -> None:
    with database.writing(BY_TEST) as session, pytest.raises(Invalid) as refused:
        webhooks.add(session, wanted, KEY, private_allowed=False)
    assert list(refused.value.errors) == [field]
