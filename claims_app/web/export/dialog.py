"""The page on which a list is taken away: its format and columns, and the address for a script."""

import shlex
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.formats.columns import EXPORTS
from claims_app.formats.delimited import Profile
from claims_app.formats.tables import TABLE_FORMATS, PackageMissing
from claims_app.services.core.errors import BadFilter
from claims_app.services.core.filter_words import in_words
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.pages.selections import topic_names
from claims_app.services.transfer.export_formats import ALL_FORMATS, FileFormat, formats_of
from claims_app.services.transfer.export_request import (
    AFTER,
    HEADER,
    PART_OPTIONS,
    TABLE_OPTIONS,
    ExportRequest,
    names_in,
)
from claims_app.services.transfer.sources import SOURCES
from claims_app.services.transfer.totals import total_of
from claims_app.web import listing, time_travel
from claims_app.web.record_links import base_url
from claims_app.web.session import reading
from claims_app.web.templating import with_query

FORMAT = "format"
COLUMNS = "columns"
_NOUNS = {"claims": "claim", "studies": "report", "evidence": "evidence item"}
_WITH_PAGES = ("claims", "studies")


@dataclass(frozen=True)
class Choice:
    """A format that can be chosen, and why it cannot."""

    form: FileFormat
    problem: str | None


def page(name: str, status: int = 200) -> ResponseReturnValue:
    """Show the choices for the list `name`, and what is chosen or what is wrong with it. Raises BadFilter."""
    asked = _asked(name)
    form, session = ALL_FORMATS[asked.form], reading()
    if isinstance(asked.filters, ClaimFilters):
        asked.filters.check(session)
    total = total_of(session, SOURCES[name], asked.filters)
    filters = asked.given_filters
    address = base_url() + asked.address(form.extension)
    wrong_moment, no_columns = time_travel.wrong(), _has_no_columns(form)
    shown = render_template(
        "export/dialog.html",
        name=name,
        noun=_NOUNS.get(name, name.removesuffix("s")),
        total=total,
        words=in_words(filters, topic_names(session, getattr(filters, "topic", ()))),
        list_url=_list_address(asked),
        asked=asked,
        # What is not chosen here stays as it is.
        kept=[*filters.pairs(), *([("sort", asked.sort)] if asked.sort != _default_order(name) else [])],
        choices=[Choice(each, _problem(each, total)) for each in formats_of(name)],
        chosen=form,
        is_table=form.name in TABLE_FORMATS,
        problem=_problem(form, total),
        wrong_moment=wrong_moment,
        columns=EXPORTS[name],
        picked=() if no_columns else {column.name for column in asked.columns},
        no_columns=no_columns,
        tick_all=_with_columns(name, None),
        tick_none=_with_columns(name, ""),
        profiles=Profile,
        address=address,
        curl=shlex.join(["curl", "--fail-with-body", "--output", f"{name}.{form.extension}", address]),
        command=asked.command(form.extension),
        is_for_people_only=True,
    )
    return shown, 400 if wrong_moment else status


def to_file(name: str) -> ResponseReturnValue:
    """Lead to the file that was chosen, at its plain address, or ask again. Raises BadFilter."""
    asked = _asked(name)
    if time_travel.wrong() or _has_no_columns(ALL_FORMATS[asked.form]):
        return page(name, 400)
    return redirect(asked.address(ALL_FORMATS[asked.form].extension), 302)


def _asked(name: str) -> ExportRequest:
    """Return what was chosen. Raises BadFilter."""
    form = request.args.get(FORMAT) or "csv"
    known = [each.name for each in formats_of(name)]
    if form not in known:
        raise BadFilter(f"“{form}” is not a format of {name}. Choose from: {', '.join(known)}.")
    # The form sends all of its fields. A part is no choice, and neither is a part without its header.
    left_out = {FORMAT, AFTER, HEADER, *PART_OPTIONS, *(() if form in TABLE_FORMATS else TABLE_OPTIONS)}
    query = {key: values for key, values in listing.query().items() if key not in left_out}
    asked = ExportRequest.asked(name, query, form=form, as_of=time_travel.asked())
    return asked.with_columns(()) if asked.columns == EXPORTS[name] else asked


def _has_no_columns(form: FileFormat) -> bool:
    """Return whether no column of a table is ticked: then the form sends its empty one only."""
    given = request.args.getlist(COLUMNS)
    return form.name in TABLE_FORMATS and bool(given) and not names_in(given)


def _with_columns(name: str, names: str | None) -> str:
    """Return the address of this page with these columns, all if None, and the other choices that were sent."""
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != COLUMNS]
    path = url_for("export.choose", name=name, as_of=None)
    query = urlencode(kept if names is None else [*kept, (COLUMNS, names)])
    return f"{path}?{query}" if query else path


def _problem(form: FileFormat, total: int) -> str | None:
    """Return why a list of so many rows cannot be sent in a format, or None."""
    if form.name not in TABLE_FORMATS:
        return None
    table = TABLE_FORMATS[form.name]
    try:
        table.check_installed()
    except PackageMissing as error:
        return str(error)
    if table.most_rows is not None and total > table.most_rows:
        return f"A sheet has at most {table.most_rows:,} rows. Add filters, or choose another format."
    return None


def _default_order(name: str) -> str:
    return next(iter(SOURCES[name].orders))


def _list_address(asked: ExportRequest) -> str | None:
    """Return the address of the page of the list, if it has one."""
    if asked.name not in _WITH_PAGES:
        return None
    moment = asked.as_of.text if asked.as_of else None
    return f"/{asked.name}" + with_query(list(asked.given_filters.pairs()), as_of=moment)
