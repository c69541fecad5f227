"""Pages that were sent before, kept in memory within a limit: the least recently used are dropped first."""

import datetime
import gzip
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

Headers = tuple[tuple[str, str], ...]

SMALLEST_COMPRESSED = 1024
"""Bytes; shorter pages are not worth compressing."""

KEPT = "claims_kept_pages"
"""The pages of an application, in its `extensions`."""

_ENTRY = 1000
"""Bytes that an entry costs beside its text, about."""


@dataclass
class KeptPage:
    """A page as it was sent: the validator (see `reader_pages`) under which it is valid, its headers and its body."""

    tag: str
    good_until: datetime.datetime | None
    headers: Headers
    body: bytes = field(repr=False)
    is_of_one_version: bool = False
    """Whether its validator is strong, so that it is never compressed."""

    route: str | None = None
    """The template of its address, for the log and the metrics."""

    def compressed(self) -> "KeptPage":
        """Return the page compressed with gzip."""
        body = gzip.compress(self.body, compresslevel=5, mtime=0)
        headers = [(name, value) for name, value in self.headers if name.lower() != "content-length"]
        more = (("Content-Encoding", "gzip"), ("Content-Length", str(len(body))))
        return KeptPage(self.tag, self.good_until, (*headers, *more), body, route=self.route)

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return _ENTRY + len(self.body) + sum(len(name) + len(value) for name, value in self.headers)


class KeptPages:
    """Pages by their address, within a limit in bytes. Threads share it."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self.hits = 0
        """How often a page was found."""
        self.misses = 0
        self._pages: OrderedDict[str, KeptPage] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, address: str, tag: str) -> KeptPage | None:
        """Return the page at an address if it is valid under `tag`, else None."""
        with self._lock:
            page = self._pages.get(address)
            if page is None or page.tag != tag:
                self.misses += 1
                self._drop(address)
                return None
            self.hits += 1
            self._pages.move_to_end(address)
            return page

    def keep(self, address: str, page: KeptPage) -> None:
        """Keep the page at an address in place of an older one, unless it takes more than an eighth of the limit."""
        size = page.size + len(address)
        if size > self.limit // 8:
            return
        with self._lock:
            self._drop(address)
            self._pages[address] = page
            self.used += size
            while self.used > self.limit:
                self._drop(next(iter(self._pages)))

    def _drop(self, address: str) -> None:
        page = self._pages.pop(address, None)
        if page is not None:
            self.used -= page.size + len(address)
