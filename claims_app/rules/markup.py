"""Turns the mark-up that programs leave in titles, names and abstracts into text that keeps its sense.

It reads HTML as publishers and databases use it, JATS (`<italic>`, `<jats:p>`), Scopus' `<inf>`, EndNote's `<style>`,
entities, also escaped twice, and MathML (`<mml:math>`). Anything else in angle brackets is text: “p < 0.05”.
"""

import re
from dataclasses import dataclass, field

from claims_app.rules.text import unescape

_TAG = re.compile(
    r"<!--.{0,2000}?-->|<!\[CDATA\[|\]\]>"
    r"|<(?P<close>/?)(?P<space>[A-Za-z][A-Za-z0-9]{0,15}:)?(?P<name>[A-Za-z][A-Za-z0-9-]{0,30})"
    r"(?P<attributes>(?:\s+[A-Za-z][\w:.-]{0,40}\s?=\s?(?:\"[^\"<>]{0,500}\"|'[^'<>]{0,500}'|[^\s\"'<>]{1,500})){0,20})"
    r"\s*(?P<void>/?)>",
    re.DOTALL,
)
_FORMAT = frozenset(("b", "bold", "br", "em", "i", "inf", "italic", "p", "strong", "sub", "sup", "u"))
"""Names that are mark-up even alone, as in a text that is cut off; others, such as `<title>`, may be a word."""
_BLOCK = frozenset(
    (
        "br",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "label",
        "li",
        "list-item",
        "p",
        "sec",
        "td",
        "title",
        "tr",
    )
)
_SUPER = str.maketrans("0123456789+-−–=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱ")
_SUB = str.maketrans("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")
_IN_SUPER = re.compile(r"[+\-−–=()ni]*+[0-9][0-9+\-−–=()ni]*+")
_IN_SUB = re.compile(r"[0-9+\-−–=()]+")
# “4th”, “4ème”; a power of a single letter is one of a formula.
_ORDINAL = re.compile(r"[^\W\d_]{2,5}")
_BLANK = re.compile(r"&(?:nbsp|thinsp|ensp|emsp|#160|#[xX][aA]0|#8201);")
_HIDDEN = re.compile(r"&(?:shy|zwnj|zwj|lrm|rlm|#173|#8203);")
_ROUNDS = 4
_SHORT = 20
_DEEPEST = 40


def to_text(text: str) -> str:
    """Return `text` without mark-up: on one line if it was, since inner paragraphs become blanks."""
    return _plain(text, " ")


def to_paragraphs(text: str) -> str:
    """Return `text` without mark-up, with one line for each paragraph, heading and item."""
    plain = _plain(text, "\n")
    return plain if plain == text else "\n".join(filter(None, (line.strip() for line in plain.split("\n"))))


def is_plain(text: str) -> bool:
    """Return whether `text` has no mark-up."""
    return to_text(text) == text


def superscript(text: str, before: str) -> str:
    """Return a superscript after the text `before`: 10⁶, Ca²⁺; 2^k where there are no such signs."""
    text = text.strip()
    if len(text) < _SHORT and _IN_SUPER.fullmatch(text):
        return text.translate(_SUPER)
    power = before[-1:].isdigit() and text[:1].isalnum() and not _ORDINAL.fullmatch(text)
    return f"^{text}" if power else text


def subscript(text: str, before: str) -> str:
    """Return a subscript after the text `before`: CO2, but 5₂, where a digit would be read as part of a number."""
    text = text.strip()
    number = before[-1:].isdigit() and len(text) < _SHORT and _IN_SUB.fullmatch(text)
    return text.translate(_SUB) if number else text


def _plain(text: str, block: str) -> str:
    plain = text
    for _ in range(_ROUNDS):
        before = plain
        if "<" in plain or "]]>" in plain:
            plain = _without_tags(plain, block)
        if "&" in plain:
            plain = unescape(_HIDDEN.sub("", _BLANK.sub(" ", plain)))
        if plain == before:
            break
    # A text that seems to be nothing but mark-up is kept.
    return plain if plain.strip() else text


@dataclass
class _Open:
    """An element whose end has not come yet: its name and its content, in pieces."""

    name: str = ""
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def _without_tags(text: str, block: str) -> str:
    tags = list(_TAG.finditer(text))
    opened = {found["name"].lower() for found in tags if found["name"] and not found["close"]}
    closed = {found["name"].lower() for found in tags if found["close"]}
    stack = [_Open()]
    position = 0
    for found in tags:
        name = (found["name"] or "").lower()
        if name and not (found["space"] or found["attributes"] or name in _FORMAT or name in opened & closed):
            continue
        _add(stack, text[position : found.start()])
        position = found.end()
        if name in _BLOCK:
            _add(stack, block)
        elif (frame := _frame_of(name, found["attributes"] or "", stack)) and not found["void"]:
            if not found["close"] and len(stack) < _DEEPEST:
                stack.append(_Open(frame))
            elif found["close"] and any(each.name == frame for each in stack[1:]):
                while _close(stack) != frame:
                    pass
        elif found["void"] and name == "mspace":
            stack[-1].pieces.append(" ")
    _add(stack, text[position:])
    while len(stack) > 1:
        _close(stack)
    return stack[0].text


def _frame_of(name: str, attributes: str, stack: list[_Open]) -> str:
    """Return the name under which the content of an element is kept apart, or nothing."""
    if name in {"sub", "inf"} or (name == "style" and "subscript" in attributes):
        return "sub"
    if name == "sup" or (name == "style" and "superscript" in attributes):
        return "sup"
    if name == "style" and stack[-1].name in {"sub", "sup"}:
        return stack[-1].name
    return name if name == "math" or any(each.name == "math" for each in stack) else ""


def _add(stack: list[_Open], text: str) -> None:
    """Add text to the open element; between the elements of a formula, blanks mean nothing."""
    if text and (text.strip() or not any(each.name == "math" for each in stack) or stack[-1].name == "mtext"):
        stack[-1].pieces.append(text)


def _close(stack: list[_Open]) -> str:
    """Close the innermost element: its text becomes a piece of the one around it. Returns its name."""
    inner = stack.pop()
    before = stack[-1].pieces[-1] if stack[-1].pieces else ""
    text, parts = inner.text, [piece.strip() for piece in inner.pieces]
    match inner.name:
        case "sup":
            text = superscript(text, before)
        case "sub":
            text = subscript(text, before)
        case "msup" | "mover" if len(parts) == 2:
            text = parts[0] + superscript(parts[1], parts[0])
        case "msub" | "munder" if len(parts) == 2:
            text = parts[0] + subscript(parts[1], parts[0])
        case "msubsup" | "munderover" if len(parts) == 3:
            base = parts[0] + subscript(parts[1], parts[0])
            text = base + superscript(parts[2], base)
        case "mfrac" if len(parts) == 2:
            text = f"{parts[0]}/{parts[1]}"
        case "msqrt":
            text = f"√{text}" if len(text) == 1 else f"√({text})"
        case "annotation" | "annotation-xml" | "tex-math":
            text = ""
        case name if name.startswith("m") and name not in {"math", "mtext"}:
            text = text.strip()
    if text:
        stack[-1].pieces.append(text)
    return inner.name
