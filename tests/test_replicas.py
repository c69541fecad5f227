"""A primary with streaming replicas: who answers what, and what happens when one of them is behind or lost."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import claims_app.replicas
import claims_app.watched_servers
from claims_app.database import RECENT, Database, retrying
from claims_app.models import Claim
from claims_app.replicas import ReplicaLost
from claims_app.services.accounts import tokens, users
from claims_app.services.browsing.selection import browse
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.memory.data_number import data_number, recent_data_number
from claims_app.services.system import nodes, schema
from claims_app.vocabulary import Role, TokenScope
from tests.conftest import BY_TEST, application
from tests.factories import make_claim
from tests.support import replication
from tests.support.browsing import Browser, add_account
from tests.support.postgres import PostgresServer
from tests.support.replication import Cluster, Standby, ask, pause, resume

LAG = 2.0


class Clock:
    """A clock that the test moves, so that no test waits for a replica to be old."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def clusters() -> Iterator[list[Cluster]]:
    """The servers that all tests share, once a test has started them."""
    started: list[Cluster] = []
    yield started
    for cluster in started:
        cluster.stop()


@pytest.fixture
def cluster(clusters: list[Cluster]) -> Iterator[Cluster]:
    """The servers, all of them running and none behind."""
    if not clusters:
        clusters.append(replication.start_cluster())
    cluster = clusters[0]
    yield cluster
    if clusters:
        for server in cluster.servers:
            if not server.is_running:
                server.run()
        resume(cluster, cluster.first, cluster.second)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the looks, which happen only when a test says so, but for the first."""
    clock = Clock()
    monkeypatch.setattr(claims_app.replicas, "monotonic", clock)
    monkeypatch.setattr(claims_app.watched_servers, "monotonic", clock)
    monkeypatch.setattr(claims_app.replicas, "LOOK_SECONDS", 3600)
    monkeypatch.setattr(nodes, "sleep", lambda _seconds: None)
    monkeypatch.setattr(claims_app.replicas.random, "randrange", lambda _most: 0)
    return clock


@contextmanager
def opened(cluster: Cluster) -> Iterator[Database]:
    """Yield the database of an application process that prefers the first replica."""
    with closing(Database(cluster.url, replica_urls=cluster.replica_urls, lag=LAG)) as database:
        look(database)  # the first look may be the one that notes the lineage
        resume(cluster, *(each for each in (cluster.first, cluster.second) if each.is_running))
        look(database)
        yield database


@pytest.fixture
def database(cluster: Cluster, clock: Clock) -> Iterator[Database]:
    """The database of an application process."""
    with opened(cluster) as database:
        yield database


def look(database: Database) -> None:
    """Look at all servers, as the threads do a few times a second."""
    assert database.replicas is not None
    database.replicas.states()
    database.replicas.look()


def left_out(database: Database) -> dict[int, str]:
    """Return why replicas are left out, by their port."""
    states = nodes.states(database)
    return {int(one.name.rpartition(":")[2]): one.why for one in states if one.role == "replica" and one.why}


def port(session: Session) -> int:
    """Return the port of the server that a session reads at."""
    return session.scalars(text("SELECT inet_server_port()")).one()


def answered_by(database: Database, since: int | None = RECENT) -> int:
    """Return the port of the server that answers a reader."""
    with database.reading(since=since) as session:
        return port(session)


def add_claim(database: Database) -> int:
    """Add a claim, and return the position after it."""
    with database.writing(BY_TEST) as session:
        make_claim(session)
    return database.position()


def count(database: Database, since: int | None = RECENT) -> int:
    """Return how many claims a reader sees."""
    with database.reading(since=since) as session:
        return session.scalars(select(func.count()).select_from(Claim)).one()


def lose_a_connection(database: Database, standby: Standby) -> None:
    """Let a standby end the connection of a reader."""
    with database.reading(since=RECENT) as session:
        assert port(session) == standby.port
        process = session.scalar(text("SELECT pg_backend_pid()"))
        ask(standby, f"SELECT pg_terminate_backend({process})")
        with pytest.raises(ReplicaLost):
            port(session)


def test_readers_read_at_a_replica_and_all_else_at_the_primary(cluster: Cluster, database: Database) -> None:
    assert answered_by(database) == cluster.first.port
    assert answered_by(database, since=None) == cluster.primary.port
    with database.writing(BY_TEST) as session:
        assert port(session) == cluster.primary.port


def test_who_wrote_sees_it_at_once_although_no_replica_does(cluster: Cluster, database: Database) -> None:
    pause(cluster.first)
    pause(cluster.second)
    before = count(database)
    position = add_claim(database)
    assert count(database) == before
    assert count(database, position) == before + 1


def test_a_replica_that_has_replayed_a_change_shows_it_to_its_writer(
    cluster: Cluster, database: Database
) -> None:
    pause(cluster.first)
    position = add_claim(database)
    resume(cluster, cluster.second)
    assert answered_by(database, position) == cluster.second.port
    resume(cluster, cluster.first)
    assert answered_by(database, position) == cluster.first.port


def test_a_replica_that_is_too_far_behind_is_left_out_and_taken_back(
    cluster: Cluster, database: Database, clock: Clock
) -> None:
    pause(cluster.first)
    add_claim(database)
    clock.now += LAG / 2
    look(database)
    assert answered_by(database) == cluster.first.port
    clock.now += LAG
    look(database)
    assert left_out(database) == {cluster.first.port: "It is too far behind."}
    assert answered_by(database) == cluster.second.port
    resume(cluster, cluster.first)
    look(database)
    assert answered_by(database) == cluster.first.port


def test_no_replica_gets_old_while_nobody_writes(cluster: Cluster, database: Database, clock: Clock) -> None:
    for _ in range(3):
        clock.now += 100 * LAG
        look(database)
        assert not left_out(database)


def test_without_a_fit_replica_the_primary_answers(
    cluster: Cluster, database: Database, clock: Clock
) -> None:
    pause(cluster.first)
    pause(cluster.second)
    add_claim(database)
    look(database)
    clock.now += 2 * LAG
    look(database)
    assert answered_by(database) == cluster.primary.port


def test_readers_are_not_led_back_to_an_older_state(
    cluster: Cluster, database: Database, clock: Clock
) -> None:
    pause(cluster.second)
    add_claim(database)
    resume(cluster, cluster.first)
    seen = count(database)
    cluster.first.crash()
    look(database)
    # The second is fit, but has not replayed what readers have seen.
    assert list(left_out(database)) == [cluster.first.port]
    assert (count(database), answered_by(database)) == (seen, cluster.primary.port)


def test_readers_are_not_led_back_from_the_primary_to_an_older_state(
    cluster: Cluster, database: Database, clock: Clock
) -> None:
    for standby in (cluster.first, cluster.second):
        pause(standby)
    before = count(database)
    for standby in (cluster.first, cluster.second):
        lose_a_connection(database, standby)
    add_claim(database)
    assert count(database) == before + 1
    # The replicas are looked at first: they are fit, while nobody knows yet how new the state of the primary was.
    assert database.replicas is not None
    for replica in database.replicas._replicas:
        replica.watched.look()
    assert not left_out(database)
    assert count(database) == before + 1
    look(database)
    assert count(database) == before + 1


def test_a_lost_replica_costs_no_request(cluster: Cluster, database: Database) -> None:
    def read() -> int:
        with database.reading(since=RECENT) as session:
            if not lost:
                lost.append(port(session))
                cluster.first.crash()
            return port(session)

    lost: list[int] = []
    assert retrying(read) == cluster.second.port
    assert lost == [cluster.first.port]
    assert left_out(database) == {cluster.first.port: "A query on it failed just now."}
    look(database)
    assert "does not answer" in left_out(database)[cluster.first.port]
    cluster.first.run()
    look(database)
    assert answered_by(database) == cluster.first.port


def test_a_query_in_the_way_of_a_change_is_asked_elsewhere(cluster: Cluster, database: Database) -> None:
    with database.reading(since=RECENT) as session:
        session.scalars(select(Claim.id)).all()
        ask(cluster.primary, "DO $$ BEGIN LOCK TABLE claims IN ACCESS EXCLUSIVE MODE; END $$")
        resume(cluster, cluster.first)
        with pytest.raises(ReplicaLost):
            session.scalars(select(Claim.id)).all()
    assert answered_by(database) == cluster.second.port
    look(database)
    assert answered_by(database) == cluster.first.port


def test_without_a_primary_readers_read_on(cluster: Cluster, database: Database, clock: Clock) -> None:
    add_claim(database)
    resume(cluster, cluster.first)
    seen = count(database)
    cluster.primary.crash()
    look(database)
    clock.now += 3600
    look(database)
    assert database.is_away
    assert (count(database), answered_by(database)) == (seen, cluster.first.port)
    with pytest.raises(OperationalError):
        add_claim(database)


def test_a_reader_of_the_past_reads_at_a_replica(cluster: Cluster, database: Database) -> None:
    add_claim(database)
    moment = database.clock()
    before = count(database, since=None)
    resume(cluster, cluster.first)
    add_claim(database)
    resume(cluster, cluster.first)
    with database.reading(moment, since=RECENT) as session:
        assert port(session) == cluster.first.port
        assert session.scalars(select(func.count()).select_from(Claim)).one() == before


def test_what_is_remembered_follows_a_replica(cluster: Cluster, database: Database) -> None:
    def numbers() -> list[int]:
        with database.reading(since=RECENT) as session:
            assert port(session) == cluster.first.port
            selection = browse(session, ClaimFilters())
            assert selection is not None
            states.append(data_number(session))
            return list(selection.numbers)

    states: list[str] = []
    before = numbers()
    with database.writing(BY_TEST) as first:
        make_claim(first)
        first.flush()
        with database.writing(BY_TEST) as second:
            # It begins before a third transaction, and ends after it: the snapshots of a replica do not say so.
            make_claim(second)
            second.flush()
            add_claim(database)
            resume(cluster, cluster.first)
            assert len(numbers()) == len(before) + 1
        resume(cluster, cluster.first)
        assert len(numbers()) == len(before) + 2
    assert len(set(states)) == 3


def test_the_number_of_the_data_moves_with_what_a_replica_shows(cluster: Cluster, database: Database) -> None:
    def number() -> str:
        with database.reading(since=RECENT) as session:
            return data_number(session)

    before = number()
    pause(cluster.first)
    add_claim(database)
    assert (number(), recent_data_number(database)) == (before, before)
    resume(cluster, cluster.first)
    assert number() != before


def test_a_write_that_is_refused_as_read_only_is_tried_on_another_connection(
    cluster: Cluster, database: Database
) -> None:
    before = count(database, since=None)
    database.engine.dispose()
    with closing(database.engine.raw_connection()) as pooled:
        # The only connection in the pool. It is as if its server had become a replica.
        pooled.cursor().execute("SET default_transaction_read_only = on")
        pooled.commit()
    retrying(lambda: add_claim(database))
    assert count(database, since=None) == before + 1


OpenProcess = Callable[[], Browser]


@pytest.fixture
def open_process(cluster: Cluster, clock: Clock, tmp_path: Path) -> Iterator[OpenProcess]:
    """A function that starts an application process and returns an anonymous browser on it."""
    with ExitStack() as stack:

        def start() -> Browser:
            app = stack.enter_context(application(cluster.primary.url(replication.NAME), tmp_path))
            app.extensions["claims_database"] = stack.enter_context(opened(cluster))
            return Browser(app)

        yield start


def crash(cluster: Cluster, browser: Browser, *servers: PostgresServer) -> None:
    """Let servers crash, and the process notice it."""
    for server in servers:
        server.crash()
    look(browser.database)


def test_pages_come_from_the_state_that_a_replica_shows(cluster: Cluster, open_process: OpenProcess) -> None:
    reader = open_process()
    editor = open_process().log_in(Role.EDITOR, "bob")
    resume(cluster, cluster.first, cluster.second)
    before = reader.get("/claims")
    standbys: tuple[Standby, ...] = (cluster.first, cluster.second)
    for each in standbys:
        pause(each)
    form = editor.form("/claims/new")
    form["statement"], form["kind"] = "A sentence that is new here.", "mechanism"
    page = form.submit(status=303).follow()
    assert page.html.select_one("h1").text.strip() == "A sentence that is new here."
    assert "new here" in editor.get("/claims").text
    unchanged = reader.get("/claims", 304, headers={"If-None-Match": before.headers["ETag"]})
    assert reader.get("/claims").text == before.text
    resume(cluster, *standbys)
    after = reader.get("/claims", headers={"If-None-Match": unchanged.headers["ETag"]})
    assert "new here" in after.text
    assert after.headers["ETag"] != before.headers["ETag"]


def test_a_script_sees_its_change_at_another_process(cluster: Cluster, open_process: OpenProcess) -> None:
    here, there = open_process(), open_process()
    add_account(here.database, "eve", Role.EDITOR)
    with here.database.writing(BY_TEST) as session:
        account = users.find_user(session, "eve")
        _, secret = tokens.make_token(session, account, TokenScope.WRITE, "a test", None)
    for each in (cluster.first, cluster.second):
        pause(each)
    headers = {"Authorization": f"Bearer {secret}"}
    claim = {"statement": "Written by a script.", "kind": "mechanism", "status": "active"}
    made = here._web.post_json("/api/v1/claims", claim, headers=headers, status=201)
    address = made.headers["Location"]
    assert there.get(address, headers=headers).json == made.json
    there.get(address, 404, expect_errors=True)


def test_pages_go_on_without_a_replica_and_without_a_primary(
    cluster: Cluster, open_process: OpenProcess
) -> None:
    reader = open_process()
    editor = open_process().log_in(Role.EDITOR, "cleo")
    form = editor.form("/claims/new")
    form["statement"], form["kind"] = "What I had been typing.", "mechanism"
    resume(cluster, cluster.first, cluster.second)
    cluster.first.crash()  # which the process does not know yet
    assert reader.get("/claims").status_int == 200
    crash(cluster, reader, cluster.primary)
    for address in ("/", "/claims", "/claims.csv", "/studies", "/api/v1/claims", "/review/CLM-1", "/readyz"):
        reader.get(address)
    look(editor.database)
    assert editor.get("/claims").html.select_one("#logout") is not None
    page = form.submit(status=503, expect_errors=True)
    assert "What I had been typing." in [tag.text for tag in page.html.select(".typed")]


def test_a_browser_remembers_its_last_change_while_the_primary_is_lost(
    cluster: Cluster, open_process: OpenProcess
) -> None:
    editor = open_process().log_in(Role.EDITOR, "dora")
    resume(cluster, cluster.first, cluster.second)
    pause(cluster.first)
    form = editor.form("/claims/new")
    form["statement"], form["kind"] = "It was saved just before.", "mechanism"
    address = form.submit(status=303).location
    resume(cluster, cluster.second)
    crash(cluster, editor, cluster.primary)
    assert left_out(editor.database) == {}
    Browser(editor.app).get(address, 404, expect_errors=True)  # from the first replica
    assert "It was saved just before." in editor.get(address).text


def test_each_replica_is_checked(cluster: Cluster, open_process: OpenProcess) -> None:
    process = open_process()
    lines = process.app.test_cli_runner().invoke(args=["check"]).output.splitlines()
    replicas = [line for line in lines if line.startswith("Replica")]
    assert [line.split(": ")[0] for line in replicas] == [
        f"Replica 127.0.0.1:{each.port}" for each in (cluster.first, cluster.second)
    ]
    assert all(f"Schema {schema.head()}, 0 bytes" in line for line in replicas)
    crash(cluster, process, cluster.second)
    lines = process.app.test_cli_runner().invoke(args=["check"]).output.splitlines()
    lost = f"Warning: The replica 127.0.0.1:{cluster.second.port} is left out. It does not answer"
    assert [line.startswith(lost) for line in lines if "is left out" in line] == [True]


def test_a_replica_that_was_promoted_is_followed(
    cluster: Cluster, clusters: list[Cluster], database: Database
) -> None:
    seen = count(database, add_claim(database))
    clusters.clear()  # no other test can use them after this one
    try:
        cluster.primary.crash()
        replication.promote(cluster.first)
        retrying(lambda: add_claim(database))
        assert count(database, since=None) == seen + 1
        look(database)
        # The second still waits for the primary that is gone.
        assert left_out(database) == {cluster.second.port: "It does not follow the present primary."}
        assert nodes.states(database)[0].name == f"127.0.0.1:{cluster.first.port}"
        assert answered_by(database) == cluster.first.port
    finally:
        cluster.stop()
