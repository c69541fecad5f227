"""Converts LaTeX in bibliographic values to text, and text to LaTeX that BibTeX, Zotero and LaTeX read the same way.

pylatexenc decodes accents and symbols. This module handles the differences between BibTeX and documents: in a value,
a per cent sign does not start a comment, and an ampersand does not separate columns.
"""

import logging
import re

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

# Its messages about unreadable LaTeX become warnings of the record.
logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)

_BARE = re.compile(r"(\\.)|([%&#~])", re.DOTALL)
_LIGATURES = {"---": "—", "--": "–", "``": "“", "''": "”"}
_LIGATURE = re.compile("---?|``|''")
_BRACE = re.compile(r"(\\.)|([{}])", re.DOTALL)
_LONGEST = 50_000
_DEEPEST = 40

_CHARACTERS = {
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textquotesingle": "'",
    "textasciigrave": "`",
}
_ESCAPES = {"\\": r"{\textbackslash}", "~": r"{\textasciitilde}", "^": r"{\textasciicircum}"}
# Two of these characters in a row would be read as one (“--” as a dash), so they are separated.
_SPECIAL = re.compile(r"[\\{}$&%#_~^]|[-'`!?](?=[-'`])")
_VERBATIM_SPECIAL = re.compile(r"[\\{}]")
_VERBATIM = re.compile(r"(\{\\textbackslash\})|\\url\{|\\([{}%&#_~$])|[{}]")


def _decoder() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    macros = [MacroTextSpec(name, simplify_repl=text) for name, text in _CHARACTERS.items()]
    context.add_context_category("references", prepend=True, macros=macros)
    return LatexNodes2Text(latex_context=context, math_mode="text")


_DECODER = _decoder()


def decode(value: str) -> str:
    """Return the text of a value. Raises ValueError for LaTeX that cannot be read."""
    if "\\" not in value and "$" not in value:
        text = _LIGATURE.sub(lambda found: _LIGATURES[found.group()], value)
        return text.replace("{", "").replace("}", "").replace("~", " ")
    if len(value) > _LONGEST or depth(value) > _DEEPEST:
        raise ValueError("It is too long or too deeply nested to be read as LaTeX.")
    prepared = _BARE.sub(
        lambda found: found.group(1) or (" " if found.group(2) == "~" else "\\" + found.group(2)), value
    )
    try:
        return str(_DECODER.latex_to_text(prepared, tolerant_parsing=True))
    except Exception:
        # The exceptions of the parser are not documented; the caller keeps the value as it is.
        raise ValueError("Its LaTeX could not be read.") from None


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


def is_group(value: str) -> bool:
    """Return whether one pair of braces encloses all of `value`."""
    if not value.startswith("{"):
        return False
    open_now = 0
    for found in _BRACE.finditer(value):
        open_now += {"{": 1, "}": -1}.get(found.group(2), 0)
        if open_now == 0:
            return found.end() == len(value)
    return False


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
