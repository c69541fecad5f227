"""Recognises what other programs make of a cell that nobody edited.

pandas reads a column of digits as numbers, and as decimal numbers if a cell is empty; some words are empty cells to it
(“IO tools”, `na_values`). Excel opens a file without a byte order mark in the code page of the computer, and saves it
in that code page, where letters that it lacks become question marks.
"""

import difflib
import math
import re
import unicodedata

# The defaults of pandas.read_csv (pandas/_libs/parsers.pyx, STR_NA_VALUES).
_EMPTY_TO_PANDAS = frozenset(
    (
        *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"),
        *("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
    )
)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_PRECISION = 1e-14
"""The parser of pandas may be wrong in the last digit."""

_CODE_PAGES = ("cp1252", "latin-1", "mac_roman", "cp437", "cp850", "cp1250", "cp1251", "cp1253", "cp1254")
_LOST = frozenset("?\ufffd_")
"""What programs write in place of letters that an encoding lacks."""
_ALIKE = 0.9
_LONG = 1_000
"""Longer texts are compared by what takes time in proportion to their length; `difflib` takes far more."""
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u00a0\s]+")


def is_made_by_pandas(cell: str, now: str) -> bool:
    """Return whether pandas makes `cell` of the text `now` when it reads a file and writes it again."""
    if not cell.strip():
        return now.strip() in _EMPTY_TO_PANDAS
    cell, now = cell.strip(), now.strip()
    if not (_NUMBER.fullmatch(now) and _NUMBER.fullmatch(cell)):
        return cell in ("True", "False") and cell.casefold() == now.casefold()
    if _WHOLE.fullmatch(now) and _WHOLE.fullmatch(cell):
        return cell == str(int(now)) if len(now) < 20 else False
    # Whole numbers stay whole or get a decimal point; decimals never lose theirs.
    if _WHOLE.fullmatch(cell):
        return False
    return is_near(float(cell), float(now)) and cell == repr(float(cell))


def is_near(one: float, other: float) -> bool:
    """Return whether two numbers are the same up to the precision of a program that has read and written one."""
    return math.isclose(one, other, rel_tol=_PRECISION, abs_tol=0.0)


def is_garbled(cell: str, now: str) -> bool:
    """Return whether `cell` is the text `now`, or has a part of it, that was read or saved in a wrong code page."""
    if now.isascii() or cell == now:
        return False
    return _has_lost_letters(cell, now) or _was_read_wrongly(cell, now)


def _has_lost_letters(cell: str, now: str) -> bool:
    """Return whether a letter of `now` that is not ASCII was replaced by a question mark."""
    if _LOST.isdisjoint(cell):
        return False
    composed, cell = unicodedata.normalize("NFC", now), unicodedata.normalize("NFC", cell)
    if max(len(composed), len(cell)) > _LONG:
        known = set(composed.split())
        new = set(cell.split()) - known
        beyond = [word for word in known if not word.isascii()]
        return any(_BEYOND_ASCII.sub(sign, word) in new for sign in _LOST for word in beyond)
    matcher = difflib.SequenceMatcher(None, composed, cell, autojunk=False)
    for tag, begin, end, start, stop in matcher.get_opcodes():
        before, after = composed[begin:end], cell[start:stop]
        if tag == "replace" and set(after) & _LOST and not before.isascii():
            lost = sum(not letter.isascii() for letter in before)
            if lost >= sum(sign in _LOST for sign in after) > 0 and len(after) <= len(before) + 1:
                return True
    return False


def _was_read_wrongly(cell: str, now: str) -> bool:
    """Return whether each letter of a run that is not ASCII was read as the letters of another code page."""
    found, right = _letters_of(cell), _letters_of(now)
    if not found or found in right:
        return False
    for saved in ("utf-8", *_CODE_PAGES):
        for read in _CODE_PAGES:
            once = _misread(now, saved, read)
            for text in (once, _misread(once, saved, read)):
                garbled = _letters_of(text)
                if not garbled or garbled == right:
                    continue
                if not (garbled in found or (len(found) > 1 and found in garbled)):
                    continue
                # UTF-8 becomes signs that nobody types. Other code pages become letters, as in an edited name.
                if saved == "utf-8" or _is_like(text, cell):
                    return True
    return False


def _is_like(one: str, other: str) -> bool:
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    # The quick ratios are never below the ratio, and count the characters without their order.
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return False
    return max(len(one), len(other)) > _LONG or matcher.ratio() >= _ALIKE


def _misread(text: str, saved: str, read: str) -> str:
    return text.encode(saved, "replace").decode(read, "replace")


def _letters_of(text: str) -> str:
    """Return the characters of a text that are neither ASCII nor invisible: what a wrong code page changes."""
    return "".join(
        letter for letter in _CONTROLS.sub("", text) if not letter.isascii() and letter != "\ufffd"
    )
