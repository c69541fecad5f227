"""What text may hold: which characters, and how it is tidied on the way in."""

import re
import unicodedata

_LINE_END = re.compile(r"\r\n|\r|\N{LINE SEPARATOR}|\N{PARAGRAPH SEPARATOR}")
_BLANKS = re.compile(r"[ \t\n]+")
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def normalise_newlines(text: str) -> str:
    """Return `text` with every sort of line end written as a line feed."""
    return _LINE_END.sub("\n", text)


def one_line(text: str) -> str:
    """Return `text` on one line: runs of blanks and line ends become one blank, outer ones go."""
    return _BLANKS.sub(" ", normalise_newlines(text)).strip(" ")


def is_visible(text: str) -> bool:
    """Return whether anything of `text` can be seen; blanks and format characters (U+200B) cannot."""
    return any(
        unicodedata.category(character) not in {"Cf", "Zs", "Zl", "Zp"} and not character.isspace()
        for character in text
    )


def forbidden_character(text: str, *, multiline: bool) -> str | None:
    """Return the first character of `text` that may not be stored, as `U+XXXX`, or None.

    Control characters (Unicode category Cc) are refused, except line feeds and tabs in multi-line
    text; so are surrogates (Cs), which no encoding can carry.
    """
    allowed = "\n\t" if multiline else ""
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in allowed:
            return f"U+{ord(character):04X}"
    return None


def plain(text: str) -> str:
    """Return `text` in small letters without accents, ligatures and other forms of the same letters."""
    # Folded again: 𝑨 is a capital only when it is decomposed.
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).casefold()
    return "".join(character for character in decomposed if not unicodedata.combining(character))
