"""Words of a text in the form in which they are compared: folded, and reduced to their stems."""

import functools
import hashlib
import re
import threading
from collections.abc import Iterator
from typing import Any

from claims_app.rules.text import folded

WORD = re.compile(r"[^\W_]+")
"""A run of letters and digits."""


class _Local(threading.local):
    """A stemmer for each thread: it keeps the word that it is working on, so threads cannot share one."""

    @functools.cached_property
    def stemmer(self) -> Any:
        """The stemmer, imported with its first word: the package brings those of all languages, 3 MB."""
        from snowballstemmer.english_stemmer import EnglishStemmer

        return EnglishStemmer()


_local = _Local()


def words(text: str) -> Iterator[str]:
    """Yield the words of `text` in their order, without case, accents, punctuation and invisible characters."""
    return (match.group() for match in WORD.finditer(folded(text)))


@functools.lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem of an English `word`, which has to be as `words` yields it.

    It is Porter's second algorithm, “Porter2” (Porter, “Snowball: a language for stemming algorithms”, 2001). The
    pure Python version is used even where PyStemmer is installed, so that stored stems are the same everywhere.
    """
    return str(_local.stemmer.stemWord(word))


def digest_of_title(title: str) -> str:
    """Return a SHA-256 in hexadecimal digits that is the same for two titles with the same words."""
    return hashlib.sha256(" ".join(words(title)).encode()).hexdigest()
