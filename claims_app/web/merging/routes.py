"""Choosing a duplicate, comparing, merging and unmerging; and redirects from merged records."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Claim, Merge, Record, Study
from claims_app.permissions import Permission
from claims_app.rules.identifiers import parse_public_id
from claims_app.rules.text import whole_number
from claims_app.services.core import records
from claims_app.services.core.errors import Gone, Merged, NotFound, Refused, StaleVersion
from claims_app.services.deduplication import merge_candidates, merging, unmerging
from claims_app.services.deduplication.merging import MergeChoices
from claims_app.services.history import merge_queries
from claims_app.services.records.kinds import KINDS
from claims_app.vocabulary import Stays
from claims_app.web import access, editing, errors
from claims_app.web.access import requires
from claims_app.web.loading import loaded
from claims_app.web.merging.forms import MergeForm, UnmergeForm
from claims_app.web.session import database, reading

bp = Blueprint("merging", __name__)

_SECTIONS: Mapping[str, type[Claim] | type[Study]] = {"claims": Claim, "studies": Study}
_SECTION = f"/<any({', '.join(_SECTIONS)}):section>/<identifier>"


@bp.route(f"{_SECTION}/merge", methods=["GET", "POST"])
@requires(Permission.MERGE)
def merge(section: str, identifier: str) -> ResponseReturnValue:
    """Merge another record into this one: choose it, compare both, and decide."""
    kept: Claim | Study = records.find(reading(), _SECTIONS[section], identifier)
    access.require(Permission.MERGE, kept)
    wanted = request.args.get("with", "").strip()
    if not wanted:
        return _chooser(kept)
    if parse_public_id(kept.record_type, wanted) is None:
        return _chooser(kept, words=wanted)
    try:
        other: Claim | Study = records.find(reading(), _SECTIONS[section], wanted)
    except (NotFound, Gone) as refused:
        return _chooser(kept, problem=str(refused), status=404)
    except Merged as refused:
        return _chooser(kept, problem=f"{refused} Choose that one.")
    if other.id == kept.id:
        return _chooser(kept, problem=f"This is {kept.public_id} itself. Choose another record.", status=422)
    if not (allowed := access.may(Permission.MERGE, other)):
        return _chooser(kept, problem=f"{other.public_id} cannot be merged yet. {allowed.why}", status=422)
    return _side_by_side(kept, other)


@bp.route(f"{_SECTION}/unmerge", methods=["GET", "POST"])
@requires(Permission.MERGE)
def unmerge(section: str, identifier: str) -> ResponseReturnValue:
    """Confirm and undo the merge of this record into another one."""
    record_type = _SECTIONS[section].record_type
    form = UnmergeForm()
    notes: list[str] = []

    def work(session: WriteSession) -> Record:
        done = unmerging.undo(session, record_type, identifier, _versions(form))
        notes.extend(done.notes)
        return done.merged

    refused: StaleVersion | None = None
    try:
        done = f"The merge was undone. {identifier.upper()} is a separate record again."
        if form.validate_on_submit() and (saved := editing.save(form, work, done=done)):
            for sentence in notes:
                flash(sentence, "info")
            return saved
    except StaleVersion as error:
        refused = error
    except Refused as error:
        return errors.answer(409, "Not undone", f"{error} Nothing was changed.")
    # A new session: the one of this request may still see an older state.
    with database().reading() as now:
        try:
            plan = unmerging.plan(now, record_type, identifier)
        except Refused as error:
            return errors.answer(409, "Nothing to undo", str(error))
        access.require(Permission.MERGE, plan.kept)
        _set_versions(form, plan.kept, plan.merged)
        status = 409 if refused else 422 if form.is_submitted() else 200
        return render_template("merging/undo.html", form=form, plan=plan, refused=refused), status


def _chooser(
    kept: Claim | Study, *, words: str | None = None, problem: str | None = None, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "merging/choose.html",
        kept=kept,
        words=words,
        problem=problem,
        found=merge_candidates.search(reading(), kept, words) if words else [],
        suggested=[] if words else merge_candidates.suggest(reading(), kept),
    )
    return page, status


def _side_by_side(kept: Claim | Study, other: Claim | Study) -> ResponseReturnValue:
    form = MergeForm()
    form.schema = KINDS[kept.record_type].schema
    kept_id, other_id = kept.id, other.id

    def work(session: WriteSession) -> Record:
        model = type(kept)
        one: Claim | Study = records.get(session, model, kept_id)
        duplicate: Claim | Study = records.get(session, model, other_id)
        merging.merge(session, one, duplicate, _versions(form), _choices())
        return one

    refused: Exception | None = None
    try:
        done = f"{other.public_id} was merged into {kept.public_id}. Its page now redirects here."
        if form.validate_on_submit() and (saved := editing.save(form, work, done=done)):
            return saved
    except (StaleVersion, Refused) as error:
        refused = error
    # A new session: the one of this request may still see an older state.
    with database().reading() as now:
        comparison = merging.compare(
            now, records.get(now, type(kept), kept_id), records.get(now, type(kept), other_id)
        )
        for pair in comparison.pairs:
            for item in (*pair.kept, *pair.merged):
                loaded(item, "limitations")
        _set_versions(form, comparison.kept, comparison.merged)
        status = 409 if refused else 422 if form.is_submitted() else 200
        page = render_template(
            "merging/merge.html", form=form, comparison=comparison, chosen=_choices(), refused=refused
        )
        return page, status


def _choices() -> MergeChoices:
    """Return the choices in the submitted form; missing ones use the defaults."""
    parts: dict[str, Stays] = {}
    pairs: dict[int, Stays] = {}
    for name, value in request.form.items():
        what, _, of = name.partition("-")
        if value not in Stays.values():
            continue
        if what == "part":
            parts[of] = Stays.of(value)
        elif what == "pair" and of.isdecimal() and len(of) < 18:
            pairs[int(of)] = Stays.of(value)
    return MergeChoices(parts, pairs)


def _versions(form: MergeForm | UnmergeForm) -> tuple[int, int]:
    """Return the versions of both records in the form. Raises StaleVersion if they are missing."""
    version, other = whole_number(form.version.data), whole_number(form.other_version.data)
    if version is None or other is None:
        raise StaleVersion
    return version, other


def _set_versions(form: MergeForm | UnmergeForm, kept: Record, other: Record) -> None:
    form.version.data, form.other_version.data = str(kept.version), str(other.version)


def came_from() -> Merge | None:
    """Return the merge if the visitor was redirected here from a merged record, else None."""
    name, here = request.args.get("from", ""), (request.view_args or {}).get("identifier", "")
    for model in _SECTIONS.values():
        number, at = parse_public_id(model.record_type, name), parse_public_id(model.record_type, here)
        if number is not None and at is not None:
            found = merge_queries.merge_of(reading(), model.record_type, number)
            kept = records.look_up(reading(), model, number)
            return found if kept is not None and kept.id == at else None
    return None


def follow(error: Merged) -> ResponseReturnValue:
    """Redirect from a page of a merged record to the same page of the kept record."""
    if request.method in ("GET", "HEAD"):
        given: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False)}
        values: dict[str, Any] = {name: _followed(value, error) for name, value in given.items()}
        if values != given and request.endpoint:
            if request.blueprint != "api":
                values["from"] = error.public_id
            response = redirect(url_for(request.endpoint, **values), 301)
            # Permanent unless the merge is undone, so the browser must revalidate.
            response.cache_control.no_cache = True
            return response
    return errors.answer(409, "Merged", f"{error} Nothing was saved.", kept=error.kept)


def _followed(value: object, error: Merged) -> object:
    if isinstance(value, list):
        return [_followed(item, error) for item in value]
    is_it = isinstance(value, str) and value.strip().upper() == error.public_id
    return error.kept if is_it else value


def register(app: Flask) -> None:
    """Redirect from merged records to the kept ones."""
    app.register_error_handler(Merged, follow)
