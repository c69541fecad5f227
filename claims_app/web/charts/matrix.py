"""The picture of the matrix: a mark for each direction, whose shape and place differ as well as its colour."""

from collections.abc import Sequence

from claims_app.services.pages.matrix import Matrix
from claims_app.vocabulary import Direction
from claims_app.web.charts.picture import Picture, wrapped

_CELL = 22
_HEAD = 150
_NAMES = 380
_ROW = 34
_MARGIN = 16
_LONGEST = 52


def matrix_picture(matrix: Matrix, n_claims: int, origin: str) -> Picture:
    """Return the picture; `n_claims` match the filters, and `origin` says where it is from."""
    top = _MARGIN + 24 + _HEAD
    bottom = top + max(1, len(matrix.lines)) * _ROW
    width = max(_MARGIN + _NAMES + len(matrix.studies) * _CELL + 60, 720)
    shown = f"{len(matrix.lines)} of {n_claims:,} claims against {len(matrix.studies)} of {matrix.n_studies:,} studies"
    picture = Picture(width, bottom + 74, "Claims and studies", f"{shown}. Empty cells are gaps.")
    picture.text(_MARGIN, _MARGIN + 8, shown, size=14)
    left = _MARGIN + _NAMES
    for column, study in enumerate(matrix.studies):
        x = left + (column + 0.5) * _CELL
        picture.text(x + 4, top - 8, study.citation[:28], size=11, turned=-60)
    for place, line in enumerate(matrix.lines):
        y = top + place * _ROW
        picture.path(f"M{_MARGIN} {y}H{left + len(matrix.studies) * _CELL}", stroke="rule")
        for number, words in enumerate(wrapped(f"{line.claim.public_id}  {line.claim.statement}", _LONGEST)):
            picture.text(_MARGIN, y + 14 + number * 13, words, size=11.5)
        for column, cell in enumerate(line.cells):
            _cell(picture, left + column * _CELL, y + _ROW / 2, cell)
    x = float(_MARGIN)
    for direction in Direction:
        _mark(picture, x, bottom + 26, direction)
        picture.text(x + 18, bottom + 30, direction.label, size=12)
        x += 110
    picture.text(x, bottom + 30, "Empty: no study", size=12, fill="muted")
    picture.text(_MARGIN, bottom + 56, origin, size=11, fill="muted")
    return picture


def _cell(picture: Picture, x: float, y: float, directions: Sequence[Direction]) -> None:
    width = 12.0
    start = x + (_CELL - width) / 2
    for place, direction in enumerate(directions):
        # Several findings of one study lie one above the other.
        _mark(picture, start, y + (place - (len(directions) - 1) / 2) * 11, direction)


def _mark(picture: Picture, x: float, y: float, direction: Direction) -> None:
    """Draw the sign of a direction, 12 pixels wide, around the line at `y`."""
    picture.path(f"M{x:.1f} {y:.1f}h12", stroke="edge")
    if direction is Direction.SUPPORTS:
        picture.path(f"M{x + 4:.1f} {y - 5.5:.1f}h4v5.5h-4z", fill="supports")
    elif direction is Direction.CONTRADICTS:
        picture.path(f"M{x + 4:.1f} {y:.1f}h4v5.5h-4z", fill="contradicts")
    elif direction is Direction.NULL:
        picture.path(f"M{x + 3.75:.1f} {y - 2.25:.1f}h4.5v4.5h-4.5z", fill="paper", stroke="null")
    else:
        picture.path(f"M{x + 3:.1f} {y - 1.5:.1f}h6v3h-6z", fill="inconclusive")
