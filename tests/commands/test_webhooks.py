"""`claims webhooks`."""

from pathlib import Path

import pytest

from claims_app.database import Database
from tests.conftest import BY_TEST
from tests.factories import make_claim
from tests.support.commands import Terminal
from tests.support.receiving import receiving


@pytest.fixture
def terminal(tmp_path: Path, database_url: str) -> Terminal:
    """A folder with a migrated database, where webhooks may go to this machine."""
    terminal = Terminal(tmp_path, database_url)
    terminal.environment["CLAIMS_WEBHOOKS_PRIVATE"] = "allow"
    return terminal


def test_a_webhook_is_added_and_what_changed_is_sent(terminal: Terminal, database: Database) -> None:
    with receiving() as receiver:
        added = terminal.run("webhooks", "add", receiver.address, "--event", "claim.created")
        assert added.stdout.startswith("whsec_")
        with database.writing(BY_TEST) as session:
            make_claim(session)
        receiver.statuses = [500]
        sent = terminal.run("webhooks", "run", status=1)
        assert sent.stderr == f"1  {receiver.address}: 0 delivered, 1 failed\n"
        assert "1 webhook fails" in terminal.run("check").stdout
    listed = terminal.run("webhooks", "list").stdout
    assert listed.startswith(f"1  {receiver.address}  failing since ")
    assert listed.endswith(", 1 waiting  claim.created\n")


def test_a_webhook_is_paused_resumed_and_removed(terminal: Terminal) -> None:
    terminal.run("webhooks", "add", "https://example.org/")
    terminal.run("webhooks", "pause", "1")
    assert "  paused  claim.created, claim.changed" in terminal.run("webhooks", "list").stdout
    terminal.run("webhooks", "resume", "1", "--skip")
    assert terminal.run("webhooks", "run").stdout == "1  https://example.org/: 0 delivered\n"
    terminal.run("webhooks", "remove", "1")
    assert terminal.run("webhooks", "list").stdout == ""
    assert "no webhook 1" in terminal.run("webhooks", "pause", "1", status=1).stderr


def test_a_private_address_is_refused_without_the_setting(terminal: Terminal) -> None:
    del terminal.environment["CLAIMS_WEBHOOKS_PRIVATE"]
    assert "private" in terminal.run("webhooks", "add", "https://10.0.0.1/", status=1).stderr
    refused = terminal.run("webhooks", "add", "http://127.0.0.1:9000/", status=1).stderr
    assert "CLAIMS_WEBHOOKS_PRIVATE=allow" in refused
