"""The forms for what readers report."""

from wtforms import SelectField, StringField

from claims_app.rules import records
from claims_app.vocabulary import FlagKind
from claims_app.web.forms import SchemaForm, SentForm, choices


class ReportForm(SchemaForm):
    """What a reader says is wrong. People leave `website` empty; programs that fill in everything do not."""

    schema = records.REPORT

    website = StringField("Leave this empty", render_kw={"tabindex": "-1", "autocomplete": "off"})


class AcceptForm(SentForm):
    """What sort of flag a report becomes."""

    kind = SelectField("What is wrong", choices=choices(FlagKind, "Choose one"), validate_choice=False)


class DismissForm(SchemaForm):
    """Why a report is dismissed."""

    schema = records.DISMISSAL
