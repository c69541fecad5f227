"""Exports the studies of a filtered list as citations (RIS, BibTeX, CSL-JSON), streamed like the CSV files."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from claims_app.database import Database
from claims_app.formats.columns import STUDIES
from claims_app.formats.csv_writing import CHUNK_CHARACTERS
from claims_app.formats.references import bibtex, csl, ris
from claims_app.formats.references.citation import Citation
from claims_app.services.transfer.export_request import ExportRequest
from claims_app.services.transfer.list_export import ListExport


@dataclass(frozen=True)
class CitationFormat:
    """A citation format: its name in commands, label, use, file extension (also of URLs), media type, and writer."""

    name: str
    label: str
    used_for: str
    extension: str
    media_type: str
    write: Callable[[Iterable[Citation]], Iterator[str]]


FORMATS = {
    each.name: each
    for each in (
        CitationFormat(
            "ris",
            "RIS",
            "EndNote, Zotero, Mendeley and other reference managers",
            "ris",
            "application/x-research-info-systems",
            ris.write,
        ),
        CitationFormat(
            "bibtex", "BibTeX", "LaTeX, and reference managers", "bib", "application/x-bibtex", bibtex.write
        ),
        CitationFormat(
            "csl-json",
            "CSL-JSON",
            "Pandoc, Quarto and Zotero",
            "csl.json",
            "application/vnd.citationstyles.csl+json",
            csl.write,
        ),
    )
}

_FIELDS = (
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "pmcid",
    "registry_id",
    "design",
    "species",
    "group",
    "standing",
    "standing_date",
    "publication_state",
    "url",
)
"""The columns of the file of studies that citations have."""


class CitationExport(ListExport):
    """An export of studies for reference managers, in the format that the request names."""

    def __init__(
        self, database: Database, request: ExportRequest, base_url: str, *, since: int | None = None
    ) -> None:
        """Begin the export; the parameters are those of `ListExport`. Raises BadFilter and DataChanged."""
        self.form = FORMATS[request.form]
        self.extension = self.form.extension
        super().__init__(database, request, base_url, since=since)

    def _bytes(self) -> Iterator[bytes]:
        """Yield the file in chunks of many records; never an empty chunk, which would end an HTTP body."""
        chunk: list[str] = []
        length = 0
        for record in self.form.write(self._citations()):
            chunk.append(record)
            length += len(record)
            if length >= CHUNK_CHARACTERS:
                yield "".join(chunk).encode()
                chunk, length = [], 0
        if chunk:
            yield "".join(chunk).encode()

    def _citations(self) -> Iterator[Citation]:
        names = [column.name for column in STUDIES]
        for part in self._parts():
            columns = dict(zip(names, part, strict=True))
            fields = [columns[name] for name in _FIELDS]
            for study_id, *values in zip(columns["study_id"], *fields, strict=True):
                yield Citation(study_id, dict(zip(_FIELDS, values, strict=True)))
