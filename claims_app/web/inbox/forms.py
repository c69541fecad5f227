"""The forms of the inbox, all on the page of one candidate."""

from wtforms import HiddenField, SelectField, StringField

from claims_app.rules import schemas
from claims_app.web.forms import SchemaForm, SentForm


class TriageForm(SentForm):
    """Decides on the displayed version of a candidate."""

    version = HiddenField()


class StudyForm(TriageForm):
    """Adds a candidate as a study, or says which study it is."""

    same_as = HiddenField()


class LinkForm(TriageForm):
    """Links a candidate to a claim."""

    claim = StringField("Claim", description="Such as CLM-1.", render_kw={"maxlength": 14})


class NotRelevantForm(SchemaForm):
    """Marks a candidate as not relevant, with a reason."""

    schema = schemas.NOT_RELEVANT

    version = HiddenField()


class HandOnForm(TriageForm):
    """Assigns a candidate to another curator."""

    username = SelectField("Another curator", validate_choice=False)
