"""The texts of studies, and checking the quotes from a study. Only abstracts are sent in full."""

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.formats.delimited import Kind
from claims_app.models import Proposal, Record, Study, StudyText
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.identifiers import public_id
from claims_app.services.core import records
from claims_app.services.core.errors import Refused
from claims_app.services.core.paging import Page
from claims_app.services.intake import retractions
from claims_app.services.pages import page_queries, quote_notes
from claims_app.services.pages.quote_notes import QuotedWords
from claims_app.services.records import quote_checks, studies
from claims_app.vocabulary import QuoteCheck, RecordType, TokenScope
from claims_app.web import listing
from claims_app.web.access import requires
from claims_app.web.api import answers
from claims_app.web.api.bodies import VERSION, Body, Sent
from claims_app.web.api.operations import Answer, Operations
from claims_app.web.api.reading import OTHER_OBJECTS, SHAPES
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import Shape, column, list_of
from claims_app.web.api.tags import version_meant
from claims_app.web.api.writing import DELETION, WAITS, create, written
from claims_app.web.session import reading

operations = Operations("studies")

MOST_QUOTES = 100
"""How many quotes of claims, evidence and limitations each are listed."""

TEXT = Shape.of(
    "StudyText",
    column("text_id", Kind.TERM, "The identifier of the text."),
    column("study_id", Kind.TERM, "The study that it is of."),
    column("label", Kind.TEXT, "The type of text, such as abstract or full text."),
    column("length", Kind.INTEGER, "Its length in characters (Unicode code points)."),
    column("sha256", Kind.TERM, "The SHA-256 of the text in UTF-8."),
    column("sections", Kind.LIST, "The headings of its sections."),
    column(
        "content", Kind.TEXT, "The text, only if it is an abstract; null in lists and for all other texts."
    ),
    column("version", Kind.INTEGER, "Its version."),
)
QUOTE = Shape.of(
    "Quote",
    column("record", Kind.TERM, "The record that quotes the study."),
    column("quote", Kind.TEXT, "The quoted words."),
    column("quote_check", Kind.TERM, "Whether a text of the study has them.", QuoteCheck),
    column("checked_at", Kind.DATETIME, "When they were found in a text that is not kept (UTC)."),
    column("checked_by", Kind.TEXT, "Who checked them."),
    column("text_length", Kind.INTEGER, "The length of that text in characters."),
    column("text_sha256", Kind.TERM, "The SHA-256 of that text in UTF-8."),
    column(
        "is_stale",
        Kind.INTEGER,
        "1 if the quote was edited after that, else 0; null if it was never checked.",
    ),
)
CHECKED_QUOTE = Shape.of(
    "CheckedQuote",
    column("record", Kind.TERM, "The record that quotes the study."),
    column("quote", Kind.TEXT, "The quoted words."),
    column("outcome", Kind.TERM, "Whether the text has them.", QuoteCheck),
)
CHECKED_TEXT = Shape.of(
    "CheckedText",
    column("sha256", Kind.TERM, "The SHA-256 of the text in UTF-8."),
    column("length", Kind.INTEGER, "Its length in characters (Unicode code points)."),
    column("n_found", Kind.INTEGER, "How many quotes the text has."),
    parts=(CHECKED_QUOTE,),
    quotes=list_of("All quotes from the study.", CHECKED_QUOTE),
)


@operations.add(
    "list_texts",
    "GET",
    "/studies/{identifier}/texts",
    "A page of the texts of a study",
    of=RecordType.STUDY,
    answers={200: Answer("A page of texts, oldest first, without their contents.", TEXT, listed=True)},
)
def index(identifier: str) -> ResponseReturnValue:
    """Send a page of the texts of a study."""
    study = records.find(reading(), Study, identifier)
    page = page_queries.page_of_texts(reading(), study, listing.page_request())
    return answers.page(Page([_listed(text) for text in page.items], page.total, page.next, page.previous))


@operations.add(
    "show_texts",
    "GET",
    "/texts/{identifier}",
    "One text of a study",
    of=RecordType.STUDY_TEXT,
    answers={200: Answer("The text.", TEXT, tag=True)},
)
def show(identifier: str) -> ResponseReturnValue:
    """Send one text, with its content only if it is an abstract."""
    text = records.find(reading(), StudyText, identifier)
    return answers.record(text_object(reading(), text), text)


@operations.add(
    "create_text",
    "POST",
    "/studies/{identifier}/texts",
    "Attach a text to a study",
    description="The quotes from the study are checked against it. A text that is not an abstract is never sent back.",
    of=RecordType.STUDY,
    takes=Body(
        "NewStudyText",
        schemas.STUDY_TEXT,
        example={"label": "abstract", "content": "Pain was lower after twelve weeks."},
    ),
    answers={201: Answer("The text.", TEXT, location=True, tag=True)},
    scope=TokenScope.WRITE,
    makes=True,
)
@requires(Permission.EDIT)
def new(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Attach a text to a study."""
    return create(
        sent,
        lambda session: studies.attach_text(session, records.find(session, Study, identifier), sent.fields),
    )


@operations.add(
    "delete_text",
    "DELETE",
    "/texts/{identifier}",
    "Delete one text",
    description="The quotes from its study are checked again.",
    of=RecordType.STUDY_TEXT,
    takes=DELETION,
    answers={204: Answer("Deleted.")},
    scope=TokenScope.WRITE,
    matches=True,
)
@requires(Permission.DELETE)
def delete(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Delete a text."""

    def save(session: WriteSession) -> Response:
        text = records.find(session, StudyText, identifier)
        studies.delete_text(session, text, version_meant(text, sent.options["version"]))
        return answers.nothing()

    return saved(sent, save)


@operations.add(
    "list_quotes",
    "GET",
    "/studies/{identifier}/quotes",
    "The quotes from a study, and in which texts they were found",
    description=f"At most {MOST_QUOTES} of claims, evidence and limitations each.",
    of=RecordType.STUDY,
    answers={200: Answer("The quotes.", QUOTE, listed=True, whole=True)},
    scope=TokenScope.READ,
)
@requires(Permission.CREATE)
def quotes(identifier: str) -> ResponseReturnValue:
    """Send the quotes from a study."""
    study = records.find(reading(), Study, identifier)
    found = [_quote_object(one) for one in quote_notes.quotes_from(reading(), study, MOST_QUOTES)]
    return answers.page(Page(found, len(found), None, None))


@operations.add(
    "check_quotes",
    "POST",
    "/studies/{identifier}/quotes/check",
    "Check the quotes from a study against a text",
    description="The text is not stored. Only its length and its SHA-256 are kept, with the quotes that it has.",
    of=RecordType.STUDY,
    takes=Body(
        "TextToCheck",
        schemas.STUDY_TEXT,
        without=frozenset({"label"}),
        example={"content": "Pain was lower after twelve weeks."},
    ),
    answers={200: Answer("What was found.", CHECKED_TEXT)},
    scope=TokenScope.WRITE,
)
@requires(Permission.CREATE)
def check(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Check the quotes from a study against a text that is sent."""

    def save(session: WriteSession) -> Response:
        study = records.find(session, Study, identifier)
        checked = quote_checks.check_text(session, study, sent.fields.get("content"))
        found = {
            "sha256": checked.sha256,
            "length": checked.length,
            "n_found": len(checked.quotes) - len(checked.missing),
            "quotes": [
                {"record": one.record.public_id, "quote": one.quote.exact, "outcome": one.outcome}
                for one in checked.quotes
            ],
        }
        return answers.send(found)

    return saved(sent, save)


@operations.add(
    "take_over_standing",
    "POST",
    "/studies/{identifier}/standing",
    "Change the standing of a study to that of the loaded retraction notices",
    description="The answer is 409 if no notice suggests another standing.",
    of=RecordType.STUDY,
    takes=Body("TakeOverStanding", None, (VERSION,), example={"version": 1}),
    answers={200: Answer("The changed study.", SHAPES["studies"], tag=True), 202: WAITS},
    scope=TokenScope.WRITE,
    matches=True,
)
@requires(Permission.EDIT)
def take_over_standing(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Change the standing of a study to that of its notices."""

    def save(session: WriteSession) -> Response:
        study = records.find(session, Study, identifier)
        version = version_meant(study, sent.options["version"])
        found = retractions.offered(session, study)
        if found is None:
            raise Refused("No retraction notice suggests another standing for this study.")
        changed = retractions.take_over(session, study, version, found)
        answer = written(session, changed)
        if isinstance(changed, Proposal):
            return answers.send(answer, 202)
        return answers.record(answer, changed)

    return saved(sent, save)


def text_object(session: Session, text: Record) -> dict[str, Any]:
    """Return one text as it is answered."""
    assert isinstance(text, StudyText)
    return {**_listed(text), "content": text.content if text.is_abstract else None}


def _listed(text: StudyText) -> dict[str, Any]:
    return {
        "text_id": text.public_id,
        "study_id": public_id(RecordType.STUDY, text.study_id),
        "label": text.label,
        "length": text.length,
        "sha256": text.sha256,
        "sections": list(text.sections),
        "content": None,
        "version": text.version,
    }


def _quote_object(one: QuotedWords) -> dict[str, Any]:
    verification = one.note.verification if one.note else None
    by = verification.checked_by if verification else None
    return {
        "record": one.record.public_id,
        "quote": one.quote.exact,
        "quote_check": one.check,
        "checked_at": verification.checked_at if verification else None,
        "checked_by": by.username if by else None,
        "text_length": verification.text_length if verification else None,
        "text_sha256": verification.text_sha256 if verification else None,
        "is_stale": int(one.note.is_stale) if one.note else None,
    }


OTHER_OBJECTS[RecordType.STUDY_TEXT] = text_object
