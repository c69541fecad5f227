"""Exports of lists as tables: CSV, TSV, JSON Lines, Parquet and Excel."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

from claims_app.database import Database
from claims_app.formats.columns import EXPORTS
from claims_app.formats.tables import TABLE_FORMATS, About, CellTooLong, PackageMissing, Table
from claims_app.services.core.errors import BadFilter, NotInstalled
from claims_app.services.core.filter_words import in_words
from claims_app.services.pages.selections import topic_names
from claims_app.services.transfer.export_request import ExportRequest
from claims_app.services.transfer.list_export import ListExport

_NO_FILTERS = "none"
"""Not “None”, which pandas reads as an empty cell."""

_NO_TIME = "Later changes of this day may be missing. A file with as_of is of an exact time."
"""Why there is no time: files of the same rows, made on the same day, have the same bytes."""


class Export(ListExport):
    """An export of a list as a table."""

    def __init__(
        self,
        database: Database,
        request: ExportRequest,
        base_url: str,
        licence: str | None = None,
        *,
        since: int | None = None,
    ) -> None:
        """Begin the export; the parameters are those of `ListExport`, and the address of the licence of the data.

        Raises BadFilter, also for more rows than the format can hold, DataChanged, and NotInstalled if the format needs
        a package.
        """
        self.form = TABLE_FORMATS[request.form]
        self.extension = self.form.name
        self.columns = request.columns
        self._licence = licence
        try:
            self.form.check_installed()
        except PackageMissing as error:
            raise NotInstalled(str(error)) from None
        super().__init__(database, request, base_url, since=since)
        try:
            self._check_length()
        except BaseException:
            self.close()
            raise

    @property
    def next(self) -> ExportRequest | None:
        """The request for the next part. A text has its header once, so that its parts in a row are the whole."""
        following = super().next
        return replace(following, header=False) if following and self.form.has_profiles else following

    def chunks(self) -> Generator[bytes]:
        """Yield the bytes of the file, none empty. Errors are raised, so that a partial file never looks complete.

        Raises BadFilter before the first chunk if a text is too long for the format.
        """
        try:
            yield from super().chunks()
        except CellTooLong as error:
            raise BadFilter(
                f"{error} Leave the column out (columns=…), or choose another format, such as CSV."
            ) from error

    def _check_length(self) -> None:
        most, stretch = self.form.most_rows, self.request.stretch
        if most is None:
            return
        rows = stretch.limit if stretch else self.total
        if rows > most:
            raise BadFilter(
                f"A sheet in Excel has at most {most:,} rows, and this file may have {rows:,}. Add filters, take it in "
                "parts (limit=…), or choose another format, such as CSV or Parquet."
            )

    def _contents(self) -> list[Any]:
        request = self.request
        contents = [
            *super()._contents(),
            request.profile.value,
            request.excel,
            request.header,
            [column.name for column in self.columns],
        ]
        if self.form.says_what_it_is:
            contents += [self._licence, self._day.isoformat(), request.address(self.extension)]
        return contents

    def _bytes(self) -> Iterator[bytes]:
        request, parts = self.request, self._parts()
        if request.names:
            places = {column.name: place for place, column in enumerate(EXPORTS[request.name])}
            chosen = [places[name] for name in request.names]
            parts = ([part[place] for place in chosen] for part in parts)
        about = self._about() if self.form.says_what_it_is else About("")
        table = Table(request.name, self.columns, request.profile, request.excel, request.header, about)
        return self.form.write(table, parts)

    def _about(self) -> About:
        """Return what the file says about itself."""
        request, filters = self.request, self.request.given_filters
        names = topic_names(self._session, getattr(filters, "topic", ()))
        facts = [
            ("Address", f"{self._base_url}{request.address(self.extension)}"),
            ("Filters", in_words(filters, names) or _NO_FILTERS),
            ("Order", self._order.label),
            ("Data", request.as_of.words if request.as_of else f"{self._day.isoformat()} (UTC). {_NO_TIME}"),
            ("Rows", f"{self.row_count:,}"),
        ]
        if self._licence:
            facts.append(("Licence", self._licence))
        return About(request.name.capitalize(), facts)
