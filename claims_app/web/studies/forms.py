"""The forms for a study and its texts."""

from wtforms import TextAreaField

from claims_app.rules import schemas
from claims_app.vocabulary import RecordType
from claims_app.web.forms import RecordForm, SentForm
from claims_app.web.picking.fields import PickerField


class StudyForm(RecordForm):
    """Title, authors, publication, identifiers, design and standing of a study."""

    schema = schemas.STUDY


class NewStudyForm(StudyForm):
    """A study that is typed by hand, with its abstract."""

    abstract = TextAreaField(
        "Abstract",
        description="Shown on the page of the study. Quotes are picked from it and checked against it.",
        render_kw={"rows": 8, "maxlength": schemas.TEXT_LENGTH},
    )


class EvidenceForForm(SentForm):
    """Chooses the claim that a study is evidence for."""

    claim = PickerField("Claim", RecordType.CLAIM, render_kw={"required": True})


class TextForm(RecordForm):
    """A text for checking quotes from a study."""

    schema = schemas.STUDY_TEXT
