"""The forms for a study and its texts."""

from flask import url_for
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, TextAreaField

from claims_app.models import Record
from claims_app.rules import schemas
from claims_app.rules.identifiers import parse_public_id
from claims_app.rules.text import whole_number
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
    duplicate_is_meant = BooleanField("Yes, this is another study. Add it anyway.")
    # Fields of the form rather than of its address, so that drafts keep them.
    claim = HiddenField()
    candidate = HiddenField()

    def onward(self, study: Record) -> str | None:
        """Return where the saved study leads: to the evidence for the claim, or back to the candidate."""
        number = whole_number(self.candidate.data)
        if self.claim.data or number is None:
            return _evidence_for(self.claim.data, study)
        return url_for("inbox.show", number=number)


class EvidenceForForm(SentForm):
    """Chooses the claim that a study is evidence for."""

    claim = PickerField("Claim", RecordType.CLAIM, render_kw={"required": True})


class TextForm(RecordForm):
    """A text for checking quotes from a study."""

    schema = schemas.STUDY_TEXT

    claim = HiddenField()

    def onward(self, study: Record) -> str | None:
        """Return where the attached text leads: back to the evidence for the claim, or None."""
        return _evidence_for(self.claim.data, study)


class CheckQuotesForm(SentForm):
    """A text that quotes are checked against and that is not kept: pasted, or as a file."""

    content = TextAreaField(
        "Text",
        description="The full text, copied from the article. It is compared with the quotes and then discarded.",
        render_kw={"rows": 12, "maxlength": 2 * schemas.TEXT_LENGTH},
    )
    file = FileField(
        "Text file",
        description="A plain text file (.txt) of up to 8 MB.",
        render_kw={"accept": ".txt,text/plain"},
    )


def _evidence_for(claim: str | None, study: Record) -> str | None:
    if parse_public_id(RecordType.CLAIM, claim or "") is None:
        return None
    return url_for("evidence.new", identifier=claim, study=study.public_id)
