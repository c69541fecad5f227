"""What a release is: its version, its moment, and what is said about it."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

from claims_app.formats.delimited import utc_text
from claims_app.rules.names import parts_of
from claims_app.rules.overlap import orcid_of, without_orcid
from claims_app.vocabulary import EvidenceLevel

DEFAULT_TITLE = "Claims: research claims and their evidence"
CONTRIBUTORS = "Claims contributors"
"""Who is cited if the settings name no creators."""

SUMS = "SHA256SUMS"
PACKAGE = "datapackage.json"
SQLITE = "claims.sqlite"
DESCRIPTION = (
    "Research claims, each one checkable statement, with the studies for and against it, the limitations, the "
    "certainty of the evidence (GRADE), and the history of every record."
)
INCLUDED = (
    "A release contains the accepted records, their history and their topics. Claims of every status are included, "
    "also drafts and withdrawn ones: “status” says so. Left out are the texts of studies, which belong to their "
    "publishers, comments, flags, proposals and accounts."
)
"""What is in a release, and what is not."""

_VERSION = re.compile(r"[0-9](?:[0-9a-z]|[.-](?=[0-9a-z])){0,29}")


def is_version(text: str) -> bool:
    """Return whether a text can be the version of a release: digits, small letters, and single dots or hyphens."""
    return _VERSION.fullmatch(text) is not None


@dataclass(frozen=True)
class About:
    """What is known of a release before its rows are read."""

    version: str
    moment: datetime.datetime
    """The moment whose data it contains."""

    base_url: str
    schema_version: str
    program_version: str
    title: str = DEFAULT_TITLE
    license: str | None = None
    """The address of its licence."""

    creators: tuple[str, ...] = ()
    """Family name first, each with an ORCID iD in brackets if it is known."""

    @property
    def name(self) -> str:
        """The name of its folder and its archive."""
        return f"claims-{self.version}"

    @property
    def url(self) -> str:
        """The address of its page."""
        return f"{self.base_url}/releases/{self.version}"

    @property
    def day(self) -> datetime.date:
        """The day of its moment."""
        return self.moment.date()

    @property
    def people(self) -> tuple["Creator", ...]:
        """Its creators, or the contributors as a group."""
        return tuple(map(Creator.of, self.creators)) or (Creator(CONTRIBUTORS),)

    def facts(self) -> dict[str, str]:
        """Return what the SQLite file says of the release."""
        return {
            "version": self.version,
            "moment": utc_text(self.moment),
            "schema_version": self.schema_version,
            "program_version": self.program_version,
            "title": self.title,
            "url": self.url,
            **({"license": self.license} if self.license else {}),
        }


@dataclass(frozen=True)
class Creator:
    """A creator of a data set: a person, whose name is known in parts, or a group."""

    name: str
    """Family name first."""

    family: str | None = None
    given: str | None = None
    orcid: str | None = None

    @classmethod
    def of(cls, text: str) -> "Creator":
        """Return the creator that `text` names, such as “Doe, Jane (0000-0002-1825-0097)”."""
        name, orcid = without_orcid(text), orcid_of(text)
        person = parts_of(name)
        if person is None:
            return cls(name, orcid=orcid)
        return cls(name, person.family, person.given or None, orcid)


@dataclass(frozen=True)
class Contents:
    """What a release contains, in numbers: rows by table, and claims by evidence level."""

    counts: Mapping[str, int]
    levels: Mapping[str, int]

    @property
    def by_level(self) -> list[tuple[EvidenceLevel, int]]:
        """The evidence levels that claims have, from the highest, with their numbers."""
        return [(level, self.levels[level.value]) for level in EvidenceLevel if self.levels.get(level.value)]
