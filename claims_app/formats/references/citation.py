"""A study as the citation formats write it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Citation:
    """One study: its key (`STU-1`, never given to another), and its fields by their names.

    `values` holds what `studies.csv` has, as text, numbers and lists, and the publication state.
    """

    key: str
    values: Mapping[str, object]

    @property
    def authors(self) -> Sequence[str]:
        """The authors, “Family, Given”, or a group as it is called."""
        authors = self.values.get("authors")
        return [str(author) for author in authors] if isinstance(authors, list | tuple) else []

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
