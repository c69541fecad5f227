"""Rounds: a new site, something of everything is sent to it, and then it must still be sound."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.assistants import call_tools
from tests.fuzz.files import Files, import_one
from tests.fuzz.fuzzer import Fuzzer
from tests.fuzz.site import open_site
from tests.fuzz.wire import Request

KINDS = ("sqlite", "postgresql")


@dataclass
class Played:
    """What was found, by its kind, and what was sent."""

    finds: dict[str, str] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)
    """The status with which the address of each endpoint was opened, before anything was changed."""
    tried: set[tuple[str, str]] = field(default_factory=set)
    """The endpoints and methods that something was sent to."""
    every: set[tuple[str, str]] = field(default_factory=set)
    """Those that there are."""
    sent: int = 0
    statuses: dict[int, int] = field(default_factory=dict)


def play(
    url: str,
    folder: Path,
    seed: int,
    rounds: int,
    folders: Sequence[Path] = (),
    until: float = float("inf"),
) -> Played:
    """Send `rounds` requests to each rule and method, and files and calls of tools, to a site with the seed at `url`.

    Each odd seed has a site on which changes are reviewed. It ends early at the time `until` (`time.monotonic`).
    """
    played = Played()
    with open_site(url, folder, seed, review_required=bool(seed % 2)) as site:
        files = Files(folders)
        fuzzer = Fuzzer(site, seed, files)
        with fuzzer.watching():
            played.opened = fuzzer.crawl()
            files.add_exports(site)
            played.every = {
                (rule.endpoint, method)
                for rule in site.app.url_map.iter_rules()
                for method in rule.methods or ()
                if method not in ("HEAD", "OPTIONS")
            }
            for _ in range(rounds):
                if time.monotonic() > until:
                    break
                for rule, method in fuzzer.targets():
                    fuzzer.go(rule, method)
                    played.tried.add((rule.endpoint, method))
            for _ in range(5 * rounds):
                if fault := import_one(site, files, fuzzer.chance):
                    played.finds.setdefault(fault.splitlines()[-1], fault)
            for fault in call_tools(site, fuzzer.chance, 2 * rounds):
                played.finds.setdefault(fault.splitlines()[-1], fault)
            for person in site.people:
                site.sign_in(person)
                status = fuzzer.attempt(person, Request("GET", "/changes")).status
                if status != 200:
                    played.finds[f"the session of {person.name}"] = (
                        f"{person.name} gets {status} for /changes."
                    )
        for problem in site.problems():
            played.finds.setdefault(f"unsound: {problem[:40]}", f"claims check says: {problem}")
        played.finds |= {kind: str(find) for kind, find in fuzzer.finds.items()}
        played.sent, played.statuses = fuzzer.sent, fuzzer.statuses
    return played
