"""Rules for text: the characters it may hold, and the forms it is tidied and compared in."""

import html
import re
import unicodedata

_LINE_END = re.compile(r"\r\n|\r|\N{LINE SEPARATOR}|\N{PARAGRAPH SEPARATOR}")
_UNUSUAL_LINE_END = re.compile(r"[\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}]")
_BLANKS = re.compile(r"[ \t\n]+")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def normalise_newlines(text: str) -> str:
    """Return `text` with every kind of line end as a line feed."""
    if "\r" not in text and (text.isascii() or not _UNUSUAL_LINE_END.search(text)):
        return text
    return _LINE_END.sub("\n", text)


def one_line(text: str) -> str:
    """Return `text` on one line: each run of blanks and line ends becomes one blank, outer ones go."""
    if "  " not in text and text.isprintable():
        return text.strip(" ")
    return _BLANKS.sub(" ", normalise_newlines(text)).strip(" ")


def unescape(text: str) -> str:
    """Return `text` with its HTML entities as characters (`&uuml;`, `&#252;`, `&amp;amp;`).

    An entity ends with a semicolon here, so that “AT&T” and “?a=1&copy=2” stay as they are. Two programs in a row may
    have escaped a text twice.
    """
    for _ in range(3):
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda found: html.unescape(found.group()), text)
    return text


def without_invisible(text: str) -> str:
    """Return `text` without characters that change nothing a reader sees in an identifier.

    These are format characters (Unicode category Cf): zero-width blanks, marks of direction, soft hyphens and byte
    order marks, which come along when an identifier is copied from a page.
    """
    if text.isascii():
        return text
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def is_visible(text: str) -> bool:
    """Return whether `text` has a visible character; blanks and format characters (U+200B) are invisible."""
    if text.isascii():
        return bool(text.strip())
    return any(
        unicodedata.category(character) not in {"Cf", "Zs", "Zl", "Zp"} and not character.isspace()
        for character in text
    )


def forbidden_character(text: str, *, multiline: bool) -> str | None:
    """Return the first character of `text` that may not be stored, as `U+XXXX`, or None.

    Control characters (Unicode category Cc) are refused, except line feeds and tabs in multi-line
    text. So are surrogates (Cs), which no encoding can represent.
    """
    if text.isprintable():
        return None
    found = (_CONTROL_IN_LINES if multiline else _CONTROL).search(text)
    return f"U+{ord(found[0]):04X}" if found else None


_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_LINES = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def unstorable_character(text: str) -> str | None:
    """Return the first character of `text` that no database column or encoding can hold, as `U+XXXX`, or None.

    That is NUL, which PostgreSQL refuses, and surrogates. What a field may hold is narrower: `forbidden_character`.
    """
    found = _UNSTORABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def plain(text: str) -> str:
    """Return `text` in lower case without accents, ligatures and compatibility forms (ﬁ, Ａ, ²).

    This is compatibility caseless matching (The Unicode Standard, section 3.13, D146), without accents and with a
    few more letters replaced.
    """
    if text.isascii():
        return text.lower()
    # Some letters are upper case only once they are decomposed (𝑨), so the case is folded twice.
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).casefold()
    if decomposed.isascii():
        return decomposed
    return "".join(character for character in decomposed if not is_accent(character))


def is_accent(character: str) -> bool:
    """Return whether a character is a mark that combines with the letter before it."""
    return unicodedata.combining(character) != 0


def folded(text: str) -> str:
    """Return `text` in the form in which it is searched: `plain`, and without invisible characters (U+00AD, U+200B)."""
    if text.isascii():
        return text.lower()
    # Twice, because a letter such as Ǽ has to be without its accent before it is replaced.
    return "".join(character for character in plain(plain(text)) if unicodedata.category(character) != "Cf")


LARGEST_NUMBER = 2**31 - 1
"""The largest number of a record, and of a version, that the database can hold."""


def whole_number(text: str | None, most: int = LARGEST_NUMBER) -> int | None:
    """Return the number that `text` spells in ASCII digits, or None for another text and for one above `most`."""
    if not text or not (text.isascii() and text.isdigit()) or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None
