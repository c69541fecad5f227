"""The formats in which a list can be taken away: tables, and citations of studies."""

from claims_app.database import Database
from claims_app.formats.tables import TABLE_FORMATS, TableFormat
from claims_app.services.transfer.citations import FORMATS, CitationExport, CitationFormat
from claims_app.services.transfer.export import Export
from claims_app.services.transfer.export_request import ExportRequest
from claims_app.services.transfer.list_export import ListExport

FileFormat = TableFormat | CitationFormat

ALL_FORMATS: dict[str, FileFormat] = {**TABLE_FORMATS, **FORMATS}
"""The formats by name."""

CITED = "studies"
"""The list that can be exported as citations."""


def formats_of(name: str) -> list[FileFormat]:
    """Return the formats of the list `name`."""
    return [*TABLE_FORMATS.values(), *(FORMATS.values() if name == CITED else ())]


def open_export(
    database: Database,
    request: ExportRequest,
    base_url: str,
    licence: str | None = None,
    *,
    since: int | None = None,
) -> ListExport:
    """Begin the export that is asked for, in its format; the parameters are those of `Export`.

    Raises BadFilter, DataChanged and NotInstalled.
    """
    if request.form in FORMATS:
        return CitationExport(database, request, base_url, since=since)
    return Export(database, request, base_url, licence, since=since)
