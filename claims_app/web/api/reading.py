"""Lists and single records: the filters, pages and values of the files."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.models import RECORD_MODELS, Record
from claims_app.services.core import records
from claims_app.services.core.errors import BadFilter, Gone, Invalid, Merged, NotFound
from claims_app.services.core.query import Query
from claims_app.services.transfer import lists
from claims_app.services.transfer.export_formats import formats_of
from claims_app.services.transfer.export_request import ExportRequest
from claims_app.services.transfer.sources import SOURCES
from claims_app.vocabulary import RecordType, ReviewState
from claims_app.web import listing, time_travel
from claims_app.web.api import answers
from claims_app.web.api.operations import AS_OF, FIELDS, Answer, Operations
from claims_app.web.api.shapes import Shape, record_shape
from claims_app.web.record_links import base_url
from claims_app.web.session import reading
from claims_app.web.time_travel import answers_as_of

TYPES = {record_type.section: record_type for record_type in RecordType if record_type.section in lists.LISTS}
"""The kinds of records that have a list, by the names of the lists."""

SHAPES: Mapping[str, Shape] = {section: record_shape(record_type) for section, record_type in TYPES.items()}

LISTED = (ReviewState.SUBMITTED.value, ReviewState.ACCEPTED.value)
"""The review states of the records that lists have by default."""

OTHER_OBJECTS: dict[RecordType, Callable[[Session, Record], dict[str, Any]]] = {}
"""How records of kinds without a list are answered, added by their modules."""

_MODELS = {record_type.section: model for record_type, model in RECORD_MODELS.items()}

operations = Operations("")


@answers_as_of
def index(name: str) -> ResponseReturnValue:
    """Send a page of a list, with the addresses of its neighbours and of the files of the whole list."""
    wanted = wanted_fields(SHAPES[name])
    query = {key: values for key, values in listing.query().items() if key != FIELDS.name}
    filters, sort = lists.read_filters(name, query)
    page = lists.list_objects(reading(), name, filters, sort, listing.page_request(), base_url())
    return answers.page(page, wanted, _files(name, query))


def _files(name: str, query: Query) -> Iterator[tuple[str, str]]:
    """Yield the address and the media type of each file with the records of a list."""
    if not query.get("review"):
        # Files have accepted records only, if not asked for others.
        query = {**query, "review": LISTED}
    for form in formats_of(name):
        asked = ExportRequest.read(name, query, as_of=time_travel.asked(), form=form.name)
        yield asked.address(form.extension), form.media_type


@answers_as_of
def show(name: str, identifier: str) -> ResponseReturnValue:
    """Send one record."""
    wanted = wanted_fields(SHAPES[name])
    record = find(reading(), name, identifier)
    return answers.record(answers.sparse(object_of(reading(), record), wanted), record)


def wanted_fields(shape: Shape) -> frozenset[str] | None:
    """Return the fields that the request asks for, None for all. Raises BadFilter for an unknown one."""
    given = [
        name.strip() for text in request.args.getlist(FIELDS.name) for name in text.split(",") if name.strip()
    ]
    for name in given:
        if name not in shape.names:
            raise BadFilter(f"“{name}” is not a field of this record. Choose from: {', '.join(shape.names)}.")
    return frozenset((shape.names[0], *given)) if given else None


def object_of(session: Session, record: Record) -> dict[str, Any]:
    """Return a record as it is answered; of a kind that has a list, with the columns of its file."""
    if other := OTHER_OBJECTS.get(record.record_type):
        return other(session, record)
    [found] = lists.objects(session, record.record_type.section, [record.id], base_url())
    return found


def find(session: Session, name: str, identifier: str) -> Record:
    """Return a record by the name of its section. Raises NotFound, Gone or Merged."""
    return records.find(session, _MODELS[name], identifier)


def named(session: Session, model: type[records.R], number: int, field: str) -> records.R:
    """Return the record that a field of a request names. Raises Invalid at the field if there is none any more."""
    try:
        return records.get(session, model, number)
    except (NotFound, Gone, Merged) as refused:
        raise Invalid({field: [str(refused)]}) from None


for _section, _type in TYPES.items():
    _label = _type.label.lower()
    operations.add(
        f"list_{_section}",
        "GET",
        f"/{_section}",
        f"A page of {_section}",
        section=_section,
        arguments={"name": _section},
        filters=SOURCES[_section].filters,
        orders=tuple(SOURCES[_section].orders),
        parameters=(FIELDS, AS_OF),
        answers={200: Answer(f"A page of {_section}.", SHAPES[_section], listed=True)},
    )(index)
    operations.add(
        f"show_{_section}",
        "GET",
        f"/{_section}/{{identifier}}",
        f"One {_label}",
        section=_section,
        of=_type,
        arguments={"name": _section},
        parameters=(FIELDS, AS_OF),
        answers={200: Answer(f"The {_label}.", SHAPES[_section], tag=True)},
    )(show)
