"""The documentation of the API as pages, made of the OpenAPI document."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound

from claims_app.web.api.problems import PROBLEMS
from claims_app.web.api.routes import document
from claims_app.web.record_links import base_url

bp = Blueprint("api_docs", __name__, url_prefix="/api")

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Value:
    """A parameter or a field: its name, what it holds, and what it means."""

    name: str
    kind: str
    words: str
    required: bool = False
    place: str = ""
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Answered:
    """An answer of an operation: its status, its meaning, and its fields, if any."""

    status: str
    words: str
    fields: Sequence[Value] = ()


@dataclass(frozen=True)
class Described:
    """An operation as its documentation shows it."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    needs_token: bool
    parameters: Sequence[Value]
    fields: Sequence[Value]
    rules: Sequence[str]
    answers: Sequence[Answered]
    problems: Sequence[Answered]
    example: str


@bp.app_template_filter()
def with_code(text: str) -> Markup:
    """Return a text in which what is between backticks is code."""
    parts = text.split("`")
    marked = (
        Markup("<code>{}</code>").format(part) if odd % 2 else escape(part) for odd, part in enumerate(parts)
    )
    return Markup().join(marked)


@bp.get("")
def root() -> ResponseReturnValue:
    """Redirect to the documentation."""
    return redirect(url_for(".index"), 302)


@bp.get("/docs")
def index() -> ResponseReturnValue:
    """Show what the API is, its operations in short, and the problems that it answers with."""
    made = document()
    sections = [(tag["name"], list(_operations(made, tag["name"]))) for tag in made["tags"]]
    return render_template(
        "api/index.html", info=made["info"], sections=sections, problems=PROBLEMS, base=base_url()
    )


@bp.get("/docs/<section>")
def section(section: str) -> ResponseReturnValue:
    """Show the operations of one section. Raises NotFound if there is none."""
    made = document()
    names = [tag["name"] for tag in made["tags"]]
    if section not in names:
        raise NotFound
    return render_template(
        "api/section.html", section=section, names=names, operations=list(_operations(made, section))
    )


def _operations(made: Mapping[str, Any], section: str) -> Iterator[Described]:
    for path, item in made["paths"].items():
        for method in _METHODS:
            if method in item and section in item[method]["tags"]:
                yield _described(made, path, method, item[method])


def _described(made: Mapping[str, Any], path: str, method: str, found: Mapping[str, Any]) -> Described:
    parameters = [_resolved(made, parameter) for parameter in found["parameters"]]
    content = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = _resolved(made, content.get("schema", {}))
    heading, *rules = body.get("description", "").split("\n- ")
    answers = [
        Answered(status, answer["description"], list(_fields(made, _schema(answer))))
        for status, answer in found["responses"].items()
        if status < "4"
    ]
    problems = [
        Answered(status, _resolved(made, answer)["description"])
        for status, answer in found["responses"].items()
        if status >= "4"
    ]
    return Described(
        found["operationId"],
        method.upper(),
        path,
        found["summary"],
        found.get("description", ""),
        {} not in found["security"],
        [
            Value(
                one["name"],
                _kind(made, one["schema"]),
                one["description"].partition("`")[0].strip()
                if _choices(made, one["schema"])
                else one["description"],
                one.get("required", False),
                one["in"],
                _choices(made, one["schema"]),
            )
            for one in parameters
        ],
        list(_fields(made, body)),
        rules if heading else (),
        answers,
        problems,
        _curl(path, method.upper(), parameters, content.get("example"), {} not in found["security"]),
    )


def _schema(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    for media in answer.get("content", {}).values():
        schema: Mapping[str, Any] = media["schema"]
        items = schema.get("properties", {}).get("items")
        return items["items"] if items and "total" in schema["properties"] else schema
    return {}


def _resolved(made: Mapping[str, Any], found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference leads to; anything else as it is."""
    while "$ref" in found:
        target: Any = made
        for part in found["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        found = target
    return found


def _fields(made: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Value]:
    schema = _resolved(made, schema)
    if "anyOf" in schema and "properties" not in schema:
        schema = _resolved(made, schema["anyOf"][0])
    needed = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        words = each.get("description") or each.get("title", "")
        yield Value(name, _kind(made, each), words, name in needed, choices=_choices(made, each))


def _options(made: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the schemas that a value may follow, without null and the empty text."""
    schema = _resolved(made, schema)
    options = [_resolved(made, one) for one in schema.get("anyOf", [schema])]
    return [one for one in options if one.get("type") != "null" and one.get("const") != ""]


def _choices(made: Mapping[str, Any], schema: Mapping[str, Any]) -> Sequence[str]:
    for one in _options(made, schema):
        inner = _resolved(made, one.get("items", one))
        if "enum" in inner:
            return tuple(map(str, inner["enum"]))
    return ()


def _kind(made: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return what a value is, in a few words."""
    for one in _options(made, schema):
        kinds = one.get("type", "")
        kind = kinds if isinstance(kinds, str) else next(iter(kind for kind in kinds if kind != "null"), "")
        if "enum" in one:
            return "one of"
        if kind == "array":
            inner = _kind(made, one.get("items", {}))
            return "any of" if inner == "one of" else f"list: {inner}" if inner else "list"
        if kind in ("integer", "number"):
            name = "whole number" if kind == "integer" else "number"
            if "minimum" in one and "maximum" in one and one["maximum"] < 10**6:
                return f"{name}, {one['minimum']:g} to {one['maximum']:g}"
            return name
        if "format" in one:
            return {"date": "date", "date-time": "time"}.get(one["format"], "text")
        if kind == "string":
            return f"text, at most {one['maxLength']:,} characters" if "maxLength" in one else "text"
        if kind == "boolean" or "const" in one:
            return "true or false"
        if kind == "object":
            return "object"
    return ""


def _curl(
    path: str, method: str, parameters: Sequence[Mapping[str, Any]], example: object, needs_token: bool
) -> str:
    """Return a command line for an operation."""
    for one in parameters:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one.get("example", "")))
    query = [
        f"{one['name']}={one['schema']['examples'][0]}"
        for one in parameters
        if one["in"] == "query" and one.get("required")
    ]
    address = shlex.quote(f"{base_url()}/api/v1{path}" + (f"?{'&'.join(query)}" if query else ""))
    lines = ["curl" + (f" -X {method}" if method != "GET" else "") + f" {address}"]
    if needs_token:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if example is not None:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(json.dumps(example, ensure_ascii=False))}")
    return " \\\n  ".join(lines)
