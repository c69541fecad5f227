"""The forms for a study and its texts."""

from claims_app.rules import schemas
from claims_app.web.forms import RecordForm


class StudyForm(RecordForm):
    """Title, authors, publication, identifiers, design and standing of a study."""

    schema = schemas.STUDY


class TextForm(RecordForm):
    """A text for checking quotes from a study."""

    schema = schemas.STUDY_TEXT
