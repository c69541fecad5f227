"""The forms of the inbox. Each is a part of the page of one candidate."""

from wtforms import HiddenField, SelectField, StringField

from claims_app.rules import records
from claims_app.web.forms import SchemaForm, SentForm


class TriageForm(SentForm):
    """Decides on the version of a candidate that somebody looked at."""

    version = HiddenField()


class LinkForm(TriageForm):
    """Chooses the claim that a candidate is about."""

    claim = StringField("Claim", description="Such as CLM-1.", render_kw={"maxlength": 14})


class NotRelevantForm(SchemaForm):
    """Says why a candidate is not relevant."""

    schema = records.NOT_RELEVANT

    version = HiddenField()


class HandOnForm(TriageForm):
    """Chooses who is to decide on a candidate."""

    username = SelectField("Somebody else", validate_choice=False)
