"""The forms for comments and flags."""

from claims_app.rules import records
from claims_app.web.forms import SchemaForm


class CommentForm(SchemaForm):
    """A comment."""

    schema = records.COMMENT


class HidingForm(SchemaForm):
    """The reason for hiding a comment."""

    schema = records.HIDING


class FlagForm(SchemaForm):
    """A flag: the kind of problem and an explanation."""

    schema = records.FLAG


class ResolutionForm(SchemaForm):
    """The resolution of a flag."""

    schema = records.RESOLUTION
