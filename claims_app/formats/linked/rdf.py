"""Nodes as RDF: quads, TriG, and the artifact code of trusty URIs.

Sources: RDF 1.1 TriG (W3C Recommendation, 2014); Kuhn and Dumontier, Making digital artifacts on the web verifiable and
reliable, IEEE TKDE 2015;27:2390-400 (trusty URIs), module RA.
The code of a nanopublication is part of its own address, so quads are made with a placeholder for it first.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from claims_app.formats.linked.nodes import Node
from claims_app.formats.linked.terms import RDF_TYPE, SCHEMA, XSD

PLACEHOLDER = " "
"""The sign in addresses in place of the code until that is known; no address can contain it."""


class Literal(NamedTuple):
    """A value with its type."""

    value: str
    datatype: str


class Quad(NamedTuple):
    """A statement in a graph. Subject, predicate and graph are addresses; nothing is without one."""

    graph: str
    subject: str
    predicate: str
    object: str | Literal


def triples(nodes: Iterable[Node], context: Mapping[str, object]) -> Iterator[tuple[str, str, str | Literal]]:
    """Yield what `nodes` say, as a processor of JSON-LD does with `context`.

    This is the part of JSON-LD that the nodes use: keys that are terms or prefixed names, values that are coerced to
    addresses or dates, and nodes within nodes. Raises KeyError for a node without an address.
    """
    for node in nodes:
        subject = _expanded(cast(str, node["@id"]), context)
        for key, given in node.items():
            if key == "@id":
                continue
            predicate, coerced = _property(key, context)
            for value in given if isinstance(given, list) else [given]:
                if isinstance(value, dict):
                    yield from triples([value], context)
                    yield subject, predicate, _expanded(cast(str, value["@id"]), context)
                else:
                    yield subject, predicate, _object(value, coerced, context)


def _property(key: str, context: Mapping[str, object]) -> tuple[str, str | None]:
    """Return the address of a key, and the type that its values are coerced to."""
    if key == "@type":
        return RDF_TYPE, "@type"
    definition = context.get(key)
    if isinstance(definition, dict):
        return _expanded(definition["@id"], context), definition.get("@type")
    return _expanded(key, context, vocabulary=True), None


def _object(value: object, coerced: str | None, context: Mapping[str, object]) -> str | Literal:
    if coerced in ("@id", "@type"):
        return _expanded(cast(str, value), context, vocabulary=coerced == "@type")
    if isinstance(value, bool):
        return Literal(str(value).lower(), f"{XSD}boolean")
    if isinstance(value, int):
        return Literal(str(value), f"{XSD}integer")
    if isinstance(value, float):
        return Literal(str(value), f"{XSD}double")
    return Literal(cast(str, value), coerced or f"{XSD}string")


def _expanded(name: str, context: Mapping[str, object], *, vocabulary: bool = False) -> str:
    """Return the address that `name` is short for."""
    if vocabulary and isinstance(whole := context.get(name), str):
        return whole
    prefix, colon, rest = name.partition(":")
    if colon:
        start = context.get(prefix)
        return f"{start}{rest}" if isinstance(start, str) and not rest.startswith("//") else name
    return f"{SCHEMA}{name}"


def artifact_code(quads: Iterable[Quad]) -> str:
    """Return the code of `quads`, whose addresses have the placeholder where the code will be."""
    lines = []
    for quad in sorted(set(quads), key=_place):
        of = quad.object
        if isinstance(of, Literal):
            value = of.value.replace("\\", "\\\\").replace("\n", "\\n")
            lines.append((quad.graph, quad.subject, quad.predicate, f"^{of.datatype} {value}"))
        else:
            lines.append((quad.graph, quad.subject, quad.predicate, of))
    digest = hashlib.sha256("".join(f"{part}\n" for line in lines for part in line).encode())
    return "RA" + base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")


def _place(quad: Quad) -> tuple[bytes, bytes, bytes, bool, bytes, str]:
    """Return what quads are ordered by: addresses before values, and all of them by their bytes."""
    of = quad.object
    value, datatype = of if isinstance(of, Literal) else (of, "")
    return (
        quad.graph.encode(),
        quad.subject.encode(),
        quad.predicate.encode(),
        isinstance(of, Literal),
        value.encode(),
        datatype,
    )


def with_code(quads: Iterable[Quad], code: str) -> list[Quad]:
    """Return `quads` with the code in the place of the placeholder."""

    def filled(part: str | Literal) -> str | Literal:
        return part if isinstance(part, Literal) else part.replace(PLACEHOLDER, code)

    return [Quad(*(cast(str, filled(part)) for part in quad)) for quad in quads]


_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CONTROL = re.compile(r'["\\\n\r\t\x00-\x08\x0b\x0c\x0e-\x1f\x7f]')
_NOT_IN_ADDRESSES = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def trig(quads: Sequence[Quad], prefixes: Mapping[str, str]) -> str:
    """Return `quads` as TriG, graph by graph in their order, with short names where `prefixes` allow."""
    graphs: dict[str, dict[str, list[Quad]]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph, {}).setdefault(quad.subject, []).append(quad)
    parts = [f"@prefix {name}: <{start}> .\n" for name, start in prefixes.items()]
    for graph, subjects in graphs.items():
        parts.append(f"\n{_name(graph, prefixes)} {{\n")
        for subject, about in subjects.items():
            said = [f"{_verb(quad.predicate, prefixes)} {_written(quad.object, prefixes)}" for quad in about]
            parts.append(f"  {_name(subject, prefixes)} " + " ;\n    ".join(said) + " .\n")
        parts.append("}\n")
    return "".join(parts)


def _verb(predicate: str, prefixes: Mapping[str, str]) -> str:
    return "a" if predicate == RDF_TYPE else _name(predicate, prefixes)


def _written(value: str | Literal, prefixes: Mapping[str, str]) -> str:
    if not isinstance(value, Literal):
        return _name(value, prefixes)
    text = f'"{_CONTROL.sub(_escape, value.value)}"'
    return text if value.datatype == f"{XSD}string" else f"{text}^^{_name(value.datatype, prefixes)}"


def _escape(found: re.Match[str]) -> str:
    sign = found.group()
    return _ESCAPES.get(sign) or f"\\u{ord(sign):04X}"


def _name(address: str, prefixes: Mapping[str, str]) -> str:
    for prefix, start in prefixes.items():
        if address.startswith(start) and _LOCAL.fullmatch(address, len(start)):
            return f"{prefix}:{address[len(start) :]}"
    return "<" + _NOT_IN_ADDRESSES.sub(lambda found: f"\\u{ord(found.group()):04X}", address) + ">"
