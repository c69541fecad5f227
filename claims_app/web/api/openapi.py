"""The OpenAPI 3.1 document of the API, made of the operations and of the fields and filters that check requests."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from claims_app.formats import json_schema
from claims_app.rules.fields import Choice, Choices, Field, TermsByName
from claims_app.rules.identifiers import LARGEST_NUMBER
from claims_app.services.core.filter_words import label_of_filter
from claims_app.services.core.query import Filters
from claims_app.vocabulary import Term
from claims_app.web.api.bodies import ITEMS, MOST_ITEMS, Body
from claims_app.web.api.openapi_parts import HEADERS, PARAMETERS, PROBLEM
from claims_app.web.api.operations import Answer, Operation
from claims_app.web.api.problems import MEDIA_TYPE

Json = dict[str, Any]

VERSION = "1.1.0"
"""The version of the interface: the first number is that of the addresses, `/api/v1`."""

SENTENCES: Mapping[int, str] = {
    301: "The record was merged into another one, at the address in Location.",
    304: "Not changed since the ETag in If-None-Match.",
    400: "An unknown filter or time, or not a JSON object in UTF-8.",
    401: "No valid token. WWW-Authenticate says what is needed.",
    403: "Not permitted for this account or token.",
    404: "There is no such record.",
    406: "The API answers in JSON, which Accept leaves out.",
    409: "An outdated version, a duplicate, or still in use.",
    410: "The record was deleted.",
    412: "The record is not at the version in If-Match.",
    413: "More than 8 MB.",
    415: "The content is not declared as JSON.",
    422: "Refused fields.",
    429: "Too many requests; Retry-After says when to go on.",
    500: "A fault of the program. Nothing was saved.",
    503: "The database is busy; Retry-After says when to try again.",
}
"""What a status means, wherever an operation answers with it."""

_INTRODUCTION = """\
Reads and writes research claims, their evidence and their history, with the rules and permissions of the pages.
Reading what everyone sees needs no account. Writing needs a token with the scope `write`; create one at `/account`.
Every error is a problem document (RFC 9457)."""

_LIMITS: Json = {
    name: {"$ref": f"#/components/headers/{name.replace('-', '')}"}
    for name in ("RateLimit", "RateLimit-Policy")
}
_RETRY = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
_HEADERS: Mapping[int, Json] = {
    401: {"WWW-Authenticate": {"$ref": "#/components/headers/Challenge"}},
    429: _RETRY,
    503: _RETRY,
}


def document(operations: Iterable[Operation]) -> Json:
    """Return the document for these operations."""
    listed = list(operations)
    paths: dict[str, Json] = {}
    for operation in listed:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Claims", "version": VERSION, "description": _INTRODUCTION},
        "servers": [{"url": "/api/v1", "description": "This site."}],
        "tags": [{"name": section} for section in dict.fromkeys(operation.section for operation in listed)],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(_schemas(listed).items())),
            "parameters": {
                **{
                    _name_of(filters, described["name"]): described
                    for filters in dict.fromkeys(each.filters for each in listed if each.filters)
                    for described in _of_filters(filters)
                },
                **PARAMETERS,
            },
            "headers": HEADERS,
            "responses": {
                f"Problem{status}": _problem_response(status) for status in SENTENCES if status >= 400
            },
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "claims_…",
                    "description": "An API token, created at /account. It may do what its account may do.",
                }
            },
        },
    }


def _operation(operation: Operation) -> Json:
    made: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.section],
        "parameters": list(_parameters(operation)),
        "responses": dict(_responses(operation)),
        # Reading needs no token, but takes one: its limits are those of the token.
        "security": [{"token": []}] if operation.scope else [{}, {"token": []}],
    }
    if operation.description:
        made["description"] = operation.description
    if operation.takes:
        content: Json = {"schema": {"$ref": f"#/components/schemas/{operation.takes.name}"}}
        if operation.takes.example:
            content["example"] = dict(operation.takes.example)
        made["requestBody"] = {
            "required": not operation.takes.may_be_missing,
            "content": {"application/json": content},
        }
    return made


def _parameters(operation: Operation) -> Iterator[Json]:
    if "{identifier}" in operation.path and operation.of:
        yield {
            "name": "identifier",
            "in": "path",
            "required": True,
            "description": f"The identifier of the {operation.of.label.lower()}.",
            "schema": json_schema.identifier(operation.of),
            "example": f"{operation.of.prefix}-1",
        }
    for name, words in _numbers(operation):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": words,
            "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER},
            "example": 1,
        }
    if operation.filters:
        yield from (
            {"$ref": f"#/components/parameters/{_name_of(operation.filters, name)}"}
            for name in operation.filters.names()
        )
    if operation.orders:
        yield {
            "name": "sort",
            "in": "query",
            "description": f"The order of the list; `{operation.orders[0]}` if it is left out.",
            "schema": {"type": "string", "enum": list(operation.orders)},
        }
    if any(answer.listed and not answer.whole for answer in operation.answers.values()):
        yield from ({"$ref": f"#/components/parameters/{name}"} for name in ("per_page", "after", "before"))
    for parameter in operation.parameters:
        yield {
            "name": parameter.name,
            "in": "query",
            **({"required": True} if parameter.required else {}),
            "description": parameter.description,
            "schema": dict(parameter.schema),
        }
    if operation.method == "GET":
        yield {"$ref": "#/components/parameters/IfNoneMatch"}
    if operation.matches:
        yield {"$ref": "#/components/parameters/IfMatch"}
    if operation.makes:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}


def _name_of(filters: type[Filters], name: str) -> str:
    return f"{filters.__name__}.{name}"


def _numbers(operation: Operation) -> Iterator[tuple[str, str]]:
    """Yield each number in the path with a description."""
    for name, words in (
        ("version", "The number of a version; the first is 1."),
        ("number", f"The number of the {operation.numbered}."),
    ):
        if f"{{{name}}}" in operation.path:
            yield name, words


def _of_filters(filters: type[Filters]) -> Iterator[Json]:
    """Yield the description of each filter."""
    for name in filters.names():
        described = filters.__dataclass_fields__[name].metadata
        many = bool(described["many"])
        schema = dict(described["schema"])
        terms = filters.vocabulary(name)
        words = label_of_filter(name)
        if terms is not None:
            listed = "; ".join(
                f"`{term.value}`: {term.definition}" for term in terms if term.value in schema["enum"]
            )
            words = f"{words}. {listed}"
        if not many:
            yield {"name": name, "in": "query", "description": words, "schema": schema}
        else:
            yield {
                "name": name,
                "in": "query",
                "description": f"{words} Can be repeated." if terms else f"{words}. Can be repeated.",
                "schema": {"type": "array", "items": schema},
                "explode": True,
                "style": "form",
            }


def statuses(operation: Operation) -> list[int]:
    """Return the statuses of the errors that an operation can answer with."""
    found = {400, 401, 406, 429, 500, 503, *operation.statuses}
    if "{" in operation.path:
        found |= {404, 410}
    if operation.scope:
        found |= {403, 409}
    if operation.takes:
        found |= {413, 415, 422}
    if operation.matches:
        found.add(412)
    return sorted(found)


def _responses(operation: Operation) -> Iterator[tuple[str, Json]]:
    for status, answer in operation.answers.items():
        yield str(status), _answer(answer)
    if operation.method == "GET":
        if operation.of:
            yield "301", {"description": SENTENCES[301]}
        yield "304", {"description": SENTENCES[304]}
    for status in statuses(operation):
        yield str(status), {"$ref": f"#/components/responses/Problem{status}"}


def _answer(answer: Answer) -> Json:
    made: Json = {"description": answer.description}
    headers: Json = dict(_LIMITS)
    if answer.tag:
        headers["ETag"] = {"$ref": "#/components/headers/RecordTag"}
    if answer.location:
        headers["Location"] = {"$ref": "#/components/headers/Location"}
    if answer.listed:
        headers["Link"] = {"$ref": "#/components/headers/Link"}
    made["headers"] = headers
    if answer.shape:
        schema = answer.shape.reference
        if answer.listed:
            schema = {
                "type": "object",
                "required": ["total", "next", "items"],
                "properties": {
                    "total": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "The number of matching records.",
                    },
                    "next": {"type": ["string", "null"], "description": "The path of the next page."},
                    "items": {"type": "array", "items": schema},
                },
            }
        elif answer.or_else:
            schema = {"anyOf": [schema, answer.or_else.reference]}
        made["content"] = {answer.media: {"schema": schema}}
    return made


def _problem_response(status: int) -> Json:
    return {
        "description": SENTENCES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "headers": _LIMITS | _HEADERS.get(status, {}),
    }


def body_schema(body: Body) -> Json:
    """Return the JSON Schema of what a request may hold, with the rules between fields in words."""
    needed = {*body.required} | (set() if body.partial else {f.name for f in body.fields if f.required})
    made: Json = {
        "type": "object",
        "properties": {
            field.name: json_schema.of_field(field, may_be_missing=field.name not in needed)
            for field in (*body.fields, *body.options)
        },
        "additionalProperties": False,
    }
    if body.items:
        made["properties"][ITEMS] = {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_ITEMS,
            "items": {"$ref": f"#/components/schemas/{body.items.name}"},
        }
    if needed or body.items:
        made["required"] = [field.name for field in (*body.fields, *body.options) if field.name in needed]
        made["required"] += [ITEMS] if body.items else []
    rules = (*body.schema.rules, *body.schema.later_rules) if body.schema else ()
    if rules:
        made["description"] = "Rules between fields, each with the field of its message:\n\n" + "\n".join(
            f"- `{rule.field}`: {rule.sentence}" for rule in rules
        )
    return made


def _schemas(operations: Iterable[Operation]) -> Json:
    found: Json = {"Problem": PROBLEM}
    for operation in operations:
        for body in (operation.takes, operation.takes.items if operation.takes else None):
            if body is not None:
                found[body.name] = body_schema(body)
                for terms in _vocabularies((*body.fields, *body.options)):
                    found[terms.__name__] = json_schema.of_vocabulary(terms)
        for answer in operation.answers.values():
            for named in (answer.shape, answer.or_else):
                for shape in named.whole() if named else ():
                    found[shape.name] = shape.json_schema()
                    for terms in shape.vocabularies():
                        found[terms.__name__] = json_schema.of_vocabulary(terms)
    return found


def _vocabularies(fields: Iterable[Field]) -> Iterator[type[Term]]:
    for field in fields:
        if isinstance(field, Choice | Choices | TermsByName):
            yield field.terms
