"""What the writers of tables take and give."""

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from claims_app.formats.delimited import Column, Profile

Values = Sequence[Any]
Part = Sequence[Values]
"""Some rows of a table, at least one, as the values of each of its columns (see `csv_writing.write_columns`)."""


class PackageMissing(Exception):  # a refusal
    """A format cannot be written, because a package is not installed. The message says how to install it."""


class CellTooLong(ValueError):
    """A text is longer than a cell of the format may be. The message says which."""


@dataclass(frozen=True)
class About:
    """What a file says about itself: its title, and facts such as its address, each with its label."""

    title: str
    facts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Table:
    """What is to be written, apart from its rows.

    `profile` and `bom` are for CSV and TSV (see `formats.delimited`). Without `header`, a file in one of these begins
    with its first row, so that it can be appended to another one.
    """

    name: str
    columns: Sequence[Column]
    profile: Profile = Profile.SAFE
    bom: bool = False
    header: bool = True
    about: About = field(default=About(""))


@dataclass(frozen=True)
class TableFormat:
    """A format of tables.

    `write` yields the bytes of a file, none of them empty: the same ones for the same table and rows. It raises
    ValueError for a value that its column cannot hold. A format with an `extra` needs a package that is imported only
    when a file is written.
    """

    name: str
    """Its name in commands and addresses, which is also its file extension."""

    label: str
    used_for: str
    media_type: str
    write: Callable[[Table, Iterable[Part]], Iterator[bytes]]
    is_text: bool = False
    """Whether it is text in lines: it can be appended to another file, and is worth compressing."""

    has_profiles: bool = False
    """Whether it is written in the two profiles of `formats.delimited`."""

    most_rows: int | None = None
    whole: bool = False
    """Whether the first byte can be sent only when all rows have been read."""

    says_what_it_is: bool = False
    """Whether `Table.about` is in the file."""

    extra: str | None = None
    package: str = ""

    @property
    def extension(self) -> str:
        """What the name of a file ends in."""
        return self.name

    def check_installed(self) -> None:
        """Raise PackageMissing if the package that this format needs is not installed."""
        if self.extra is not None and importlib.util.find_spec(self.package) is None:
            raise PackageMissing(
                f"{self.label} files need the package {self.package}, which is not installed here. "
                f'Install it with: pip install "claims-app[{self.extra}]"'
            )
