"""The plan for a row of a file: what would be saved, worked out before anything is saved."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from claims_app.vocabulary import RecordType, RowState

ACTIVE = (
    RowState.NEW,
    RowState.CHANGED,
    RowState.CONFLICT,
    RowState.DIFFERS,
    RowState.UNSURE,
    RowState.DECIDED,
    RowState.INCOMPLETE,
)
"""States in which the user can choose whether a row is imported."""

ASKED = (RowState.UNSURE, RowState.DECIDED)
"""States in which the user chooses which study a row is, if any."""

TAKEN = (RowState.NEW, RowState.CHANGED, RowState.DIFFERS)
"""States in which a row is imported by default."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field whose values in the file and in the record differ.

    `base` is the value at the version from which the file was exported, or None if the record still has it. `take`
    says whether to import the value of the file.
    """

    name: str
    label: str
    now: str
    new: str
    base: str | None = None
    take: bool = True


@dataclass(frozen=True, kw_only=True)
class PlannedRow:
    """The plan for a row of a file: the record it is about, its state, and what is saved if it is imported.

    `values` are form values: all values of a new record, or those of an existing record that differ. `choices` are
    the studies that an unsure row may be the same as, and `chosen` is the user's choice. `warnings` are sentences
    about what was guessed or left out, which are also among the `reasons`. `digest` identifies a record of a file of
    references, and `seen` is whether a person has seen the row and saved the selection.
    """

    line: int
    state: RowState
    record_type: RecordType
    label: str = ""
    target: str | None = None
    version: int | None = None
    parent: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    differences: Sequence[Difference] = ()
    reasons: Sequence[str] = ()
    abstract: str = ""
    source: str = ""
    choices: Sequence[str] = ()
    chosen: str | None = None
    warnings: Sequence[str] = ()
    digest: str = ""
    seen: bool = False

    @property
    def is_active(self) -> bool:
        """Whether the user can choose to import it."""
        return self.state in ACTIVE

    @property
    def is_taken(self) -> bool:
        """Whether it is imported by default."""
        return self.state in TAKEN and (not self.differences or any(one.take for one in self.differences))

    @property
    def byline(self) -> str:
        """The authors, year, journal and DOI of a report, as far as the file has them."""
        authors = self.values.get("authors") or []
        names = authors.splitlines() if isinstance(authors, str) else [str(name) for name in authors]
        known = ["; ".join(names[:3]) + (" et al." if len(names) > 3 else "")]
        known += [str(self.values[name]) for name in ("year", "journal", "doi") if self.values.get(name)]
        return ", ".join(text for text in known if text)

    def as_json(self) -> dict[str, Any]:
        """Return the plan as a value for a JSON column."""
        return asdict(self) | {"state": self.state.value, "record_type": self.record_type.value}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> Self:
        """Return the plan from the result of `as_json`."""
        return cls(
            **{
                **kept,
                "state": RowState.of(kept["state"]),
                "record_type": RecordType.of(kept["record_type"]),
                "differences": [Difference(**one) for one in kept["differences"]],
            }
        )


@dataclass(frozen=True, kw_only=True)
class OpenedFile:
    """A file of a known format: the name of the format (`what`) and the rows to plan.

    `notes` are sentences about the encoding and the columns. `header` is the first line of a table; it is written
    above rejected rows when these are downloaded.
    """

    what: str
    notes: Sequence[str]
    rows: Sequence[Any]
    kind: str
    header: str = ""
    table: Any = None

    @property
    def is_citations(self) -> bool:
        """Whether it is a file of citations, and not an export of this database."""
        return self.table is None

    def chunks(self, size: int) -> Iterator[Sequence[Any]]:
        """Yield the rows, `size` at a time."""
        for start in range(0, len(self.rows), size):
            yield self.rows[start : start + size]
