"""A study, prepared for writing in the citation formats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claims_app.formats.references import ours
from claims_app.rules.overlap import orcid_of, without_orcid


@dataclass(frozen=True)
class Citation:
    """One study: its key (`STU-1`, never reused) and its fields by name.

    `values` holds the columns of `studies.csv` as text, numbers and lists, and the publication state.
    """

    key: str
    values: Mapping[str, object]

    @property
    def authors(self) -> Sequence[str]:
        """The authors as “Family, Given” or the name of a group, without ORCID iDs."""
        return [name for name, _ in self._people()]

    @property
    def note(self) -> str:
        """The line of `ours`, for values without a field in the formats; empty if there are none."""
        orcids = [f"{place}:{orcid}" for place, (_, orcid) in enumerate(self._people(), 1) if orcid]
        return ours.write({**self.values, "orcids": orcids})

    def _people(self) -> list[tuple[str, str]]:
        """Return the name and ORCID iD of each author; the iD is split off only if it can be restored exactly."""
        authors = self.values.get("authors")
        people = []
        for author in map(str, authors if isinstance(authors, list | tuple) else []):
            name, orcid = without_orcid(author), orcid_of(author)
            people.append((name, orcid) if orcid and f"{name} {orcid}" == author else (author, ""))
        return people

    def split_pages(self) -> tuple[str, str]:
        """Return the first and last page; if they could not be restored exactly, the whole text and nothing."""
        pages = str(self.values.get("pages") or "")
        first, hyphen, last = pages.partition("-")
        if (
            hyphen
            and first == first.strip() != ""
            and last == last.strip() not in {"", first}
            and "-" not in last
        ):
            return first, last
        return pages, ""
