"""The forms for comments and flags."""

from claims_app.rules import records
from claims_app.web.forms import SchemaForm


class CommentForm(SchemaForm):
    """A comment."""

    schema = records.COMMENT


class HidingForm(SchemaForm):
    """Why a comment is hidden."""

    schema = records.HIDING


class FlagForm(SchemaForm):
    """What is wrong, and why."""

    schema = records.FLAG


class ResolutionForm(SchemaForm):
    """What became of a flag."""

    schema = records.RESOLUTION
