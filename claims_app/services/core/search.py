"""Search for words in the texts of records, the same on both databases.

Case, accents, compatibility forms and invisible characters make no difference (`rules.text.folded`): “muller” finds
“Müller” in either normal form. SQLite calls that function; PostgreSQL has an expression for it. Most texts are ASCII,
for which the database's own function is enough, and much faster.
"""

import functools
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, String, case, func, literal, literal_column, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from claims_app.engines import FOLD
from claims_app.rules.text import folded, is_accent

_BASIC_PLANE = range(0x80, 0x10000)


class folded_text(FunctionElement[str]):  # noqa: N801  # named like a function of SQL
    """The text of a column in the form in which it is searched."""

    type = String()
    inherit_cache = True


def has_word(word: str, *columns: Any) -> ColumnElement[bool]:
    """Return the condition that one of `columns` contains `word`."""
    wanted = folded(word)
    if not wanted.strip():
        return or_(*(column.icontains(word, autoescape=True) for column in columns))
    return or_(*(folded_text(column).contains(wanted, autoescape=True) for column in columns))


@compiles(folded_text, "sqlite")
def _on_sqlite(element: folded_text, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    # GLOB with a range: a character that is not ASCII, which lower() would leave as it is.
    is_ascii = column.op("NOT GLOB")(literal("*[^\x01-\x7f]*"))
    folding = getattr(func, FOLD)(column)
    return compiler.process(case((is_ascii, func.lower(column)), else_=folding), **options)


@compiles(folded_text, "postgresql")
def _on_postgresql(element: folded_text, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    is_ascii = func.octet_length(column) == func.length(column)
    # NFKD separates the accents; what then differs from Python's casefold is replaced one by one.
    folding = func.lower(func.translate(func.normalize(column, literal_column("NFKD")), *_one_by_one()))
    for letter, letters in _BY_SEVERAL.items():
        folding = func.replace(folding, letter, letters)
    folding = func.regexp_replace(folding, _ignored(), "", "g")
    return compiler.process(case((is_ascii, func.lower(column)), else_=folding), **options)


_BY_SEVERAL = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}


@functools.cache
def _one_by_one() -> tuple[str, str]:
    """Return the letters that PostgreSQL might not fold, depending on its locale, and what they are folded to."""
    pairs = {}
    for number in _BASIC_PLANE:
        letter = chr(number)
        if unicodedata.normalize("NFKD", letter) == letter and number < 0x590:
            small = folded(letter) if len(folded(letter)) == 1 else letter.lower()
            if len(small) == 1 and small != letter:
                pairs[letter] = small
    return "".join(pairs), "".join(pairs.values())


@functools.cache
def _ignored() -> str:
    """Return a pattern for the characters that `folded` leaves out: accents, and what is invisible."""
    ranges: list[list[int]] = []
    for number in _BASIC_PLANE:
        if is_accent(chr(number)) or unicodedata.category(chr(number)) == "Cf":
            if ranges and ranges[-1][1] == number - 1:
                ranges[-1][1] = number
            else:
                ranges.append([number, number])
    return "[" + "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in ranges) + "]"
