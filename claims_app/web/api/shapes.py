"""The shapes of what the API answers, for the OpenAPI document; the records have the columns of their files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from claims_app.formats import json_schema
from claims_app.formats.columns import EXPORTS
from claims_app.formats.delimited import Column, Kind
from claims_app.models import Reviewed
from claims_app.services.records.kinds import KINDS
from claims_app.vocabulary import RecordType, ReviewState, Term


@dataclass(frozen=True)
class Shape:
    """An object that is answered: its name in the OpenAPI document, and its fields."""

    name: str
    columns: Sequence[Column]
    more: Mapping[str, Mapping[str, Any]]
    """The JSON Schema of fields that are no columns."""

    @classmethod
    def of(cls, name: str, *columns: Column, **more: Mapping[str, Any]) -> "Shape":
        """Return a shape with these columns, and other fields by their JSON Schema; the first is the identifier."""
        return cls(name, columns, more)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields; the first is the identifier."""
        return (*(column.name for column in self.columns), *self.more)

    def vocabularies(self) -> Iterator[type[Term]]:
        """Yield the vocabularies of its fields."""
        yield from (type(column.terms[0]) for column in self.columns if column.terms)

    def json_schema(self) -> json_schema.Schema:
        """Return its JSON Schema. All fields but the identifier can be left out by `fields`."""
        return {
            "type": "object",
            "properties": {
                **{column.name: json_schema.of_column(column) for column in self.columns},
                **self.more,
            },
            "required": [self.names[0]],
        }


REVIEW_STATE = Column(
    "review_state",
    Kind.TERM,
    "Review state",
    "Whether a second person accepted the record.",
    tuple(ReviewState),
)


def record_shape(record_type: RecordType) -> Shape:
    """Return the shape of a record of a kind that has a file."""
    model, columns = KINDS[record_type].model, EXPORTS[record_type.section]
    return Shape.of(model.__name__, *columns, *((REVIEW_STATE,) if issubclass(model, Reviewed) else ()))


PROPOSAL = Shape.of(
    "WaitingProposal",
    Column("proposal_id", Kind.TERM, "Proposal", "The proposal's identifier, such as PRO-1."),
    Column("record", Kind.TERM, "Record", "The record that would change."),
    Column("state", Kind.TERM, "State", "The state of the proposal.", tuple(ReviewState)),
    Column("url", Kind.TERM, "URL", "The address of the proposal."),
    changes={
        "type": "object",
        "description": "Each changed field with its values before and after.",
        "additionalProperties": {"type": "array"},
    },
)

HANDED_IN = Shape.of(
    "HandedIn",
    handed_in={
        "const": True,
        "description": "One of two independent appraisals was handed in; the other one is missing.",
    },
)
