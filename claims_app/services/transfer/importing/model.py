"""What a row of a file means: worked out before anything is written."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from claims_app.vocabulary import RecordType, RowState

ACTIVE = (RowState.NEW, RowState.CHANGED, RowState.CONFLICT, RowState.DIFFERS, RowState.UNSURE)
"""States of which a person can choose whether the row is taken."""

TAKEN = (RowState.NEW, RowState.CHANGED, RowState.DIFFERS)
"""States that are taken unless a person says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field that stands differently in the file and in the record.

    `base` is what the record said at the version that the file was made from; None where that is what it says
    now. `take` is whether the file's value is to be taken.
    """

    name: str
    label: str
    now: str
    new: str
    base: str | None = None
    take: bool = True


@dataclass(frozen=True, kw_only=True)
class PlannedRow:
    """A row of a file: what it is about, what it means, and what is written if it is taken.

    `values` are those of a form: all of a new record, and of one that is here those that differ. `choices` are
    the studies that an unsure row may be, and `chosen` the one that somebody says it is. `warnings` are what the
    file itself says against it.
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

    @property
    def is_active(self) -> bool:
        """Whether a person can choose that it is taken."""
        return self.state in ACTIVE

    @property
    def is_taken(self) -> bool:
        """Whether it is taken unless a person says otherwise."""
        return self.state in TAKEN and (not self.differences or any(one.take for one in self.differences))

    @property
    def byline(self) -> str:
        """Who wrote a report, when and where, as far as the file says so."""
        authors = self.values.get("authors") or []
        names = authors.splitlines() if isinstance(authors, str) else [str(name) for name in authors]
        known = ["; ".join(names[:3]) + (" et al." if len(names) > 3 else "")]
        known += [str(self.values[name]) for name in ("year", "journal", "doi") if self.values.get(name)]
        return ", ".join(text for text in known if text)

    def as_json(self) -> dict[str, Any]:
        """Return it in a form that a JSON column takes."""
        return asdict(self) | {"state": self.state.value, "record_type": self.record_type.value}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> Self:
        """Return the row that `as_json` wrote."""
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
    """A file that was recognised: what it is, in words, and how its rows are planned.

    `told` are sentences about what was understood and guessed. `header` stands above the sources of rows of a
    table, so that refused ones can be handed back.
    """

    what: str
    told: Sequence[str]
    rows: Sequence[Any]
    kind: str
    header: str = ""
    table: Any = None

    @property
    def is_citations(self) -> bool:
        """Whether it is of another program, and none of our own files."""
        return self.table is None

    def chunks(self, size: int) -> Iterator[Sequence[Any]]:
        """Yield the rows, `size` at a time."""
        for start in range(0, len(self.rows), size):
            yield self.rows[start : start + size]
