"""JSON Schema (2020-12) of fields, columns and vocabularies, for the description of the API.

Each is made of the object that reads or writes the value, so that the description cannot differ from what is accepted.
A field takes more than its own type, as forms and files send text: the schema says all that is accepted.
"""

from collections.abc import Callable, Mapping
from typing import Any

from claims_app.formats.delimited import Column, Kind
from claims_app.rules.fields import (
    Choice,
    Choices,
    Date,
    Field,
    Identifier,
    Lines,
    Names,
    Number,
    RecordReference,
    TermsByName,
    Text,
    WholeNumber,
    YesOrNo,
)
from claims_app.rules.identifiers import LARGEST_NUMBER, public_id
from claims_app.vocabulary import RecordType, Term

Schema = dict[str, Any]


def of_vocabulary(terms: type[Term]) -> Schema:
    """Return the schema of a term, with the definition of each."""
    doc = (terms.__doc__ or "").strip().split("\n")[0]
    listed = "\n".join(f"- `{term.value}`: {term.label}. {term.definition}" for term in terms)
    return {
        "type": "string",
        "title": terms.__name__,
        "description": f"{doc}\n\n{listed}",
        "enum": list(terms.values()),
        "x-enum-descriptions": {term.value: term.definition for term in terms},
    }


def reference_to(terms: type[Term]) -> Schema:
    """Return the reference to a vocabulary in the description of the API."""
    return {"$ref": f"#/components/schemas/{terms.__name__}"}


def identifier(record_type: RecordType) -> Schema:
    """Return the schema of the identifier of a record; the case of its letters does not matter."""
    letters = "".join(f"[{letter}{letter.lower()}]" for letter in record_type.prefix)
    return {
        "type": "string",
        "pattern": f"^{letters}-[1-9][0-9]{{0,9}}$",
        "examples": [public_id(record_type, 1)],
    }


def of_field(field: Field, *, may_be_missing: bool = True) -> Schema:
    """Return the schema of what a field accepts. A field that `may_be_missing` also takes null and empty text."""
    schema = _OF_FIELDS[type(field)](field) if type(field) in _OF_FIELDS else _of_other(field)
    options: list[Schema] = schema.pop("anyOf", [schema] if schema else [])
    if may_be_missing and not field.required:
        if not _takes_empty_text(options):
            options = [*options, {"const": ""}]
        options = [*options, {"type": "null"}]
    words = {"title": field.label, **({"description": field.help} if field.help else {})}
    return {**words, **(options[0] if len(options) == 1 else {"anyOf": options})}


def _takes_empty_text(options: list[Schema]) -> bool:
    return any(option.get("type") == "string" and "pattern" not in option for option in options)


def _of_other(field: Field) -> Schema:
    for kind in type(field).__mro__:
        if kind in _OF_FIELDS:
            return _OF_FIELDS[kind](field)
    raise TypeError(f"no JSON Schema is known for {type(field).__name__}")


def _text(field: Any) -> Schema:
    return {"type": "string", "maxLength": field.max_length}


def _lines(field: Any) -> Schema:
    return {
        "anyOf": [
            {"type": "array", "items": {"type": "string", "maxLength": field.max_length}},
            {"type": "string", "maxLength": field.max_length, "description": "One in each line."},
        ]
    }


def _choices(field: Any) -> Schema:
    return {"anyOf": [{"type": "array", "items": reference_to(field.terms)}, reference_to(field.terms)]}


def _number(field: Any) -> Schema:
    return {
        "anyOf": [
            {"type": "number", "minimum": field.low, "maximum": field.high},
            {"type": "string", "pattern": r"^\s*[-+−]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\s*$"},
        ]
    }


def _whole_number(field: Any) -> Schema:
    return {
        "anyOf": [
            {"type": "integer", "minimum": field.low, "maximum": field.high},
            {"type": "string", "pattern": r"^\s*[-+]?[0-9]{1,18}\s*$"},
        ]
    }


def _record(field: Any) -> Schema:
    return {
        "anyOf": [
            identifier(field.record_type),
            {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER},
        ]
    }


_OF_FIELDS: Mapping[type[Field], Callable[[Any], Schema]] = {
    Text: _text,
    Lines: _lines,
    Choice: lambda field: reference_to(field.terms),
    Choices: _choices,
    TermsByName: lambda field: {
        "type": "object",
        "additionalProperties": reference_to(field.terms),
    },
    Names: lambda field: {
        "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}],
    },
    Number: _number,
    WholeNumber: _whole_number,
    Date: lambda field: {"type": "string", "format": "date", "examples": ["2026-11-23"]},
    Identifier: lambda field: {
        "anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1}],
    },
    RecordReference: _record,
    YesOrNo: lambda field: {"type": "boolean"},
}


def of_column(column: Column) -> Schema:
    """Return the schema of the values of a column."""
    schema: Schema = dict(_OF_KINDS[column.kind])
    if column.terms:
        terms = type(column.terms[0])
        value: Schema = reference_to(terms)
        if len(column.terms) < len(terms):
            value = {"type": "string", "enum": [term.value for term in column.terms]}
        is_list = column.kind is Kind.LIST
        schema = {"type": "array", "items": value} if is_list else {"anyOf": [value, {"type": "null"}]}
    return {"title": column.title, "description": column.description, **schema}


_OF_KINDS: Mapping[Kind, Schema] = {
    Kind.TEXT: {"type": ["string", "null"]},
    Kind.LIST: {"type": "array", "items": {"type": "string"}},
    Kind.INTEGER: {"type": ["integer", "null"]},
    Kind.NUMBER: {"type": ["number", "null"]},
    Kind.DATE: {"type": ["string", "null"], "format": "date"},
    Kind.DATETIME: {"type": ["string", "null"], "format": "date-time"},
    Kind.TERM: {"type": ["string", "null"]},
}
"""The JSON Schema of the values of each kind of column; empty cells are null."""
