"""Clients of several application processes, which do what a proxy in front of these does.

A request goes to one process, and to another one if it cannot be reached, or if its connection breaks before the answer
of a request that only reads.
"""

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from benchmarks.reliability.clients import SECONDS, Person, Script
from benchmarks.reliability.ledger import Ledger
from benchmarks.reliability.sites import Site


class Balanced:
    """A client of several processes that serve the same site. `turn` is the process that it asks next."""

    def __init__(self, sites: Sequence[Site], turn: int = 0) -> None:
        self.sites, self.turn = sites, turn
        self.http = requests.Session()
        self.http.trust_env = False
        self.asked_at = 0.0
        """When the last request was sent."""
        self.answered_by = ""
        """The process that answered it, as one that a restart makes another one."""

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Return the answer of one of the processes. Raises RequestException if there is none."""
        parts = urlsplit(path)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        for attempt in range(len(self.sites)):
            site = self.sites[(self.turn + attempt) % len(self.sites)]
            self.asked_at = time.monotonic()
            process = site.process
            self.answered_by = f"{site.address.rpartition(':')[2]} ({process.pid if process else 'none'})"
            try:
                return self.http.request(
                    method, site.address + path, timeout=SECONDS, allow_redirects=False, **more
                )
            except requests.ConnectionError as error:
                is_last = attempt == len(self.sites) - 1
                if is_last or not (method == "GET" or _was_refused(error)):
                    raise
        raise AssertionError("There are processes.")

    def other(self) -> None:
        """Ask the next process from now on."""
        self.turn = (self.turn + 1) % len(self.sites)


def _was_refused(error: requests.ConnectionError) -> bool:
    """Return whether no connection was made, so that nothing was sent."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


class BalancedScript(Balanced, Script):
    """A program with an API token."""

    def __init__(self, sites: Sequence[Site], ledger: Ledger, token: str) -> None:
        Script.__init__(self, "", ledger, token)
        headers = self.http.headers
        Balanced.__init__(self, sites)
        self.http.headers = headers


class BalancedPerson(Balanced, Person):
    """A person with a browser."""

    def __init__(self, sites: Sequence[Site], ledger: Ledger) -> None:
        Person.__init__(self, "", ledger)
        Balanced.__init__(self, sites)
