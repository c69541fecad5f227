"""The addresses of records on the site."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from flask import current_app, url_for
from sqlalchemy.orm import object_session

from claims_app.models import EvidenceItem, Limitation, Record, StudyText
from claims_app.rules.identifiers import public_id, record_type_of
from claims_app.services.pages.claim_evidence import has_pages
from claims_app.vocabulary import RecordType
from claims_app.web import application

View = TypeVar("View", bound=Callable[..., Any])

_SHOWS, _EDITS = "shows_record", "edits_record"
_MARKED_VIEWS = "claims_marked_views"


def shows(record_type: RecordType) -> Callable[[View], View]:
    """Mark the view that shows a record of this kind, by its `identifier`."""
    return _marked(_SHOWS, record_type)


def edits(record_type: RecordType) -> Callable[[View], View]:
    """Mark the view with the form that changes a record of this kind, by its `identifier`."""
    return _marked(_EDITS, record_type)


def _marked(mark: str, record_type: RecordType) -> Callable[[View], View]:
    def mark_view(view: View) -> View:
        setattr(view, mark, record_type)
        return view

    return mark_view


def _endpoint(mark: str, record_type: RecordType) -> str | None:
    """Return the endpoint of the view that is marked for a kind of record, or None if there is none.

    A page asks for many of them, and no view is added once pages are served, so the views are searched once.
    """
    marked: dict[tuple[str, RecordType], str] | None = current_app.extensions.get(_MARKED_VIEWS)
    if marked is None:
        marked = {
            (each, getattr(view, each)): endpoint
            for endpoint, view in current_app.view_functions.items()
            for each in (_SHOWS, _EDITS)
            if hasattr(view, each)
        }
        current_app.extensions[_MARKED_VIEWS] = marked
    return marked.get((mark, record_type))


def page_address(record_type: RecordType, name: str, **query: Any) -> str | None:
    """Return the address of the page of the record called `name`, or None if its kind has no pages."""
    endpoint = _endpoint(_SHOWS, record_type)
    return url_for(endpoint, identifier=name, **query) if endpoint else None


def can_show_the_past(record_type: RecordType) -> bool:
    """Whether the page of a kind of record can show it as it was at a moment."""
    endpoint = _endpoint(_SHOWS, record_type)
    return endpoint is not None and getattr(current_app.view_functions[endpoint], "answers_as_of", False)


def base_url() -> str:
    """Return the address of the site, from the settings."""
    return application.settings().base_url


def address_of_name(name: str) -> str:
    """Return the address where the record with the public identifier `name` is shown, or leads on from."""
    record_type = record_type_of(name)
    address = page_address(record_type, name) if record_type else None
    if address is None:
        raise ValueError(f"{name} has no page")
    return address


class AddressAround(NamedTuple):
    """The addresses of a kind of page: what comes before and after the part that differs."""

    before: str
    after: str


def address_around(endpoint: str, part: str) -> AddressAround:
    """Return the addresses of the pages of `endpoint` around the value of `part`.

    A list has so many links that asking for each of them would take most of the time. The value must be safe in an
    address, as public identifiers and slugs are.
    """
    place = "0-0"
    values: dict[str, Any] = {part: place}
    before, _, after = url_for(endpoint, **values).partition(place)
    return AddressAround(before, after)


def edit_address(record: Record) -> str:
    """Return the address of the form that changes `record`. Raises TypeError for a kind without a form."""
    endpoint = _endpoint(_EDITS, record.record_type)
    if endpoint is None:
        raise TypeError(f"{record!r} has no form")
    return url_for(endpoint, identifier=record.public_id)


def way_to(record: Record) -> str:
    """Return the address of `record` for a redirect; unlike `address_of`, it finds evidence on its page of a claim."""
    item = record.evidence if isinstance(record, Limitation) else record
    session = object_session(record)
    if isinstance(item, EvidenceItem) and session is not None and has_pages(session, item.claim_id):
        return address_of_name(record.public_id)  # which leads on
    return address_of(record)


def address_of(record: Record) -> str:
    """Return the address where `record` is shown; a part of a page has an anchor there."""
    match record:
        case StudyText():
            study = public_id(RecordType.STUDY, record.study_id)
            return url_for("studies.show", identifier=study, _anchor="texts")
        case EvidenceItem(claim_id=int(number)) | Limitation(claim_id=int(number)):
            claim = public_id(RecordType.CLAIM, number)
            return url_for("claims.show", identifier=claim, _anchor=record.public_id)
        case Limitation(evidence_id=int(number)) if object_session(record) is None:
            # It knows only the number of its evidence item, whose address leads on to the claim.
            return address_of_name(public_id(RecordType.EVIDENCE, number))
        case Limitation(evidence=EvidenceItem() as item):
            claim = public_id(RecordType.CLAIM, item.claim_id)
            return url_for("claims.show", identifier=claim, _anchor=record.public_id)
    address = page_address(record.record_type, record.public_id)
    if address is None:
        raise TypeError(f"{record!r} has no page")
    return address
