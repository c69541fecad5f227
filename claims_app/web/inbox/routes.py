"""The inbox, its candidates, and decisions about them. Not visible to readers."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Claim
from claims_app.permissions import Permission
from claims_app.services.core import records
from claims_app.services.core.errors import Gone, Invalid, Merged, NotFound, StaleVersion, TooManyAttempts
from claims_app.services.core.query import PAGING
from claims_app.services.intake import completion, inbox, inbox_queries, triage
from claims_app.services.intake.completion import LookedUpInVain
from claims_app.services.intake.inbox_queries import InboxFilters
from claims_app.web import access, editing, listing, lookup, session, submissions
from claims_app.web.access import requires
from claims_app.web.forms import SentForm
from claims_app.web.inbox.following import offer_next
from claims_app.web.inbox.forms import HandOnForm, LinkForm, NotRelevantForm, StudyForm, TriageForm
from claims_app.web.picking.fields import describe_picked
from claims_app.web.session import reading
from claims_app.web.templating import with_query

bp = Blueprint("inbox", __name__, url_prefix="/inbox")

_TYPED = ("reason", "claim")
"""The fields with words that are shown again if somebody else decided first."""


@bp.get("")
@requires(Permission.CREATE)
def index() -> ResponseReturnValue:
    """Show the waiting candidates, oldest first, page by page."""
    filters = InboxFilters.read(listing.query(), PAGING)
    wanted = listing.page_request()
    page = inbox_queries.list_candidates(reading(), filters, _user_id(), wanted)
    return render_template(
        "inbox/index.html",
        listing=listing.Listing(page, filters, "oldest", "oldest", wanted.size),
        known=inbox_queries.known_among(reading(), page.items),
        topics=inbox_queries.topics(reading()),
        asked=_asked(filters),
    )


@bp.get("/<int:number>")
@requires(Permission.CREATE)
def show(number: int) -> ResponseReturnValue:
    """Show one candidate with information for the decision."""
    return _page(number)


@bp.post("/<int:number>/link")
@requires(Permission.CREATE)
def link(number: int) -> ResponseReturnValue:
    """Add the study of a candidate if it is new, and continue to the evidence form."""
    form = LinkForm()

    def work(writing: WriteSession) -> str:
        claim = _claim(writing, form.claim.data or "")
        study = triage.choose_claim(writing, number, editing.version_of(form), claim)
        return url_for(
            "evidence.new",
            identifier=claim.public_id,
            study=study.public_id,
            candidate=number,
            inbox=_asked(_filters()) or None,
        )

    return _decide(
        number,
        form,
        work,
        "Add the evidence from this study. The candidate leaves the inbox when it is saved.",
    )


@bp.post("/<int:number>/study")
@requires(Permission.CREATE)
def study(number: int) -> ResponseReturnValue:
    """Add a candidate as a study without evidence, or match it to the study that it is."""
    form = StudyForm()
    same_as = (form.same_as.data or "").strip()

    def work(writing: WriteSession) -> str:
        try:
            made = triage.take_as_study(writing, number, editing.version_of(form), same_as)
        except (NotFound, Gone, Merged) as refused:
            raise Invalid({"same_as": [str(refused)]}) from None
        return url_for("studies.show", identifier=made.public_id)

    done = f"Matched to {same_as}." if same_as else "The study was added."
    decided = _decide(number, form, work, done)
    if isinstance(decided, Response):
        offer_next(number, _asked(_filters()))
    return decided


@bp.post("/<int:number>/not-relevant")
@requires(Permission.CREATE)
def not_relevant(number: int) -> ResponseReturnValue:
    """Mark a candidate as not relevant, with a reason."""
    form = NotRelevantForm()

    def work(writing: WriteSession) -> str:
        triage.judge_not_relevant(writing, number, editing.version_of(form), form.values())
        return _next(writing, number)

    return _decide(number, form, work, "Marked as not relevant. It will not be suggested again.")


@bp.post("/<int:number>/complete")
@requires(Permission.CREATE)
def complete(number: int) -> ResponseReturnValue:
    """Look up missing data of a candidate."""
    form = TriageForm()
    try:
        # Looked up before the transaction starts, so that it does not wait for a service.
        found = completion.ask(lookup.ask, inbox.find(reading(), number))
    except (LookedUpInVain, TooManyAttempts) as refused:
        form.form_errors.append(str(refused))
        return _page(number, refused=form), 429 if isinstance(refused, TooManyAttempts) else 422

    def work(writing: WriteSession) -> str:
        inbox.complete(writing, triage.open_one(writing, number, editing.version_of(form)), found)
        return url_for(".show", number=number)

    return _decide(number, form, work, "The data that was found was added.")


@bp.post("/<int:number>/later")
@requires(Permission.CREATE)
def later(number: int) -> ResponseReturnValue:
    """Postpone a candidate."""
    form = TriageForm()

    def work(writing: WriteSession) -> str:
        triage.put_off(writing, number, editing.version_of(form))
        return _next(writing, number)

    return _decide(number, form, work, "Moved to “Later”.")


@bp.post("/<int:number>/hand-on")
@requires(Permission.CREATE)
def hand_on(number: int) -> ResponseReturnValue:
    """Assign a candidate to another curator."""
    form = HandOnForm()

    def work(writing: WriteSession) -> str:
        triage.hand_on(writing, number, editing.version_of(form), form.username.data or "")
        return _next(writing, number)

    return _decide(number, form, work, "The candidate was reassigned.")


@bp.post("/<int:number>/bring-back")
@requires(Permission.CREATE)
def bring_back(number: int) -> ResponseReturnValue:
    """Reopen a candidate."""
    form = TriageForm()

    def work(writing: WriteSession) -> str:
        triage.bring_back(writing, number, editing.version_of(form))
        return url_for(".show", number=number)

    return _decide(number, form, work, "The candidate was reopened.")


def _user_id() -> int | None:
    user = access.signed_in_user()
    return user.id if user else None


def _filters() -> InboxFilters:
    return InboxFilters.read(listing.query(), PAGING)


def _asked(filters: InboxFilters) -> str:
    """Return the filters as a query string, so that links keep to the same candidates."""
    return with_query(list(filters.pairs()))


def _next(writing: Session, number: int) -> str:
    """Return the address of the next candidate, or of the list if there is none."""
    filters = _filters()
    following = inbox_queries.next_waiting(writing, filters, _user_id(), number)
    here = url_for(".index") if following is None else url_for(".show", number=following)
    return here + _asked(filters)


def _claim(writing: Session, identifier: str) -> Claim:
    try:
        return records.find(writing, Claim, identifier)
    except (NotFound, Gone, Merged) as refused:
        sentence = str(refused) if identifier.strip() else "Choose a claim, or enter its identifier."
        raise Invalid({"claim": [sentence]}) from None


def _decide(
    number: int, form: SentForm, work: Callable[[WriteSession], str], done: str
) -> ResponseReturnValue:
    try:
        if form.validate_on_submit() and (saved := editing.save(form, work, done=done)):
            return saved
    except StaleVersion:
        # A new session: the one of this request may still see the older version.
        with session.database().reading() as now:
            typed = [
                value for name in _TYPED for value in submissions.content().get(name, []) if value.strip()
            ]
            return _page(number, reading_with=now, stale=True, typed=typed), 409
    return _page(number, refused=form), 422


def _page(
    number: int, refused: SentForm | None = None, reading_with: Session | None = None, **context: Any
) -> str:
    now = reading_with or reading()
    filters = _filters()
    whole = inbox_queries.show_candidate(now, number, filters, _user_id())
    forms = {name: _part(form, refused) for name, form in _FORMS.items()}
    describe_picked(forms["link"])
    forms["hand_on"].username.choices = [("", "Choose a curator"), *((n, n) for n in triage.curators(now))]
    return render_template(
        "inbox/show.html",
        page=whole,
        candidate=whole.candidate,
        forms=forms,
        refused=refused,
        asked=_asked(filters),
        **context,
    )


_FORMS: dict[str, type[SentForm]] = {
    "link": LinkForm,
    "not_relevant": NotRelevantForm,
    "hand_on": HandOnForm,
    "plain": TriageForm,
}


def _part(kind: type[SentForm], refused: SentForm | None) -> Any:
    """Return one form of the page, empty unless it was just rejected. Field ids are unique on the page."""
    form = refused if type(refused) is kind else kind(formdata=None)
    for field in form:
        field.id = f"{field.name}-{kind.__name__.removesuffix('Form').lower()}"
        field.label.field_id = field.id
    return form
