"""LaTeX in bibliographic values to text, and text to what BibTeX, Zotero and LaTeX take for the same.

The accents and symbols are pylatexenc's; around it stands what BibTeX does otherwise than a document: a per cent sign
begins no comment in a value, and an ampersand is no column.
"""

import logging
import re

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

# What it says about LaTeX that it cannot read becomes a warning of the record.
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
# Two of these signs in a row would be taken for one (“--” for a dash), so they are kept apart.
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
    """Return the text that a value stands for. Raises ValueError for LaTeX that cannot be read."""
    if "\\" not in value and "$" not in value:
        text = _LIGATURE.sub(lambda found: _LIGATURES[found.group()], value)
        return text.replace("{", "").replace("}", "").replace("~", " ")
    if len(value) > _LONGEST or depth(value) > _DEEPEST:
        raise ValueError("It is too long, or too deeply nested, to be read as LaTeX.")
    prepared = _BARE.sub(
        lambda found: found.group(1) or (" " if found.group(2) == "~" else "\\" + found.group(2)), value
    )
    try:
        return str(_DECODER.latex_to_text(prepared, tolerant_parsing=True))
    except Exception:
        # The parser is made for documents, and what it may raise is stated nowhere; the value is kept as it is.
        raise ValueError("Its LaTeX could not be read.") from None


def decode_verbatim(value: str) -> str:
    """Return an address or an identifier, of which only the signs that BibTeX needs are escaped."""
    return _VERBATIM.sub(lambda found: "\\" if found.group(1) else found.group(2) or "", value)


def encode(text: str) -> str:
    """Return a value that `decode` gives back as `text`; letters stay as they are, in UTF-8."""
    return _SPECIAL.sub(lambda found: _escape(found.group()), text)


def encode_verbatim(text: str) -> str:
    """Return a value that `decode_verbatim` gives back as `text`."""
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
    """Return whether one pair of braces holds all of `value`."""
    if not value.startswith("{"):
        return False
    open_now = 0
    for found in _BRACE.finditer(value):
        open_now += {"{": 1, "}": -1}.get(found.group(2), 0)
        if open_now == 0:
            return found.end() == len(value)
    return False


def split(value: str, separator: str) -> list[str]:
    """Return the parts of `value` between the `separator`s, a character, that stand outside of braces."""
    parts, start, open_now = list[str](), 0, 0
    for found in re.finditer(rf"\\.|[{{}}{re.escape(separator)}]", value, re.DOTALL):
        sign = found.group()
        if sign == separator and open_now == 0:
            parts.append(value[start : found.start()])
            start = found.end()
        else:
            open_now += {"{": 1, "}": -1}.get(sign, 0)
    return [*parts, value[start:]]
