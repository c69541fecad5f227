"""Converts LaTeX in bibliographic values to text, and text to LaTeX that BibTeX, Zotero and LaTeX read the same way.

pylatexenc decodes accents and symbols. This module handles the differences between BibTeX and documents (in a value, a
per cent sign does not start a comment, and an ampersand does not separate columns), and keeps what has no letters: an
unknown command stays as it is written, with its arguments.
"""

import logging
import re
from collections.abc import Callable

from pylatexenc.latex2text import LatexNodes2Text

from claims_app.formats.references.latex_macros import greek, text_context, units
from claims_app.rules.markup import subscript, superscript

# Its messages about unreadable LaTeX become warnings of the record.
logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)

_BARE = re.compile(r"(\\.)|([%&#~])", re.DOTALL)
_LIGATURES = {"---": "—", "--": "–", "``": "“", "''": "”"}
_LIGATURE = re.compile("---?|``|''")
_BRACE = re.compile(r"(\\.)|([{}])", re.DOTALL)
_LONGEST = 50_000
_DEEPEST = 40

_COMMAND = re.compile(r"\\([A-Za-z]+)\*?")
_OPTION = re.compile(r"\[[^\[\]]{0,200}\]")
# An accent over nothing is the sign itself.
_BARE_ACCENT = re.compile(r"""\\([~^`'"])\s?\{\s*\}""")
_SHIFTED = re.compile(r"\\text(super|sub)script\s?\{([^{}\\$]{0,100})\}")
_DOLLAR = re.compile(r"\\.|\$", re.DOTALL)
_FORMULA = re.compile(r"[\\^_]|^[^\w$]+$")
_POWER = re.compile(r"([_^])\s?(?:\{([0-9A-Za-z+\-,.()* ]{1,20})\}|([0-9A-Za-z+*-]))")
_DEGREE = re.compile(r"\^\s?(?:\{\s*\\circ\s*\}|\\circ(?![A-Za-z]))")
_READ_HERE = frozenset(
    ("enquote", "foreignlanguage", "href", "mkbibquote", "textcolor", "textgreek", "textlatin", "url")
)
# Two private characters around the number of a piece that stays as it is written.
_KEPT = re.compile("\ue000(\\d+)\ue001")
_ESCAPES = {"\\": r"{\textbackslash}", "~": r"{\textasciitilde}", "^": r"{\textasciicircum}"}
# Two of these characters in a row would be read as one (“--” as a dash), so they are separated.
_SPECIAL = re.compile(r"[\\{}$&%#_~^]|[-'`!?](?=[-'`])")
_VERBATIM_SPECIAL = re.compile(r"[\\{}]")
_VERBATIM = re.compile(r"(\{\\textbackslash\})|\\url\{|\\([{}%&#_~$])|[{}]")


_CONTEXT, _KNOWN = text_context()
_DECODER = LatexNodes2Text(latex_context=_CONTEXT, math_mode="text")


def decode(value: str, unknown: Callable[[str], None] | None = None) -> str:
    """Return the text of a value. Raises ValueError for LaTeX that cannot be read.

    `unknown` is called with each piece that is kept as it is written, because its command is not known.
    """
    if "\\" not in value and "$" not in value:
        text = _LIGATURE.sub(lambda found: _LIGATURES[found.group()], value)
        return text.replace("{", "").replace("}", "").replace("~", " ")
    if len(value) > _LONGEST or depth(value) > _DEEPEST:
        raise ValueError("It is too long or too deeply nested to be read as LaTeX.")
    value = value.replace("\ue000", "").replace("\ue001", "")
    value = _BARE_ACCENT.sub(lambda found: _ESCAPES.get(found[1], found[1]) + "{}", value)
    value = _SHIFTED.sub(_shifted, value)
    kept: list[str] = []
    value = _protect(_formulas(value), kept)
    prepared = _BARE.sub(
        lambda found: found.group(1) or (" " if found.group(2) == "~" else "\\" + found.group(2)), value
    )
    try:
        text = str(_DECODER.latex_to_text(prepared, tolerant_parsing=True))
    except Exception:
        # The exceptions of the parser are not documented; the caller keeps the value as it is.
        raise ValueError("Its LaTeX could not be read.") from None
    if unknown is not None:
        for piece in kept:
            unknown(piece)
    return _KEPT.sub(lambda found: kept[int(found[1])] if int(found[1]) < len(kept) else "", text)


def _shifted(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - 3) : found.start()].rstrip("{}")
    return (superscript if found[1] == "super" else subscript)(found[2], before)


def _formulas(value: str) -> str:
    """Return `value` with simple sub- and superscripts in its formulas as text, and other dollar signs escaped."""
    if "$" not in value and "\\(" not in value:
        return value
    signs = [found.start() for found in _DOLLAR.finditer(value) if found.group() in {"$", "\\(", "\\)"}]
    written, position = "", 0
    while signs:
        opening = signs.pop(0)
        written += value[position:opening]
        sign = "\\)" if value.startswith("\\(", opening) else "$"
        # “$$”, unless the second sign ends a formula and starts the next, as in “$a$$b$”.
        double = sign == "$" and signs[:1] == [opening + 1] and value.find("$$", opening + 2) > 0
        start = opening + (2 if double or sign != "$" else 1)
        ends = [end for end in signs[:3] if end >= start][:1]
        if (
            ends
            and value.startswith(sign, ends[0])
            and _is_formula(value[start : ends[0]], value[ends[0] + 1 :])
        ):
            formula = _scripts(value[start : ends[0]], written)
            written += f"${formula}$" if sign == "$" else f"\\({formula}\\)"
            position = ends[0] + (2 if double or sign != "$" else 1)
        else:
            written += "\\$" if sign == "$" else "("
            position = opening + (1 if sign == "$" else 2)
        while signs and signs[0] < position:
            signs.pop(0)
    return written + value[position:]


def _is_formula(inner: str, after: str) -> bool:
    """Return whether the text between two dollar signs is a formula: in “$5 and $6” it is not."""
    if not inner.strip():
        return False
    if _FORMULA.search(inner):
        return True
    return not after[:1].isdigit() and inner[0].isspace() == inner[-1].isspace()


def _scripts(formula: str, before: str) -> str:
    """Return a formula in which sub- and superscripts of digits and signs are text, after the text `before`."""
    formula = _DEGREE.sub("°", formula)
    written, position = "", 0
    for found in _POWER.finditer(formula):
        written += formula[position : found.start()]
        position = found.end()
        content = found[2] or found[3]
        last = (before + written).rstrip("${}\\( ")[-1:]
        if found.start() and formula[found.start() - 1] == "\\":
            written += found.group()
        elif content.isalpha() and found[1] == "_":
            # In letters it would read as one word: “x_i”.
            written += found[1] + content
        else:
            written += (superscript if found[1] == "^" else subscript)(content, last)
    return written + formula[position:]


def _protect(value: str, kept: list[str]) -> str:
    """Return `value` with each unknown command and its arguments replaced; what it was is added to `kept`.

    Units, quantities and Greek letters, which need their arguments as they are written, become text.
    """
    written, position = "", 0
    while found := _COMMAND.search(value, position):
        name = found.group(1)
        written += value[position : found.start()]
        position = found.end()
        # An escaped backslash, as in “a\\\\b”, starts no command.
        if (name in _KNOWN and name not in _READ_HERE) or (len(written) - len(written.rstrip("\\"))) % 2:
            written += found.group()
            continue
        if name in {"begin", "end"}:
            written += found.group()
            continue
        end, arguments = _arguments(value, found.end())
        text = _with_arguments(name, arguments)
        if text is None:
            text = f"\ue000{len(kept)}\ue001"
            kept.append(value[found.start() : end].removesuffix("{}"))
        written, position = written + text, end
    return written + value[position:]


def _with_arguments(name: str, arguments: list[str]) -> str | None:
    """Return the text of a command that this module reads itself, or None for an unknown one."""
    match name, arguments:
        case "SI" | "qty", [number, unit]:
            sign = units(unit)
            return (
                None
                if sign is None
                else f"{number}{'' if sign in {'%', '°'} else ' '}{sign}".replace("%", "\\%")
            )
        case "si" | "unit", [unit]:
            sign = units(unit)
            return None if sign is None else sign.replace("%", "\\%")
        case "num", [number]:
            return number
        case "ang", [number]:
            return f"{number}°"
        case "textgreek" | "foreignlanguage" | "textlatin" | "textcyrillic", [*_, text]:
            return greek(text) if name == "textgreek" else text
        case "enquote" | "mkbibquote", [text]:
            return f"“{text}”"
        case "href", [address, text]:
            return text if address == text else f"{text} <{address}>"
        case "textcolor", [_, text]:
            return text
        case "textsuperscript" | "textsubscript", [text]:
            # What `_SHIFTED` left, because it has commands of its own.
            return text
        case "url", [text]:
            return text
        case "noopsort" | "SortNoop", [_]:
            return ""
    return None


def _arguments(value: str, position: int) -> tuple[int, list[str]]:
    """Return the end of the arguments that follow at `position`, and those in braces, without these."""
    arguments = []
    while position < len(value):
        if option := _OPTION.match(value, position):
            position = option.end()
            continue
        end = _closing(value, position)
        if end is None:
            break
        arguments.append(value[position + 1 : end - 1])
        position = end
    return position, arguments


def _closing(value: str, position: int) -> int | None:
    """Return the end of the group in braces that starts at `position`, or None."""
    if not value.startswith("{", position):
        return None
    open_now = 0
    for found in _BRACE.finditer(value, position):
        open_now += {"{": 1, "}": -1}.get(found.group(2), 0)
        if open_now == 0:
            return found.end()
    return None


def decode_verbatim(value: str) -> str:
    """Return a URL or an identifier, in which only the special characters of BibTeX are escaped."""
    return _VERBATIM.sub(lambda found: "\\" if found.group(1) else found.group(2) or "", value)


def encode(text: str) -> str:
    """Return a value that `decode` converts back to `text`; letters are kept in UTF-8."""
    return _SPECIAL.sub(lambda found: _escape(found.group()), text)


def encode_verbatim(text: str) -> str:
    """Return a value that `decode_verbatim` converts back to `text`."""
    return _VERBATIM_SPECIAL.sub(lambda found: _escape(found.group()), text)


def _escape(sign: str) -> str:
    if sign in "-'`!?":
        return sign + "{}"
    return _ESCAPES.get(sign, "\\" + sign)


def depth(value: str) -> int:
    """Return how deeply the braces in `value` are nested."""
    deepest = open_now = 0
    for found in _BRACE.finditer(value):
        if found.group(2) == "{":
            open_now += 1
            deepest = max(deepest, open_now)
        elif found.group(2) == "}":
            open_now -= 1
    return deepest


def is_balanced(value: str) -> bool:
    """Return whether each brace in `value` has its counterpart."""
    open_now = 0
    for found in _BRACE.finditer(value):
        open_now += {"{": 1, "}": -1}.get(found.group(2), 0)
    return open_now == 0


def is_group(value: str) -> bool:
    """Return whether one pair of braces encloses all of `value`."""
    return _closing(value, 0) == len(value)


def split(value: str, separator: str) -> list[str]:
    """Return the parts of `value` between occurrences of the character `separator` outside of braces."""
    parts, start, open_now = list[str](), 0, 0
    for found in re.finditer(rf"\\.|[{{}}{re.escape(separator)}]", value, re.DOTALL):
        sign = found.group()
        if sign == separator and open_now == 0:
            parts.append(value[start : found.start()])
            start = found.end()
        else:
            open_now += {"{": 1, "}": -1}.get(sign, 0)
    return [*parts, value[start:]]
