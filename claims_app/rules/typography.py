"""Text as a reader sees it: without what only typesetting adds, such as soft hyphens, ligatures and kinds of dashes."""

import re
import unicodedata
from collections.abc import Iterator

from claims_app.rules.text import is_accent

_DASHES = frozenset("-‐‑‒–—―−⁃﹘﹣－\N{SUPERSCRIPT MINUS}\N{SUBSCRIPT MINUS}")
_SINGLE = frozenset("'‘’‚‛′`´ʹʼ＇")
_DOUBLE = frozenset('"“”„‟″«»＂')
_BREAK = "\N{NULL}"
"""Stands for a hyphen at the end of a line, which may be one of the word or of the typesetter."""
_AT_LINE_END = re.compile(r"(?<=\w)[-‐‑][ \t]*\n[ \t]*(?=\w)")


def appearance(text: str) -> tuple[str, list[int]]:
    """Return what a reader sees of `text`, and for each of its characters the place in `text` that it comes from.

    Ligatures, superscripts and other compatibility forms are those of Unicode (NFKD); runs of blanks are one blank,
    and invisible characters are left out. A hyphen at the end of a line is a mark that `find` treats as optional.
    """
    seen: list[str] = []
    places: list[int] = []
    for place, character in _characters(text):
        for sign in character:
            if sign == " " and seen and seen[-1] == " ":
                continue
            seen.append(sign)
            places.append(place)
    return "".join(seen), places


def find(quote: str, text: str) -> tuple[int, int] | None:
    """Return where `text` has a passage that looks like `quote`, as its begin and end, or None."""
    wanted = appearance(quote)[0].strip(" " + _BREAK)
    if not wanted:
        return None
    seen, places = appearance(text)
    looks_like = re.compile(f"{_BREAK}?".join(map(_pattern, wanted)))
    # A letter is not the same letter with an accent.
    whole = (found for found in looks_like.finditer(seen) if not is_accent(seen[found.end() :][:1] or " "))
    if (found := next(whole, None)) is None:
        return None
    begin = places[found.start()]
    last = places[found.end() - 1]
    end = places[found.end()] if found.end() < len(places) else len(text)
    # The passage ends with its last character and the marks that belong to it, not with the blanks after it.
    return begin, max(last + 1, begin + len(text[begin:end].rstrip()))


def _pattern(sign: str) -> str:
    if sign == "-":
        return f"(?:-|{_BREAK})"
    return f"(?:-|{_BREAK})?" if sign == _BREAK else re.escape(sign)


def _characters(text: str) -> Iterator[tuple[int, str]]:
    """Yield the place of each visible character of `text`, and what it looks like."""
    breaks = {match.start(): match.end() for match in _AT_LINE_END.finditer(text)}
    skipped = 0
    for place, character in enumerate(text):
        if place < skipped:
            continue
        if place in breaks:
            skipped = breaks[place]
            yield place, _BREAK
        elif (sign := _looks_like(character)) is not None:
            yield place, sign


def _looks_like(character: str) -> str | None:
    if character in _DASHES:
        return "-"
    if character in _SINGLE:
        return "'"
    if character in _DOUBLE:
        return '"'
    if character.isspace():
        return " "
    # Soft hyphens, zero-width blanks, direction and byte order marks.
    if unicodedata.category(character) == "Cf":
        return None
    return "".join(_plain(sign) for sign in unicodedata.normalize("NFKD", character))


def _plain(sign: str) -> str:
    if sign in _DASHES:
        return "-"
    return " " if sign.isspace() else "'" if sign in _SINGLE else sign
