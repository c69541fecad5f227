"""What the JSON object of a request may hold: the fields of a record, and options of the request.

The same object checks a request and describes it in the OpenAPI document.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from claims_app.rules import schemas
from claims_app.rules.fields import Field, Schema, Text, WholeNumber, YesOrNo
from claims_app.rules.identifiers import LARGEST_NUMBER
from claims_app.services.core.errors import Invalid

ITEMS = "items"
MOST_ITEMS = 500
"""Records in one request: enough for a table by hand, and few enough for one transaction."""

EDIT_SUMMARY = schemas.REVISION.field("edit_summary")
"""The reason for a change."""

VERSION = WholeNumber(
    name="version",
    label="Version",
    help="The version that you read; it is a field of the record. Not needed with If-Match.",
    low=1,
    high=LARGEST_NUMBER,
    plain=True,
)

DUPLICATE_IS_MEANT = YesOrNo(
    name="duplicate_is_meant",
    label="Duplicate is meant",
    help="Confirms that a record which looks like an existing one is another one.",
)

CANDIDATE = WholeNumber(
    name="candidate",
    label="Candidate",
    help="The number of the candidate in the inbox that the evidence comes from; it is decided on with that.",
    low=1,
    high=LARGEST_NUMBER,
    plain=True,
)

EVIDENCE_DIGEST = Text(
    name="evidence_digest",
    label="Evidence digest",
    help="That of the form that you read; the appraisal is refused if the evidence has changed since.",
    max_length=100,
)


@dataclass(frozen=True)
class Sent:
    """What a request sent: the fields as they are, for the service to check, and its options, checked."""

    fields: Mapping[str, object]
    options: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[object] = ()
    """The records of a bulk request, as they are."""


@dataclass(frozen=True)
class Body:
    """The JSON object that an operation takes. `name` is what the OpenAPI document calls it.

    With `partial`, a field that is left out stays as it is. `required` names options that are needed.
    """

    name: str
    schema: Schema | None
    options: tuple[Field, ...] = ()
    required: tuple[str, ...] = ()
    partial: bool = False
    example: Mapping[str, object] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    """Fields of the schema that this operation does not take."""
    items: "Body | None" = None
    """What each of many records may hold, in a list called `items`."""
    may_be_missing: bool = False
    """Whether a request without any content is the same as an empty object."""

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the record that may be sent."""
        return (
            tuple(each for each in self.schema.fields if each.name not in self.without) if self.schema else ()
        )

    def read(self) -> Sent:
        """Return what the request sent. Raises UnsupportedMediaType, BadRequest and Invalid."""
        if self.may_be_missing and not request.get_data(cache=True):
            return self.checked({})
        if not request.is_json and (request.content_length or request.content_type):
            raise UnsupportedMediaType("Send a JSON object, with Content-Type: application/json.")
        sent = request.get_json(silent=True)
        if not isinstance(sent, dict):
            raise BadRequest("Send a JSON object, with Content-Type: application/json.")
        return self.checked(sent)

    def checked(self, sent: Mapping[str, object]) -> Sent:
        """Return a JSON object, its options checked. Raises Invalid, also for unknown names."""
        items: list[object] = []
        if self.items:
            listed = sent.get(ITEMS)
            if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_ITEMS:
                raise Invalid({ITEMS: [f"Send a list of 1 to {MOST_ITEMS} objects."]})
            items, sent = listed, {name: value for name, value in sent.items() if name != ITEMS}
        known = {each.name for each in self.fields}
        options = {each.name: each for each in self.options}
        errors = {
            str(name): ["There is no such field."]
            for name in sent
            if name not in known and name not in options
        }
        values: dict[str, Any] = {}
        for name, option in options.items():
            try:
                values[name] = option.clean(sent.get(name))
            except ValueError as refused:
                errors[name] = [str(refused)]
            else:
                if values[name] is None and name in self.required:
                    errors[name] = [option.missing]
        if errors:
            raise Invalid(errors)
        return Sent({name: value for name, value in sent.items() if name in known}, values, items)


NOTHING = Body("Nothing", None, may_be_missing=True)
"""What an operation takes that needs nothing but its address."""
