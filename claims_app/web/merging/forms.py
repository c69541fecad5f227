"""The forms of merging."""

from collections.abc import Mapping, Sequence

from wtforms import HiddenField, StringField

from claims_app.rules.fields import Schema
from claims_app.rules.records import REASON_LENGTH
from claims_app.web.forms import SentForm


class MergeForm(SentForm):
    """Asks why two records become one; what is taken from which is chosen beside it.

    `schema` is that of the records: what is refused of their values stands above the form, each sentence
    with the name of its field.
    """

    schema: Schema | None = None

    version = HiddenField()
    other_version = HiddenField()
    edit_summary = StringField(
        "Reason",
        description="How you know that they are the same; it is shown at the address of the one that goes.",
        render_kw={"maxlength": REASON_LENGTH, "required": True},
    )

    def add_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Put the sentences in `errors` at their fields, or above the form."""
        labels = {field.name: field.label for field in self.schema.fields} if self.schema else {}
        own = {name: sentences for name, sentences in errors.items() if name not in labels}
        super().add_errors(own)
        for name in errors.keys() - own.keys():
            self.form_errors.extend(f"{labels[name]}: {sentence}" for sentence in errors[name])


class UnmergeForm(SentForm):
    """Asks why a merge is undone."""

    version = HiddenField()
    other_version = HiddenField()
    edit_summary = StringField(
        "Reason",
        description="One line for the history: why they are two.",
        render_kw={"maxlength": REASON_LENGTH, "required": True},
    )
