"""Text on which a regular expression would be slow, and what reads text: for the test that nothing is.

A pattern takes super-linear time when what it repeats can begin, or be divided, at many places of a run, and nothing
that follows fits. So each pattern is fed runs of its own signs, and runs of its own words, that end in a sign that
fits nowhere.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType

import claims_app

Reader = Callable[[str], object]

ANYWHERE = (
    " ",
    "\n",
    "\t",
    "0",
    "1",
    "a",
    "A",
    "é",
    "(",
    "<",
    "{",
    "\\",
    '"',
    "'",
    ",",
    ".",
    "-",
    "&",
    "/",
    "[",
    "a ",
    "1 ",
    "a, ",
    "(a",
    "A. ",
    "@a{",
)
"""What is repeated for each function, whatever patterns it uses."""
_CLASSES = {
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_SPACE: "x",
    sre.CATEGORY_DIGIT: "1",
    sre.CATEGORY_NOT_DIGIT: "x",
    sre.CATEGORY_WORD: "x",
    sre.CATEGORY_NOT_WORD: "-",
}
_TRIED = " x1X-.,;é(\n"
"""The signs from which one is taken for what a negated set lets pass."""
_METHODS = {"search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split"}
END = "\x7f!"


def modules(*packages: str) -> list[ModuleType]:
    """Return the modules of `packages` (all of the program if none is given)."""
    found = []
    for one in pkgutil.walk_packages(claims_app.__path__, "claims_app."):
        if "migrations" in one.name or one.name.endswith("__main__"):
            continue
        if not packages or one.name.startswith(packages):
            found.append(importlib.import_module(one.name))
    return found


def patterns(of: ModuleType) -> dict[str, re.Pattern[str]]:
    """Return the patterns of text that a module holds in its own names, also within tuples, lists and mappings."""
    return {
        f"{name}{place}": pattern
        for name, value in vars(of).items()
        if not name.startswith("__")
        for place, pattern in _within(value)
    }


def _within(value: object) -> Iterator[tuple[str, re.Pattern[str]]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield "", value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from ((f"[{key}]{place}", found) for place, found in _within(one))
    elif isinstance(value, list | tuple):
        for at, one in enumerate(value):
            yield from ((f"[{at}]{place}", found) for place, found in _within(one))


@cache
def uses(of: ModuleType) -> dict[str, frozenset[str]]:
    """Return by which methods a module uses the patterns that it names."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(Path(of.__file__ or "").read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _METHODS:
            found.setdefault(node.value.id, set()).add(node.attr)
    return {name: frozenset(methods) for name, methods in found.items()}


def readers(of: ModuleType) -> dict[str, Reader]:
    """Return the functions of a module that need no more than one text."""
    found = {}
    for name, value in vars(of).items():
        function = inspect.unwrap(value) if callable(value) else value
        if not inspect.isfunction(function) or function.__module__ != of.__name__:
            continue
        needed = [
            one
            for one in inspect.signature(function).parameters.values()
            if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
        ]
        if len(needed) != 1 or needed[0].kind is inspect.Parameter.KEYWORD_ONLY:
            continue
        try:
            hint = typing.get_type_hints(function).get(needed[0].name)
        except NameError:
            continue
        if hint is str or str in typing.get_args(hint):
            found[name] = function
    return found


@cache
def pieces(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Return what to repeat for a pattern: each sign that it takes, and each run of them that it may repeat."""
    found: dict[str, None] = {}
    _collect(parser.parse(pattern.pattern, pattern.flags), found)
    return tuple(found)


def _collect(parsed: typing.Any, found: dict[str, None]) -> str:
    """Add what a parsed pattern takes, and return a text that it may fit."""
    whole = ""
    for operation, value in parsed:
        if operation in (sre.LITERAL, sre.NOT_LITERAL, sre.IN, sre.ANY):
            sign = _sign(operation, value)
            found[sign] = None
            whole += sign
        elif operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, inner = value
            piece = _collect(inner, found)
            if piece and most > 1:
                found[piece] = None
            whole += piece * min(max(least, 1), 10)
        elif operation is sre.SUBPATTERN:
            whole += _collect(value[3], found)
        elif operation is sre.ATOMIC_GROUP:
            whole += _collect(value, found)
        elif operation is sre.BRANCH:
            fits = [_collect(one, found) for one in value[1]]
            whole += fits[0]
        elif operation in (sre.ASSERT, sre.ASSERT_NOT):
            _collect(value[1], found)
    if len(whole) > 1:
        found[whole] = found[whole[:-1]] = None
    return whole


def _sign(operation: object, value: typing.Any) -> str:
    if operation is sre.LITERAL:
        return chr(value)
    if operation is sre.ANY:
        return "x"
    if operation is sre.NOT_LITERAL:
        return next(sign for sign in _TRIED if ord(sign) != value)
    if value[0][0] is sre.NEGATE:
        return next((sign for sign in _TRIED if not any(_holds(one, sign) for one in value[1:])), "\u4e2d")
    kind, first = value[0]
    if kind is sre.LITERAL:
        return chr(first)
    return chr(first[0]) if kind is sre.RANGE else _CLASSES.get(first, "x")


def _holds(item: typing.Any, sign: str) -> bool:
    kind, value = item
    if kind is sre.LITERAL:
        return ord(sign) == value
    if kind is sre.RANGE:
        return bool(value[0] <= ord(sign) <= value[1])
    return {
        sre.CATEGORY_SPACE: sign.isspace(),
        sre.CATEGORY_NOT_SPACE: not sign.isspace(),
        sre.CATEGORY_DIGIT: sign.isdigit(),
        sre.CATEGORY_NOT_DIGIT: not sign.isdigit(),
        sre.CATEGORY_WORD: sign.isalnum() or sign == "_",
        sre.CATEGORY_NOT_WORD: not (sign.isalnum() or sign == "_"),
    }.get(value, False)
