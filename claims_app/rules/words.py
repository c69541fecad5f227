"""Words of a text as they are compared: without case, accents and punctuation."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """Return `text` in compatibility form, without case and accents (as Unicode's caseless matching has it)."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> Iterator[str]:
    """Yield the words of `text` as they are compared, in their order."""
    return (match.group() for match in _WORD.finditer(plain(text)))


def digest_of_title(title: str) -> str:
    """Return what is the same for two titles with the same words: a SHA-256 in hexadecimal digits."""
    return hashlib.sha256(" ".join(words(title)).encode()).hexdigest()
