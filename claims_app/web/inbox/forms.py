"""The forms of the inbox, all on the page of one candidate."""

from wtforms import HiddenField, SelectField

from claims_app.rules import schemas
from claims_app.vocabulary import RecordType
from claims_app.web.forms import SchemaForm, SentForm
from claims_app.web.picking.fields import PickerField


class TriageForm(SentForm):
    """Decides on the displayed version of a candidate."""

    version = HiddenField()


class StudyForm(TriageForm):
    """Adds a candidate as a study, or says which study it is."""

    same_as = HiddenField()


class LinkForm(TriageForm):
    """Links a candidate to a claim."""

    claim = PickerField("Another claim", RecordType.CLAIM)


class NotRelevantForm(SchemaForm):
    """Marks a candidate as not relevant, with a reason."""

    schema = schemas.NOT_RELEVANT

    version = HiddenField()


class HandOnForm(TriageForm):
    """Assigns a candidate to another curator."""

    username = SelectField("Reassign to", validate_choice=False)
