"""A steady mixture of everything that people and programs do with a site."""

import random
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable

import requests
from bs4 import BeautifulSoup

from benchmarks.reliability.clients import Client, Person, Refused, Script
from benchmarks.reliability.ledger import Ledger
from benchmarks.reliability.sites import Site

WORKERS = 8
CONTESTED = ("CLM-101", "CLM-102", "CLM-103")
"""Claims that everybody edits, of those that `filling.py` makes."""

WORDS = ("antibodies", "pain", "sleep", "fatigue", "trial", "mice")
SMALL_IMPORT, LARGE_IMPORT = 5, 700


class Load:
    """Clients that ask a site at a steady rate, until they are stopped."""

    def __init__(self, site: Site, ledger: Ledger, claims: int, token: str, rate: float) -> None:
        self.site, self.ledger, self.claims, self.token = site, ledger, claims, token
        self.pause = WORKERS / rate
        self.started = time.monotonic()
        self.times: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
        self.errors: Counter[str] = Counter()
        self.stale = 0
        """How often a script read less than what it had written."""
        self.conflicts = 0
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(WORKERS)]

    @property
    def requests(self) -> int:
        """How many steps were taken; each is one to four requests, always in the same mixture."""
        return sum(map(len, self.times.values()))

    def start(self) -> None:
        """Let the clients begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the clients finish what they do."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        user = User(self, number)
        kinds, weights = zip(*user.steps.items(), strict=True)
        while not self._stopping.wait(self.pause * user.chance.uniform(0.5, 1.5)):
            kind = user.chance.choices(kinds, [weight for weight, _ in weights])[0]
            begun = time.monotonic()
            try:
                user.steps[kind][1]()
            except Refused as refused:
                self.errors[f"{kind}: {refused.answer.status_code}"] += 1
                print(kind, refused, refused.answer.text[-2000:], file=sys.stderr)
            except requests.RequestException as error:
                self.errors[f"{kind}: {type(error).__name__}"] += 1
                print(kind, repr(error), file=sys.stderr)
            self.times[kind].append((begun - self.started, time.monotonic() - begun))


class User:
    """What one client does: as a reader, as an editor with a browser, and as a script."""

    def __init__(self, load: Load, number: int) -> None:
        self.load, self.chance = load, random.Random(number)
        address, ledger = load.site.address, load.ledger
        self.reader = Client(address, ledger)
        self.editor = Person(address, ledger)
        self.editor.log_in("editor")
        self.script = Script(address, ledger, load.token)
        self.next_page = ""
        self.steps: dict[str, tuple[float, Callable[[], object]]] = {
            "page": (25, self.read_page),
            "list at depth": (10, self.go_deeper),
            "search": (8, lambda: self.reader.get(f"/claims?q={self.chance.choice(WORDS)}")),
            "filtered list": (
                6,
                lambda: self.reader.get(f"/claims?level=low&kind=association&q={self.word()}"),
            ),
            "file": (2, self.take_file),
            "past": (4, self.read_past),
            "API read": (20, lambda: self.script.read(self.claim())),
            "API list": (4, lambda: self.script.get("/api/v1/claims?per_page=50")),
            "API change": (8, self.change),
            "API addition": (2, self.script.add),
            "form": (5, lambda: self.editor.edit(self.claim())),
            "conflict": (2, self.collide),
            "log-in": (0.3, self.log_in),
            "import": (0.3, lambda: self.import_(SMALL_IMPORT)),
            "large import": (0.01, lambda: self.import_(LARGE_IMPORT)),
        }

    def claim(self) -> str:
        """Choose a claim, one of a few more often than others."""
        if self.chance.random() < 0.2:
            return self.chance.choice(CONTESTED)
        return f"CLM-{self.chance.randint(101, 100 + self.load.claims)}"

    def word(self) -> str:
        """Choose a word to search for."""
        return self.chance.choice(WORDS)

    def read_page(self) -> None:
        """Read a page as a visitor."""
        pages = ["/", "/matrix", "/topics", "/releases", f"/claims/{self.claim()}", f"/claims/{self.claim()}"]
        pages += [f"/studies/STU-{self.chance.randint(101, 200)}", f"/claims/{self.claim()}/history"]
        self.reader.get(self.chance.choice(pages))

    def go_deeper(self) -> None:
        """Read the next page of a list, as a crawler does."""
        page = self.reader.get(self.next_page or "/claims?per_page=50")
        link = BeautifulSoup(page.text, "html.parser").select_one("a[rel=next]")
        self.next_page = str(link["href"]) if link is not None else ""

    def take_file(self) -> None:
        """Take a file of a list."""
        files = ("/claims.csv?level=low", "/evidence.jsonl?level=low", "/studies.ris?design=cohort")
        self.reader.get(self.chance.choice(files))

    def read_past(self) -> None:
        """Read a list or a claim as of a day."""
        day = f"{self.chance.randint(2020, 2025)}-{self.chance.randint(1, 12):02}-01"
        self.reader.get(self.chance.choice(("/claims", "/studies")) + f"?as_of={day}")

    def change(self) -> None:
        """Change a claim, and read it: nobody misses their own change."""
        claim = self.claim()
        if self.script.change(claim) is None:
            self.load.conflicts += 1
            return
        wrote = max(v for number, v, _ in self.load.ledger.outcomes[-50:] if f"CLM-{number}" == claim and v)
        if self.script.read(claim)["version"] < wrote:
            self.load.stale += 1

    def collide(self) -> None:
        """Open a form, let somebody else save, and send it: both changes are kept in the history."""
        claim = self.chance.choice(CONTESTED)
        form = self.editor.open_edit(claim)
        self.script.change(claim)
        self.editor.send_edit(form, claim)
        self.load.conflicts += 1

    def log_in(self) -> None:
        """Log in with another browser."""
        Person(self.load.site.address, self.load.ledger).log_in("editor")

    def import_(self, number: int) -> None:
        """Import studies, and wait until they are saved."""
        titles = [f"A study {self.load.ledger.word()} of imports" for _ in range(number)]
        data = "".join(f"TY  - JOUR\nTI  - {title}\nPY  - 2020\nER  - \n" for title in titles)
        preview = self.editor.upload("library.ris", data.encode())
        self.wait_for(preview, "Import selected rows")
        self.editor.save_upload(preview)
        self.wait_for(preview, "Imported on")
        self.load.ledger.imported(titles)

    def wait_for(self, address: str, words: str) -> None:
        """Reload a page until it has some words. Raises Refused after a while."""
        until = time.monotonic() + 300
        while words not in (page := self.editor.get(address)).text:
            if time.monotonic() > until:
                raise Refused(page)
            time.sleep(1)
