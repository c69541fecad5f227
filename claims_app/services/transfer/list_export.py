"""Whole filtered lists, or parts of them, streamed from a single snapshot of the database."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from sqlalchemy import func, select

from claims_app.database import Database
from claims_app.formats.csv_writing import Values
from claims_app.services.core.errors import DataChanged
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.core.paging import Edge, cursor_at, sorted_by, values_in
from claims_app.services.memory.data_number import records_number
from claims_app.services.transfer.export_request import ExportRequest, Stretch
from claims_app.services.transfer.sources import SOURCES
from claims_app.services.transfer.totals import total_of

CHUNK = 250
"""Rows held in memory at once, so that memory use does not depend on the length of the list."""


class ListExport(ABC):
    """One export: its row count, ETag and bytes in chunks; `written` counts the rows written so far.

    Everything is read in one transaction, so the count and the rows belong to the same snapshot. An export must be
    closed; `chunks` does that when it ends.
    """

    extension: str
    """What the address of the file and its name end in."""

    def __init__(
        self, database: Database, request: ExportRequest, base_url: str, *, since: int | None = None
    ) -> None:
        """Begin the export. `base_url` is the start of the URLs in it, and `since` as in `Database.reading`.

        Raises BadFilter, and DataChanged if a part is asked of a state of the data that is gone.
        """
        self.request = request
        self.written = 0
        self._base_url = base_url
        self._source = SOURCES[request.name]
        self._order = self._source.orders[request.sort]
        moment = request.as_of.at if request.as_of else None
        self._day = (moment or database.clock()).date()
        if request.stretch is not None and not request.as_of and not database.is_away:
            # The parts of one state may be asked for at several processes. Only the primary gives it a number that
            # stays the same at all of them while records stay the same.
            since = None
        self._session = database.reading(moment, since=since)
        try:
            if isinstance(request.filters, ClaimFilters):
                request.filters.check(self._session)
            # The past does not change any more.
            self._data = request.as_of.text if request.as_of else records_number(self._session)
            self._edge = self._start()
        except BaseException:
            self.close()
            raise

    @cached_property
    def total(self) -> int:
        """The number of rows of the whole list."""
        return total_of(self._session, self._source, self.request.filters)

    @property
    def row_count(self) -> int:
        """The number of rows of the file."""
        return self._length_and_next[0]

    @property
    def next(self) -> ExportRequest | None:
        """The request for the next part of the same state of the data, if this is a part and not the last one."""
        stretch, cursor = self.request.stretch, self._length_and_next[1]
        if stretch is None or cursor is None:
            return None
        snapshot = None if self.request.as_of else self._snapshot
        return replace(self.request, stretch=Stretch(stretch.limit, cursor, snapshot))

    @property
    def etag(self) -> str:
        """An ETag that is the same for two exports with the same content, made without reading any row."""
        return hashlib.sha256(json.dumps(self._contents()).encode()).hexdigest()[:32]

    def chunks(self) -> Generator[bytes]:
        """Yield the bytes of the file, none empty. Errors are raised, so that a partial file never looks complete."""
        try:
            yield from self._bytes()
        finally:
            self.close()

    def close(self) -> None:
        """End the transaction in which the export reads."""
        self._session.close()

    @abstractmethod
    def _bytes(self) -> Iterator[bytes]:
        """Yield the bytes of the file."""

    def _contents(self) -> list[Any]:
        """Return what the bytes depend on."""
        request, stretch = self.request, self.request.stretch
        return [
            self._data,
            request.name,
            request.form,
            list(request.filters.pairs()),
            request.sort,
            self._base_url,
            [stretch.limit, stretch.after] if stretch else None,
        ]

    def _parts(self) -> Iterator[Sequence[Values]]:
        """Yield parts of the list, and count the rows that have been written."""
        filters, sort = self.request.filters, self.request.sort
        for part in self._source.parts(self._session, filters, sort, CHUNK, self._base_url, self._edge):
            yield part
            self.written += len(part[0])

    def _start(self) -> Edge | None:
        """Return where a part begins, None for a whole file. Raises DataChanged, and BadFilter for a broken cursor."""
        stretch = self.request.stretch
        if stretch is None:
            return None
        if stretch.snapshot and stretch.snapshot != self._snapshot:
            raise DataChanged
        values = values_in(stretch.after, self._order) if stretch.after else None
        return Edge(values, False, stretch.limit)

    @property
    def _snapshot(self) -> str:
        """What identifies the state of the data in the address of a part."""
        return hashlib.sha256(self._data.encode()).hexdigest()[:16]

    @cached_property
    def _length_and_next(self) -> tuple[int, str | None]:
        """The number of rows, and the cursor after which the list goes on, if it does."""
        if self._edge is None:
            return self.total, None
        limit = self._edge.limit
        query = self._source.query(self._session, self.request.filters)
        keys = (column for column, _ in self._order.keys)
        rows = sorted_by(query.add_columns(*keys), self._order, self._edge)
        # The last row of the part, and the one after it.
        edge = self._session.execute(rows.offset(limit - 1).limit(2)).all()
        if edge:
            return limit, cursor_at(edge[0][1:]) if len(edge) > 1 else None
        few = sorted_by(query, self._order, self._edge).limit(limit).subquery()
        return self._session.scalar(select(func.count()).select_from(few)) or 0, None
