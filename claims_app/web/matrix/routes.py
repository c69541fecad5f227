"""The matrix as a page, as CSV and as SVG: the same claims and studies in each, for the same address."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.formats import csv_writing
from claims_app.formats.columns import CLAIMS
from claims_app.formats.delimited import Column, Kind, Profile
from claims_app.rules.text import whole_number
from claims_app.services.core.errors import BadFilter
from claims_app.services.core.filters import CLAIM_ORDERS, ClaimFilters
from claims_app.services.core.paging import Order, Page
from claims_app.services.core.query import PAGING, read_order
from claims_app.services.pages.matrix import MOST_CLAIMS, MOST_STUDIES, Line, Matrix, matrix_of
from claims_app.services.pages.selections import Selection, select_claims, topic_names
from claims_app.web import listing, time_travel
from claims_app.web.charts.matrix import matrix_picture
from claims_app.web.facets import CLAIM_FACETS, advice_on, facets_of, topics_to_name
from claims_app.web.list_pages import orders_for, words_of
from claims_app.web.picture_files import picture_file
from claims_app.web.record_links import base_url
from claims_app.web.session import reading
from claims_app.web.templating import day, with_query
from claims_app.web.time_travel import answers_as_of

bp = Blueprint("matrix", __name__)

PART = "part"
"""The parameter for the part of the studies that is shown."""

_OF_CLAIM = {column.name: column for column in CLAIMS}


@dataclass(frozen=True)
class _Asked:
    """What a request asks for, and the matrix that answers it."""

    filters: ClaimFilters
    orders: Mapping[str, Order]
    sort: str
    size: int
    selection: Selection
    page: Page[int]
    matrix: Matrix


@bp.get("/matrix")
@answers_as_of
def index() -> ResponseReturnValue:
    """Show the matrix of the claims that match the filters, page by page."""
    session = reading()
    asked = _read(session)
    counts = asked.selection.counts()
    shown: listing.Listing[Line] = listing.Listing(
        Page(asked.matrix.lines, asked.page.total, asked.page.next, asked.page.previous),
        asked.filters,
        asked.sort,
        next(iter(asked.orders)),
        asked.size,
        topic_names(session, topics_to_name(asked.filters, counts)),
    )
    return render_template(
        "matrix/index.html",
        listing=shown,
        matrix=asked.matrix,
        facets=facets_of(shown, CLAIM_FACETS, counts),
        orders=asked.orders,
        sizes=sorted({20, MOST_CLAIMS, asked.size}),
        is_for_people_only=len(shown.pairs) > 1,
        advice=advice_on(shown, asked.selection.other) if asked.page.total == 0 else (),
        files={extension: _address(f"/matrix.{extension}") for extension in ("csv", "svg", "png")},
        earlier_part=_part_address(asked.matrix, -1),
        later_part=_part_address(asked.matrix, 1),
        most_studies=MOST_STUDIES,
    )


@bp.get("/matrix.csv")
@answers_as_of
def csv() -> ResponseReturnValue:
    """Send the page of the matrix as CSV: a row for each claim, and a column for each study."""
    matrix = _read(reading()).matrix
    columns = [
        *(_OF_CLAIM[name] for name in ("claim_id", "statement", "evidence_level", "conclusion")),
        *(
            Column(study.row.public_id, Kind.LIST, study.citation, "What the study says about the claim.")
            for study in matrix.studies
        ),
    ]
    rows = (
        [
            line.claim.public_id,
            line.claim.statement,
            line.claim.verdict.level.value,
            line.claim.verdict.conclusion and line.claim.verdict.conclusion.value,
            *([direction.value for direction in cell] for cell in line.cells),
        ]
        for line in matrix.lines
    )
    content = "".join(csv_writing.write(columns, rows, profile=Profile.SAFE))
    response = Response(content, content_type="text/csv; charset=utf-8; header=present; profile=safe")
    response.headers["X-Row-Count"] = str(len(matrix.lines))
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name()}.csv"'
    return response


@bp.get("/matrix.<any(svg, png):extension>")
@answers_as_of
def picture(extension: str) -> ResponseReturnValue:
    """Send the page of the matrix as a picture."""
    asked = _read(reading())
    origin = f"{base_url()}{_address('/matrix')}, {day(time_travel.shown_at())}"
    drawn = matrix_picture(asked.matrix, asked.page.total, origin)
    return picture_file(drawn, _file_name(), extension)


def _read(session: Session) -> _Asked:
    """Return what the request asks for, with the filters of the list of claims. Raises BadFilter."""
    query, wanted = listing.query(), listing.page_request()
    filters = ClaimFilters.read(query, (*PAGING, PART))
    part = whole_number(request.args.get(PART) or "1")
    if part is None or not 1 <= part <= 10_000:
        raise BadFilter(f"“{request.args[PART]}” is not a part of the studies. Enter a number from 1 on.")
    orders = orders_for(words_of(filters), CLAIM_ORDERS)
    sort = read_order(query, orders)
    selection = select_claims(session, filters)
    wanted = dataclasses.replace(wanted, size=min(wanted.size, MOST_CLAIMS))
    page = selection.page(sort, wanted)
    matrix = matrix_of(session, page.items, filters, part)
    return _Asked(filters, orders, sort, wanted.size, selection, page, matrix)


def _address(path: str, part: int | None = None) -> str:
    """Return the address of the same claims at `path`, with the same or another part of the studies."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != PART or part is None]
    return path + with_query(kept, **{} if part is None or part == 1 else {PART: part})


def _part_address(matrix: Matrix, step: int) -> str | None:
    part = matrix.part + step
    return _address("/matrix", part) if 1 <= part <= matrix.n_parts else None


def _file_name() -> str:
    return f"matrix-{time_travel.shown_at():%Y-%m-%d}"
