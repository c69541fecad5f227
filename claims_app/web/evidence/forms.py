"""The forms for an evidence item and for a limitation."""

from wtforms import BooleanField

from claims_app.rules import schemas
from claims_app.web.forms import RecordForm


class EvidenceForm(RecordForm):
    """What one study says about one claim."""

    schema = schemas.EVIDENCE

    duplicate_is_meant = BooleanField("Yes, this is another finding of the same study. Add it.")


class LimitationForm(RecordForm):
    """A limitation of a claim or of an evidence item."""

    schema = schemas.LIMITATION
