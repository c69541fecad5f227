"""The forms for comments and flags."""

from claims_app.rules import schemas
from claims_app.web.forms import SchemaForm


class CommentForm(SchemaForm):
    """A comment."""

    schema = schemas.COMMENT


class HidingForm(SchemaForm):
    """The reason for hiding a comment."""

    schema = schemas.HIDING


class FlagForm(SchemaForm):
    """A flag: the kind of problem and an explanation."""

    schema = schemas.FLAG


class ResolutionForm(SchemaForm):
    """The resolution of a flag."""

    schema = schemas.RESOLUTION
