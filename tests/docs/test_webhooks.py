"""The documentation of webhooks: its receiver works, and its events and contents are those of the program."""

import json
import re
import threading
from http.server import HTTPServer
from typing import Any

import pytest

from claims_app.database import Database
from claims_app.lookup.hooks import post
from claims_app.rules.hooks.signing import derive_secret, signed_headers, text_of
from claims_app.services.hooks import queueing
from claims_app.services.hooks.settled import Settled
from claims_app.vocabulary import HookEvent
from tests.conftest import on_one_database
from tests.docs.test_docs import ROOT, literals, page, rows, section
from tests.factories import make_appraisal, make_claim, make_webhook
from tests.support.announcing import announced, change, edit

SECRET = derive_secret("k" * 32, "0" * 64)


def test_the_receiver_of_the_guide_accepts_what_we_sign_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = (ROOT / "docs/guide/operators.md").read_text(encoding="utf-8")
    [code] = re.findall(r"^```python\n(.*?)^```$", section(guide, "## Webhooks"), re.MULTILINE | re.DOTALL)
    program, serving = code.rstrip().rsplit("\n", 1)
    assert serving == 'HTTPServer(("127.0.0.1", 9000), Receiver).serve_forever()'
    monkeypatch.setenv("WEBHOOK_SECRET", text_of(SECRET))
    names: dict[str, Any] = {}
    exec(program, names)
    monkeypatch.setattr(names["Receiver"], "log_message", lambda *_: None)
    body, now = b'{"type":"ping"}', int(names["time"].time())
    with HTTPServer(("127.0.0.1", 0), names["Receiver"]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/"
        statuses = [
            post(address, sent, headers, private_allowed=True).status
            for sent, headers in (
                (body, signed_headers(SECRET, "evt_1", now, body)),
                (b'{"type":"forged"}', signed_headers(SECRET, "evt_1", now, body)),
                (body, signed_headers(b"another secret", "evt_1", now, body)),
                (body, signed_headers(SECRET, "evt_1", now - 3600, body)),
            )
        ]
        server.shutdown()
        thread.join()
    assert statuses == [204, 401, 401, 401]
    assert capsys.readouterr().out == "{'type': 'ping'}\n"


def test_every_event_is_described() -> None:
    documented = {
        literals(name)[0]: meaning for name, meaning in rows(section(page("webhooks.md"), "## Events"))
    }
    assert documented == {event.value: event.definition for event in HookEvent}


def members(value: Any) -> Any:
    """Return the names of all members of a JSON value, with those of the objects in it."""
    return {name: members(within) for name, within in value.items()} if isinstance(value, dict) else None


@on_one_database
def test_the_examples_have_the_members_of_real_events(database: Database) -> None:
    change(database, make_claim, make_webhook, edit(1, statement="Other words."), make_appraisal)
    queueing.queue_next(database, Settled(), 1, "")
    changed, _created, moved = announced(database)
    text = section(page("webhooks.md"), "## Content")
    examples = [
        json.loads(one) for one in re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]
    assert [members(example) for example in examples] == [members(changed), members(moved["level"])]
    assert set(members(moved)) == {"id", "type", "timestamp", "format", "record", "claim", "level"}
