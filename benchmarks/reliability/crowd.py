"""Writers and readers of a site with several application processes, who judge each answer (see `watching`)."""

import csv
import random
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence

import requests
from bs4 import BeautifulSoup

from benchmarks.reliability.balanced import Balanced, BalancedPerson, BalancedScript
from benchmarks.reliability.clients import Form, Refused
from benchmarks.reliability.ledger import Ledger
from benchmarks.reliability.sites import Site
from benchmarks.reliability.watching import OUTCOME, Asked, Watch

EDITS = 8
"""How often a writer changes a claim before adding the next one."""

RECENT = 30
"""How many of the newest claims readers look at."""

BROKEN_OFF = "broken off"
"""The kind of an answer of which a reader got a part: of a process that was killed meanwhile."""

_CLAIM = re.compile(r"CLM-[0-9]+")


class Crowd:
    """Clients that write and read until they are stopped."""

    def __init__(self, sites: Sequence[Site], watch: Watch, ledger: Ledger) -> None:
        self.sites, self.watch, self.ledger = sites, watch, ledger
        self.stopping = threading.Event()
        self.problems: list[str] = []
        """Errors of the clients themselves, which make the result worthless."""
        self._threads: list[threading.Thread] = []

    def add(self, step: Callable[[], object], pause: float) -> None:
        """Let a client take a step again and again."""

        def work() -> None:
            while not self.stopping.wait(pause * random.uniform(0.5, 1.5)):
                try:
                    step()
                except Exception as error:
                    self.problems.append(f"{type(error).__name__}: {error}")
                    raise

        self._threads.append(threading.Thread(target=work, daemon=True))

    def start(self) -> None:
        """Let the clients begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the clients finish what they do."""
        self.stopping.set()
        for thread in self._threads:
            thread.join(120)


class Writer:
    """A writer with claims of its own: sends what was not acknowledged again, and reads it at the other process."""

    def __init__(self, crowd: Crowd, name: str) -> None:
        self.crowd, self.watch, self.ledger, self.name = crowd, crowd.watch, crowd.ledger, name
        self.claim, self.version = "", 0

    def step(self) -> None:
        """Add a claim, or change the newest one."""
        outcome = f"outcome-{self.ledger.word().replace(' ', '-')}"
        if not self.claim or self.version > EDITS:
            self.add(outcome)
        else:
            self.change(outcome)

    def tried(self, kind: str, send: Callable[[], requests.Response]) -> requests.Response | None:
        """Return the answer of a request, or None if there is none or the server had an error; note which."""
        try:
            answer = send()
        except requests.RequestException as error:
            self.watch.answered(kind, type(error).__name__)
            return None
        if answer.status_code >= 500:
            self.watch.answered(kind, _why(answer))
            return None
        self.watch.answered(kind)
        return answer

    def repeated(self, kind: str, send: Callable[[], requests.Response]) -> requests.Response:
        """Return the answer of a request that is sent until there is one, at all processes in turn."""
        while (answer := self.tried(kind, send)) is None or answer.status_code == 429:
            if self.crowd.stopping.wait(0.2) and answer is not None:
                break
            self.client.other()
        return answer

    @property
    def client(self) -> Balanced:
        """The client that it writes with."""
        raise NotImplementedError

    def add(self, outcome: str) -> None:
        """Add a claim, and check that it is there."""
        raise NotImplementedError

    def change(self, outcome: str) -> None:
        """Give the newest claim another outcome, and check that it has it."""
        raise NotImplementedError

    def saved(self, claim: str, version: int, outcome: str) -> None:
        """Note that the site said that it is saved, and read it at the other process."""
        if version == 1:
            self.watch.owns(self.name, claim)
        else:
            self.ledger.changed(claim, version, outcome)
        self.watch.acknowledged(claim, version)
        self.claim, self.version = claim, version
        self.client.other()


class ScriptWriter(Writer):
    """A writer with an API token."""

    def __init__(self, crowd: Crowd, name: str, token: str) -> None:
        super().__init__(crowd, name)
        self.script = BalancedScript(crowd.sites, crowd.ledger, token)

    @property
    def client(self) -> Balanced:
        """The client that it writes with."""
        return self.script

    def add(self, outcome: str) -> None:
        """Add a claim; the same request again is carried out once."""
        statement = f"Antibodies of kind {outcome.removeprefix('outcome-')} are raised."
        body = {"statement": statement, "kind": "mechanism", "status": "active", "outcome": outcome}
        body |= {"topics": [self.name]}
        key = {"Idempotency-Key": secrets.token_hex(16)}

        def send() -> requests.Response:
            return self.script.ask(
                "POST", "/api/v1/claims", json=body | {"duplicate_is_meant": True}, headers=key
            )

        # Its number is known only with the answer, but readers may see it in a list before.
        self.watch.sends("", 1, outcome)
        answer = self.repeated("write", send)
        while answer.status_code == 409:  # the same request is still carried out
            time.sleep(0.2)
            answer = self.repeated("write", send)
        if answer.status_code != 201:
            raise Refused(answer)
        claim = answer.json()["claim_id"]
        self.watch.sends(claim, 1, outcome)
        self.ledger.added(claim, statement)
        self.saved(claim, 1, outcome)
        self.read_own(outcome)

    def change(self, outcome: str) -> None:
        """Change the claim; if that was perhaps saved, look."""
        body = {"version": self.version, "outcome": outcome, "edit_summary": "A load test."}
        self.watch.sends(self.claim, self.version + 1, outcome)
        path = f"/api/v1/claims/{self.claim}"
        answer = self.repeated("write", lambda: self.script.ask("PATCH", path, json=body))
        if answer.status_code == 409:
            # An answer that was lost had saved it.
            now = self.repeated("own read", lambda: self.script.ask("GET", path)).json()
            if (now["version"], now["outcome"]) != (self.version + 1, outcome):
                asked = Asked(self.script.asked_at, self.name, has_account=True)
                self.watch.is_wrong(asked, f"{self.claim} is at {now['version']} with {now['outcome']}.")
        elif answer.status_code != 200 or answer.json()["version"] != self.version + 1:
            raise Refused(answer)
        self.saved(self.claim, self.version + 1, outcome)
        self.read_own(outcome)

    def read_own(self, outcome: str) -> None:
        """Check that the other process shows what was just saved."""
        answer = self.tried("own read", lambda: self.script.ask("GET", f"/api/v1/claims/{self.claim}"))
        if answer is None:
            return
        asked = Asked(self.script.asked_at, self.name, has_account=True)
        if answer.status_code == 404:
            self.watch.misses(asked, self.claim)
        elif answer.status_code != 200:
            raise Refused(answer)
        else:
            self.watch.sees(asked, self.claim, answer.json()["outcome"], answer.json()["version"])


class FormWriter(Writer):
    """A writer with a browser."""

    def __init__(self, crowd: Crowd, name: str, account: str) -> None:
        super().__init__(crowd, name)
        self.person = BalancedPerson(crowd.sites, crowd.ledger)
        self.person.log_in(account)

    @property
    def client(self) -> Balanced:
        """The client that it writes with."""
        return self.person

    def add(self, outcome: str) -> None:
        """Add a claim with the form for new ones."""
        statement = f"Antibodies of kind {outcome.removeprefix('outcome-')} are raised."
        typed = {"statement": statement, "kind": "mechanism", "status": "active", "outcome": outcome}
        self.watch.sends("", 1, outcome)
        claim = self.send("/claims/new", typed | {"topics": self.name})
        self.watch.sends(claim, 1, outcome)
        self.ledger.added(claim, statement)
        self.saved(claim, 1, outcome)
        self.read_own()

    def change(self, outcome: str) -> None:
        """Change the claim with its form."""
        self.watch.sends(self.claim, self.version + 1, outcome)
        self.send(f"/claims/{self.claim}/edit", {"outcome": outcome, "edit_summary": "A load test."})
        self.saved(self.claim, self.version + 1, outcome)
        self.read_own()

    def send(self, path: str, typed: dict[str, str]) -> str:
        """Open a form and send it, again and again until it is saved; return the claim that it leads to."""
        page = self.repeated("own read", lambda: self.person.ask("GET", path))
        if page.status_code != 200:
            raise Refused(page)
        form = Form.of(page, "#record")
        fields = form.fields | typed
        answer = self.repeated("write", lambda: self.person.ask("POST", path, data=fields))
        claim = _CLAIM.search(answer.headers.get("Location", ""))
        if answer.status_code != 303 or claim is None:
            raise Refused(answer)
        return claim[0]

    def read_own(self) -> None:
        """Check that the other process shows what was just saved."""
        answer = self.tried("own read", lambda: self.person.ask("GET", f"/claims/{self.claim}"))
        if answer is None:
            return
        asked = Asked(self.person.asked_at, self.name, has_account=True)
        if answer.status_code == 404:
            self.watch.misses(asked, self.claim)
        elif answer.status_code != 200:
            raise Refused(answer)
        else:
            self.watch.sees(asked, self.claim, _outcome(answer.text))


class Reader:
    """A reader without an account, who asks the processes in turn and keeps what was sent with a validator."""

    def __init__(self, crowd: Crowd, name: str, owners: Sequence[str]) -> None:
        self.watch, self.name, self.owners = crowd.watch, name, owners
        self.client = Balanced(crowd.sites, random.randrange(len(crowd.sites)))
        self.kept: dict[str, requests.Response] = {}
        self.steps = (
            self.page,
            self.page,
            self.record,
            self.list,
            self.list,
            self.file,
            self.history,
            self.front,
        )

    def step(self) -> None:
        """Read something."""
        self.client.other()
        random.choice(self.steps)()

    def read(self, path: str) -> requests.Response | None:
        """Return the answer at a path, or the kept one if that is still valid; None if the request failed."""
        kept = self.kept.get(path)
        headers = {"If-None-Match": kept.headers["ETag"]} if kept and random.random() < 0.5 else {}
        try:
            answer = self._whole(path, headers)
        except requests.RequestException as error:
            self.watch.answered("read", f"{path}: {type(error).__name__}")
            return None
        if answer.status_code not in (200, 304, 404):
            self.watch.answered("read", f"{path}: {_why(answer)}")
            return None
        self.watch.answered("read")
        if answer.status_code == 304 and kept is not None:
            return kept
        if "ETag" in answer.headers:
            self.kept = {**dict(list(self.kept.items())[-50:]), path: answer}
        return answer

    def _whole(self, path: str, headers: dict[str, str]) -> requests.Response:
        """Return an answer; one that breaks off after it began is asked for again, as by reloading a page."""
        try:
            return self.client.ask("GET", path, headers=headers)
        except requests.exceptions.ChunkedEncodingError:
            self.watch.answered(BROKEN_OFF)
            return self.client.ask("GET", path, headers=headers)

    @property
    def asked(self) -> Asked:
        """The last request."""
        return Asked(self.client.asked_at, f"{self.name} at {self.client.answered_by}")

    def claim(self) -> str:
        """Choose one of the newest claims."""
        return random.choice(self.watch.claims()[-RECENT:])

    def page(self) -> None:
        """Read the page of a claim."""
        claim = self.claim()
        if found := self.read(f"/claims/{claim}"):
            self.watch.is_whole(self.asked, f"The page of {claim}", _is_whole_page(found))
            if found.status_code == 404:
                self.watch.misses(self.asked, claim)
            else:
                self.watch.sees(self.asked, claim, _outcome(found.text))

    def record(self) -> None:
        """Read a claim over the API."""
        claim = self.claim()
        if found := self.read(f"/api/v1/claims/{claim}"):
            if found.status_code == 404:
                self.watch.misses(self.asked, claim)
            else:
                record = found.json()
                self.watch.sees(self.asked, claim, record["outcome"], record["version"])

    def list(self) -> None:
        """Read all claims of a writer, over the API or as a page, and compare them with the number that it says."""
        owner = random.choice(self.owners)
        query = f"?topic={owner}&per_page=200"
        if random.random() < 0.5:
            if found := self.read(f"/api/v1/claims{query}"):
                listed, asked = found.json(), self.asked
                self.watch.counts(
                    asked, owner, listed["total"], [item["claim_id"] for item in listed["items"]]
                )
                for item in listed["items"]:
                    self.watch.sees(asked, item["claim_id"], item["outcome"], item["version"])
        elif found := self.read(f"/claims{query}"):
            page = BeautifulSoup(found.text, "html.parser")
            total = page.select_one(".result-count strong")
            rows = {
                m[0] for link in page.select("main a[href]") if (m := _CLAIM_LINK.search(str(link["href"])))
            }
            says = int(total.text.replace(",", "")) if total else -1
            self.watch.counts(self.asked, owner, says, [row.rpartition("/")[2] for row in rows])

    def file(self) -> None:
        """Take a file of the claims of a writer, and count its rows."""
        owner = random.choice(self.owners)
        if found := self.read(f"/claims.csv?topic={owner}"):
            rows, asked = list(csv.DictReader(found.text.splitlines())), self.asked
            says = int(found.headers.get("X-Row-Count", -1))
            self.watch.counts(asked, owner, says, [row["claim_id"] for row in rows])
            for row in rows:
                self.watch.sees(asked, row["claim_id"], row["outcome"], int(row["version"]))

    def history(self) -> None:
        """Read the history of a claim, which has every version up to one."""
        claim = self.claim()
        if (found := self.read(f"/api/v1/claims/{claim}/history")) and found.status_code != 404:
            versions = [item["version"] for item in found.json()["items"]]
            is_whole = versions == list(range(max(versions), max(versions) - len(versions), -1))
            self.watch.is_whole(self.asked, f"The history of {claim}", is_whole)

    def front(self) -> None:
        """Read the first page."""
        if found := self.read("/"):
            self.watch.is_whole(self.asked, "The first page", _is_whole_page(found))


_CLAIM_LINK = re.compile(r"/claims/CLM-[0-9]+$")


def _is_whole_page(answer: requests.Response) -> bool:
    return answer.text.rstrip().endswith("</html>")


def _outcome(text: str) -> str | None:
    found = set(OUTCOME.findall(text))
    return found.pop() if len(found) == 1 else None


def _why(answer: requests.Response) -> str:
    """Return what an answer says of why it failed."""
    words = BeautifulSoup(answer.text, "html.parser").get_text(" ", strip=True)
    return f"{answer.status_code} by {answer.url.split('/')[2]}: {words[:200]}"
