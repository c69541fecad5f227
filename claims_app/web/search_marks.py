"""Shows what a search matched: template filters that mark it."""

from collections.abc import Iterable

from markupsafe import Markup, escape

from claims_app.rules.search import marking
from claims_app.rules.search.marking import Piece
from claims_app.rules.search.query import parse


def marked(text: str, words: str | None) -> str:
    """Return `text` as HTML in which what a search for `words` matched is marked."""
    return pieces_marked(marking.marked(text, parse(words))) if words else escape(text)


def pieces_marked(pieces: Iterable[Piece]) -> Markup:
    """Return the pieces of a text as HTML, with marks."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece.text) if piece.is_match else escape(piece.text)
        for piece in pieces
    )
