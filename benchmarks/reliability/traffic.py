"""Readers, editors and scripts that go on while a site is broken, and what they noticed of it."""

import itertools
import random
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import requests
from bs4 import BeautifulSoup

from benchmarks.reliability.clients import Client, Form, Person, Refused, Script
from benchmarks.reliability.ledger import Ledger
from benchmarks.reliability.sites import Site

PAUSE = 0.05
"""Seconds between what a client does."""

AGAIN = 0.2
"""Seconds until a client tries again what was not answered, or was refused for the moment."""

READ, WRITE = "read", "write"


class Stopped(Exception):
    """The traffic ends, while this was not done yet."""


@dataclass
class Noticed:
    """What clients noticed."""

    served: dict[str, list[float]] = field(default_factory=lambda: {READ: [], WRITE: []})
    """The moments of good answers."""

    refused: Counter[str] = field(default_factory=Counter)
    """The sentences with which the site put clients off."""

    broken: int = 0
    """Connections that were refused or cut."""

    wrong: list[str] = field(default_factory=list)
    """Answers that nobody should get."""

    slowest_refusal: float = 0.0

    def gap(self, kind: str, begin: float, end: float) -> float:
        """Return the longest time without a good answer between two moments."""
        moments = [begin, *(at for at in self.served[kind] if begin < at < end), end]
        return max(after - before for before, after in itertools.pairwise(moments))


class Traffic:
    """Clients of a site, from `start` to `stop`."""

    def __init__(self, site: Site, ledger: Ledger, token: str, claims: list[str]) -> None:
        self.site, self.ledger, self.token, self.claims = site, ledger, token, claims
        self.noticed = Noticed()
        self._stopping = threading.Event()
        works = [self._reader, self._reader, self._script, self._script, self._person, self._importer]
        self._threads = [threading.Thread(target=self._run, args=(work,), daemon=True) for work in works]

    def start(self) -> None:
        """Let the clients begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the clients finish what they do."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(90)
            assert not thread.is_alive(), "a client does not end"

    def script(self) -> Script:
        """Return a script with a token of the editor."""
        return Script(self.site.address, self.ledger, self.token)

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Stopped:
            pass
        except Exception as error:
            self.noticed.wrong.append(f"{work.__name__}: {error!r}")
            raise

    def patiently(self, kind: str, work: Callable[[], object]) -> None:
        """Do one thing until it is answered for good. Raises Stopped."""
        while not self._stopping.wait(PAUSE):
            begun = time.monotonic()
            try:
                work()
            except requests.RequestException:
                self.noticed.broken += 1
            except Refused as refused:
                self._note(refused.answer, time.monotonic() - begun)
                if refused.answer.status_code not in (429, 503):
                    return
            else:
                self.noticed.served[kind].append(time.monotonic())
                return
            self._stopping.wait(AGAIN)
        raise Stopped

    def _note(self, answer: requests.Response, seconds: float) -> None:
        said = sentence(answer)
        if answer.status_code in (429, 503) and "Retry-After" in answer.headers and said:
            self.noticed.refused[said] += 1
            self.noticed.slowest_refusal = max(self.noticed.slowest_refusal, seconds)
        else:
            about = f"{answer.request.method} {answer.request.url}: {answer.status_code} {said}"
            self.noticed.wrong.append(about)

    def log_in(self, person: Person) -> None:
        """Let a person log in. Raises Stopped."""
        self.patiently(READ, lambda: person.log_in("editor"))

    def _reader(self) -> None:
        reader = Client(self.site.address, self.ledger)
        reader.http.headers["Connection"] = "close"  # as somebody who comes for the first time
        chance = random.Random(1)
        while True:
            path = chance.choice(["/", "/claims", f"/claims/{chance.choice(self.claims)}", "/claims.csv"])
            self.patiently(READ, lambda path=path: self._read(reader, path))  # type: ignore[misc]

    def _read(self, reader: Client, path: str) -> None:
        answer = reader.get(path)
        if path.endswith(".csv") and answer.text.count("\r\n") != int(answer.headers["X-Row-Count"]) + 1:
            self.noticed.wrong.append("A file was cut off, and looked whole.")

    def _script(self) -> None:
        script = self.script()
        chance = random.Random()
        while True:
            if chance.random() < 0.3:
                key, word = secrets.token_hex(16), self.ledger.word()
                self.patiently(WRITE, lambda key=key, word=word: script.add(key, word))  # type: ignore[misc]
            else:
                claim = chance.choice(self.claims)
                self.patiently(WRITE, lambda claim=claim: script.change(claim))  # type: ignore[misc]

    def _person(self) -> None:
        person = Person(self.site.address, self.ledger)
        self.log_in(person)
        while True:
            claim, forms = random.choice(self.claims), list[Form]()
            self.patiently(READ, lambda: forms.append(person.open_edit(claim)))  # noqa: B023
            if not forms:
                continue  # what was answered is noted
            word = self.ledger.word()
            self.patiently(WRITE, lambda: person.send_edit(forms[-1], claim, word))  # noqa: B023

    def _importer(self) -> None:
        person = Person(self.site.address, self.ledger)
        self.log_in(person)
        while True:
            titles = [f"A study {self.ledger.word()} of imports" for _ in range(600)]
            data = "".join(f"TY  - JOUR\nTI  - {title}\nPY  - 2020\nER  - \n" for title in titles).encode()
            places: list[str] = []
            self.patiently(WRITE, lambda: places.append(person.upload("library.ris", data)))  # noqa: B023
            while places:
                pages: list[str] = []
                self.patiently(READ, lambda: pages.append(person.get(places[0]).text))  # noqa: B023
                if pages and "Imported on" in pages[0]:
                    self.ledger.imported(titles)
                    break
                if pages and "Import selected rows" in pages[0]:
                    with_rows = person.save_upload
                    self.patiently(READ, lambda: with_rows(places[0]))  # noqa: B023
                self._stopping.wait(0.5)


def sentence(answer: requests.Response) -> str:
    """Return the sentence of an error, without its number: of its page, problem document or text."""
    return re.split(r" If you write to the site operator", _whole(answer))[0]


def _whole(answer: requests.Response) -> str:
    kind = answer.headers.get("Content-Type", "")
    if "json" in kind:
        return str(answer.json().get("error") or answer.json().get("detail"))
    if "html" in kind:
        page = BeautifulSoup(answer.text, "html.parser")
        found = page.select_one("main .lead") or page.select_one("p:not([aria-hidden])")
        return re.sub(r"\s+", " ", found.get_text()).strip() if found else ""
    return answer.text.strip()
