"""Quotes: exact text with the words before and after it (W3C Web Annotation, TextQuoteSelector)."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from claims_app.rules import typography

CONTEXT_LENGTH = 40
_LOOSE = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\N{NO-BREAK SPACE}": " "}
)


@dataclass(frozen=True)
class Quote:
    """An exact passage and, if known, the text directly before and after it."""

    exact: str
    prefix: str | None = None
    suffix: str | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of the quote with its context, in hexadecimal digits."""
        parts = json.dumps([self.exact, self.prefix, self.suffix], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(parts.encode()).hexdigest()

    def is_in(self, text: str) -> bool:
        """Whether `text` contains the quote with its prefix and suffix, character by character."""
        return f"{self.prefix or ''}{self.exact}{self.suffix or ''}" in text

    def looks_as_in(self, text: str) -> bool:
        """Whether a reader sees the quote with its prefix and suffix in `text`: typography makes no difference."""
        return typography.find(f"{self.prefix or ''}{self.exact}{self.suffix or ''}", text) is not None


def with_context(quote: Quote, text: str) -> Quote:
    """Return `quote` with its missing context filled in from `text`.

    `text` must contain the quote, or look as if it does. The context is up to `CONTEXT_LENGTH` characters, cut between
    words.
    """
    start, end = _place(quote, text)
    prefix, suffix = quote.prefix, quote.suffix
    if prefix is None:
        prefix = text[max(0, start - CONTEXT_LENGTH) : start]
        if start > CONTEXT_LENGTH:
            prefix = re.sub(r"^\S+(?=\s)", "", prefix).lstrip()
    if suffix is None:
        suffix = text[end : end + CONTEXT_LENGTH]
        if end + CONTEXT_LENGTH < len(text):
            suffix = re.sub(r"(?<=\s)\S+$", "", suffix).rstrip()
    # Blanks alone are no context, and the database refuses blank text.
    return Quote(quote.exact, prefix if prefix.strip() else None, suffix if suffix.strip() else None)


def _place(quote: Quote, text: str) -> tuple[int, int]:
    """Return where `text` has the exact words of `quote`. Raises ValueError if it does not contain the quote."""
    before = quote.prefix or ""
    whole = f"{before}{quote.exact}{quote.suffix or ''}"
    if whole in text:
        start = text.index(whole) + len(before)
        return start, start + len(quote.exact)
    outer = typography.find(whole, text)
    if outer is None:
        raise ValueError("The text does not contain the quote.")
    inner = typography.find(quote.exact, text[outer[0] : outer[1]]) or (0, outer[1] - outer[0])
    return outer[0] + inner[0], outer[0] + inner[1]


def near_match(quote: str, text: str) -> str | None:
    """Return the passage of `text` that differs from `quote` only in blanks, dashes, quotation marks or case.

    This is a hint for the person who typed the quote and never counts as the quote itself. Returns
    None if there is no such passage, or more than one.
    """
    words = quote.translate(_LOOSE).split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words), re.IGNORECASE)
    # The translation table replaces characters one by one, so positions in both texts agree.
    matches = list(pattern.finditer(text.translate(_LOOSE)))
    if len(matches) != 1:
        return None
    return text[matches[0].start() : matches[0].end()]


def nearest(quote: str, sentences: Iterable[str]) -> str | None:
    """Return the sentence that shares most words with `quote`, or None if none shares half of them.

    Like `near_match`, this is a hint: the quote may be a paraphrase.
    """
    words = _words(quote)
    shared = [(len(words & _words(sentence)), sentence) for sentence in sentences]
    most, sentence = max(shared, key=lambda pair: pair[0], default=(0, ""))
    return sentence if most and 2 * most >= len(words) else None


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
