"""A study as the citation formats write it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claims_app.formats.references import ours
from claims_app.rules.overlap import orcid_of, without_orcid


@dataclass(frozen=True)
class Citation:
    """One study: its key (`STU-1`, never given to another), and its fields by their names.

    `values` holds what `studies.csv` has, as text, numbers and lists, and the publication state.
    """

    key: str
    values: Mapping[str, object]

    @property
    def authors(self) -> Sequence[str]:
        """The authors, “Family, Given”, or a group as it is called; without their ORCID iDs, which are no names."""
        return [name for name, _ in self._people()]

    @property
    def note(self) -> str:
        """What the formats have no field for, as the line of `ours`; nothing if there is nothing of it."""
        orcids = [f"{place}:{orcid}" for place, (_, orcid) in enumerate(self._people(), 1) if orcid]
        return ours.write({**self.values, "orcids": orcids})

    def _people(self) -> list[tuple[str, str]]:
        """Return the name and the ORCID iD of each author; the latter is taken off only where it would come back."""
        authors = self.values.get("authors")
        people = []
        for author in map(str, authors if isinstance(authors, list | tuple) else []):
            name, orcid = without_orcid(author), orcid_of(author)
            people.append((name, orcid) if orcid and f"{name} {orcid}" == author else (author, ""))
        return people

    def split_pages(self) -> tuple[str, str]:
        """Return first and last page, or all of it and nothing where that would not come back the same."""
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


def split_name(author: str) -> tuple[str, str]:
    """Return family and given name of “Family, Given”, or the whole and nothing for a group."""
    family, comma, given = author.partition(", ")
    if comma and family == family.strip() != "" and given == given.strip() != "":
        return family, given
    return author, ""
