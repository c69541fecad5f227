"""The forms for reader reports."""

from wtforms import SelectField, StringField

from claims_app.rules import schemas
from claims_app.vocabulary import FlagKind
from claims_app.web.forms import SchemaForm, SentForm, choices


class ReportForm(SchemaForm):
    """A report by a reader. `website` is a honeypot: people leave it empty, spam bots fill it in."""

    schema = schemas.REPORT

    website = StringField("Leave this empty", render_kw={"tabindex": "-1", "autocomplete": "off"})


class AcceptForm(SentForm):
    """The kind of flag that a report becomes."""

    kind = SelectField("Problem", choices=choices(FlagKind, "Choose one"), validate_choice=False)


class DismissForm(SchemaForm):
    """The reason for dismissing a report."""

    schema = schemas.DISMISSAL
