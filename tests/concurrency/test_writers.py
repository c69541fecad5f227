"""Sixteen concurrent writers: every edit is in the history once, and none is overwritten silently."""

import itertools
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from hypothesis import settings
from sqlalchemy import select

from claims_app.database import Change, Database
from claims_app.models import Claim, Revision, StudyGroup, Topic
from claims_app.services.core.errors import DuplicateEvidence, Gone, InUse, Invalid, Refused, StaleVersion
from claims_app.services.core.record_states import read_changes
from claims_app.services.history import restore
from claims_app.services.records import claims, evidence, proposals, studies
from claims_app.services.records.kinds import form_values
from claims_app.vocabulary import Action, RecordType, Role, Via
from tests.commands.test_commands import address_of
from tests.concurrency.checks import assert_whole
from tests.conftest import BY_TEST
from tests.factories import CLAIM, EVIDENCE, STUDY, make_claim, make_evidence, make_study
from tests.support.browsing import PASSWORD, add_account

WRITERS = 16
EDITS = {"suite": 16, "thorough": 63}
"""Edits by each writer, 256 in total, or 1,008 with --hypothesis-profile=thorough."""

CLAIMS = 8
_DONE = Change(via=Via.COMMAND, summary="an edit")


def at_once(work: Callable[[int], Any], writers: int = WRITERS) -> list[Any]:
    """Run `work` in `writers` threads at once, and return the results."""
    with ThreadPoolExecutor(writers) as pool:
        return list(pool.map(work, range(writers)))


def edit(database: Database, number: int, word: str) -> int:
    """Change the outcome of a claim, retrying after conflicts, and return the resulting version."""
    while True:
        with database.reading() as session:
            claim = session.get_one(Claim, number)
            version, raw = claim.version, {**form_values(session, claim), "outcome": word}
        try:
            with database.writing(_DONE) as session:
                return proposals.change(session, session.get_one(Claim, number), version, raw).version
        except StaleVersion:
            continue


def test_hundreds_of_edits_by_sixteen_writers(database: Database) -> None:
    edits = EDITS[settings.get_current_profile_name()]
    with database.writing(BY_TEST) as session:
        for _ in range(CLAIMS):
            make_claim(session)

    def write(writer: int) -> list[tuple[int, int, str]]:
        numbers = itertools.islice(itertools.cycle(range(1, CLAIMS + 1)), writer, writer + edits)
        return [
            (number, edit(database, number, word), word)
            for at, number in enumerate(numbers)
            if (word := f"writer {writer}, edit {at}")
        ]

    acknowledged = {(number, version): word for done in at_once(write) for number, version, word in done}
    assert len(acknowledged) == WRITERS * edits
    with database.reading() as session:
        updates = session.scalars(select(Revision).where(Revision.action == Action.UPDATE))
        recorded = {
            (revision.record_id, revision.version): revision.changes["outcome"][1]
            for revision in read_changes(session, updates)
        }
    assert recorded == acknowledged
    assert_whole(database)


def test_the_same_new_topic_is_created_once(database: Database) -> None:
    def write(_writer: int) -> None:
        while True:
            try:
                with database.writing(_DONE) as session:
                    claims.create_claim(
                        session, {**CLAIM, "topics": ["Passive transfer"]}, duplicate_is_meant=True
                    )
                return
            except (Invalid, StaleVersion):
                continue

    at_once(write)
    with database.reading() as session:
        assert [topic.slug for topic in session.scalars(select(Topic))] == ["passive-transfer"]
    assert_whole(database)


def test_the_same_new_group_is_created_once(database: Database) -> None:
    def write(writer: int) -> None:
        while True:
            try:
                with database.writing(_DONE) as session:
                    studies.create_study(session, {**STUDY, "title": f"T {writer}", "group": "Liverpool"})
                return
            except (Invalid, StaleVersion):
                continue

    at_once(write)
    with database.reading() as session:
        assert [group.name for group in session.scalars(select(StudyGroup))] == ["Liverpool"]
    assert_whole(database)


def test_a_study_is_linked_once_and_the_other_writers_are_warned(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
        make_study(session)

    def write(_writer: int) -> bool:
        try:
            with database.writing(_DONE) as session:
                evidence.create_evidence(session, session.get_one(Claim, 1), {**EVIDENCE, "study_id": 1})
            return True
        except DuplicateEvidence:
            return False

    assert Counter(at_once(write)) == {True: 1, False: WRITERS - 1}


def test_a_claim_is_restored_once(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    with database.writing(BY_TEST) as session:
        proposals.delete(session, session.get_one(Claim, 1), 1)

    def write(_writer: int) -> bool:
        try:
            with database.writing(_DONE) as session:
                restore.restore(session, RecordType.CLAIM, "CLM-1")
            return True
        except (Refused, StaleVersion):
            return False

    assert sum(at_once(write)) == 1
    assert_whole(database)


def test_evidence_is_not_left_without_its_claim(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        for _ in range(WRITERS // 2):
            make_claim(session)
        make_study(session)

    def write(writer: int) -> None:
        number = writer // 2 + 1
        try:
            with database.writing(_DONE) as session:
                claim = session.get(Claim, number)
                if claim is None:
                    return
                if writer % 2:
                    proposals.delete(session, claim, claim.version)
                else:
                    evidence.create_evidence(session, claim, {**EVIDENCE, "study_id": 1})
        except (Gone, InUse, StaleVersion, Invalid):
            return

    at_once(write)
    assert_whole(database)


class Visitor:
    """A user of a real server who submits forms as a browser does."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies: SimpleCookie = SimpleCookie()
        self.statuses: Counter[int] = Counter()

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """Send a request and return the status and the text of the response."""
        connection = HTTPConnection(self.address, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(fields) if fields else None, headers)
        response = connection.getresponse()
        text = response.read().decode()
        for value in response.headers.get_all("Set-Cookie") or ():
            self.cookies.load(value)
        connection.close()
        self.statuses[response.status] += 1
        return response.status, text

    def log_in(self, name: str) -> None:
        """Log in."""
        fields = form_of(self.ask("GET", "/login")[1], "login")
        status, _ = self.ask("POST", "/login", {**fields, "username": name, "password": PASSWORD})
        assert status == 303

    def edit(self, number: int, word: str) -> None:
        """Change the outcome of a claim; after a conflict, submit the form again."""
        path = f"/claims/CLM-{number}/edit"
        _, text = self.ask("GET", path)
        while True:
            status, text = self.ask(
                "POST", path, {**form_of(text, "record"), "outcome": word, "edit_summary": word}
            )
            if status == 303:
                return
            assert status == 409, text


def form_of(text: str, name: str) -> dict[str, str]:
    """Return the values of the form with the id `name`."""
    form = BeautifulSoup(text, "html.parser").find(id=name)
    assert form is not None
    fields = {tag["name"]: tag.get("value", "") for tag in form("input") if tag.get("type") != "checkbox"}
    fields |= {tag["name"]: tag.text.removeprefix("\n") for tag in form("textarea")}
    for tag in form("select"):
        chosen = tag.find("option", selected=True) or tag.find("option")
        fields[tag["name"]] = chosen.get("value", "")
    return {str(key): str(value) for key, value in fields.items() if re.fullmatch(r"[\w-]+", str(key))}


@pytest.fixture
def served(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The host and port of `claims up` on an empty database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    command = [str(Path(sys.executable).with_name("claims")), "up", "--port", "0", "--no-seed"]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        yield address_of(server)
    finally:
        server.terminate()
        server.communicate()


def test_sixteen_browsers_at_a_real_server_lose_nothing(served: str, database: Database) -> None:
    with database.writing(BY_TEST) as session:
        for _ in range(4):
            make_evidence(session)
    for writer in range(WRITERS):
        add_account(database, f"writer{writer}", Role.CURATOR)

    visitors = [Visitor(served) for _ in range(WRITERS)]
    for writer, visitor in enumerate(visitors):  # one after the other, since log-ins have to queue
        visitor.log_in(f"writer{writer}")

    def write(writer: int) -> tuple[list[str], Counter[int]]:
        visitor = visitors[writer]
        words = [f"writer {writer}, edit {at}" for at in range(2)]
        for at, word in enumerate(words):
            visitor.edit((writer + at) % 4 + 1, word)
        return words, visitor.statuses

    done = at_once(write)
    sent = Counter(word for words, _ in done for word in words)
    statuses = sum((statuses for _, statuses in done), Counter[int]())
    assert set(statuses) <= {200, 303, 409}, statuses
    with database.reading() as session:
        edits = read_changes(
            session, session.scalars(select(Revision).where(Revision.action == Action.UPDATE))
        )
        assert Counter(edit.changes["outcome"][1] for edit in edits) == sent
        assert all(edit.edit_summary == edit.changes["outcome"][1] for edit in edits)
    assert_whole(database)
