"""Exports of whole filtered lists, streamed from a single snapshot of the database."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from claims_app.database import Database
from claims_app.formats.columns import EXPORTS
from claims_app.formats.csv_writing import Values, write_columns
from claims_app.formats.delimited import Column, Profile
from claims_app.services.core.filters import ClaimFilters, RecordFilters
from claims_app.services.core.query import Filters, Query
from claims_app.services.history.as_of import AsOf
from claims_app.services.memory.data_number import data_number
from claims_app.services.transfer.sources import SOURCES
from claims_app.services.transfer.totals import total_of
from claims_app.vocabulary import ReviewState

CHUNK = 250
"""Rows held in memory at once, so that memory use does not depend on the length of the list."""


@dataclass(frozen=True)
class ExportRequest:
    """The parameters of an export: the list, its filters, sort order and time, and the CSV profile."""

    name: str
    filters: Filters
    sort: str
    profile: Profile = Profile.SAFE
    excel: bool = False
    as_of: AsOf | None = None

    @classmethod
    def read(
        cls,
        name: str,
        query: Query,
        *,
        profile: Profile = Profile.SAFE,
        excel: bool = False,
        as_of: AsOf | None = None,
    ) -> "ExportRequest":
        """Return the request for the list `name` with the filters and the sort order in `query`. Raises BadFilter.

        The query of a list page can be used as it is: its paging parameters are ignored.
        """
        filters, sort = SOURCES[name].read(query)
        if isinstance(filters, RecordFilters) and not filters.review:
            # Files have no column for the review state, so by default they contain accepted records only.
            filters = replace(filters, review=(ReviewState.ACCEPTED,))
        return cls(name, filters, sort, profile, excel, as_of)


class Export:
    """One export: its columns, row count, ETag and text in chunks; `written` counts the rows written so far.

    Everything is read in one transaction, so the count and the rows belong to the same snapshot. An export must be
    closed; `chunks` does that when it ends.
    """

    def __init__(self, database: Database, request: ExportRequest, base_url: str) -> None:
        """Begin the export. `base_url` is the start of the URLs in it. Raises BadFilter."""
        self.request = request
        self.columns: tuple[Column, ...] = EXPORTS[request.name]
        self.written = 0
        self._base_url = base_url
        self._source = SOURCES[request.name]
        self._session = database.reading(request.as_of.at if request.as_of else None)
        try:
            if isinstance(request.filters, ClaimFilters):
                request.filters.check(self._session)
            self.etag = self._fingerprint()
        except BaseException:
            self.close()
            raise

    @cached_property
    def row_count(self) -> int:
        """The number of rows of the file."""
        return total_of(self._session, self._source, self.request.filters)

    def chunks(self) -> Iterator[str]:
        """Yield the text of the file. Errors are raised, so that a partial file never looks complete."""
        try:
            yield from self._text()
        finally:
            self.close()

    def close(self) -> None:
        """End the transaction in which the export reads."""
        self._session.close()

    def _text(self) -> Iterator[str]:
        request = self.request
        return write_columns(self.columns, self._parts(), profile=request.profile, bom=request.excel)

    def _parts(self) -> Iterator[Sequence[Values]]:
        """Yield parts of the list, and count the rows that have been written."""
        request = self.request
        for part in self._source.parts(self._session, request.filters, request.sort, CHUNK, self._base_url):
            yield part
            self.written += len(part[0])

    def _fingerprint(self) -> str:
        """Return an ETag that is the same for two exports with the same content, without reading any row."""
        request = self.request
        parts: list[object] = [
            # The past does not change any more.
            request.as_of.text if request.as_of else data_number(self._session),
            request.name,
            list(request.filters.pairs()),
            request.sort,
            request.profile.value,
            request.excel,
            self._base_url,
            [column.name for column in self.columns],
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
