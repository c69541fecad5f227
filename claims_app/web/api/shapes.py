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
    parts: "Sequence[Shape]" = ()
    """The shapes that these refer to."""

    @classmethod
    def of(
        cls, name: str, *columns: Column, parts: "Sequence[Shape]" = (), **more: Mapping[str, Any]
    ) -> "Shape":
        """Return a shape with these columns, and other fields by their JSON Schema; the first is the identifier."""
        return cls(name, columns, more, parts)

    @property
    def reference(self) -> json_schema.Schema:
        """The reference to it in the OpenAPI document."""
        return {"$ref": f"#/components/schemas/{self.name}"}

    def whole(self) -> "Iterator[Shape]":
        """Yield this shape and all that it refers to."""
        yield self
        for part in self.parts:
            yield from part.whole()

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


def column(name: str, kind: Kind, description: str, terms: type[Term] | None = None) -> Column:
    """Return a field of an object that has no file; its title follows from its name."""
    return Column(name, kind, name.replace("_", " ").capitalize(), description, tuple(terms or ()))


def list_of(description: str, shape: Shape | None = None) -> Mapping[str, Any]:
    """Return the JSON Schema of a list of texts, or of objects of a shape."""
    return {
        "type": "array",
        "description": description,
        "items": {"type": "string"} if shape is None else shape.reference,
    }


def one_of(description: str, shape: Shape) -> Mapping[str, Any]:
    """Return the JSON Schema of an object of a shape, or null."""
    return {"description": description, "anyOf": [shape.reference, {"type": "null"}]}


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
