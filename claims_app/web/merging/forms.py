"""The forms of merging."""

from collections.abc import Mapping, Sequence

from wtforms import HiddenField, StringField

from claims_app.rules.fields import Schema
from claims_app.rules.schemas import REASON_LENGTH
from claims_app.web.forms import SentForm


class MergeForm(SentForm):
    """Merges two records, with a reason. The values to keep are chosen next to it.

    `schema` is the schema of the records. Errors in their values are shown above the form, with the label
    of the field.
    """

    schema: Schema | None = None

    version = HiddenField()
    other_version = HiddenField()
    edit_summary = StringField(
        "Reason",
        description="Why they are duplicates. Shown to visitors of the merged record.",
        render_kw={"maxlength": REASON_LENGTH, "required": True},
    )

    def add_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Attach `errors` to their fields, or show them above the form."""
        labels = {field.name: field.label for field in self.schema.fields} if self.schema else {}
        own = {name: sentences for name, sentences in errors.items() if name not in labels}
        super().add_errors(own)
        for name in errors.keys() - own.keys():
            self.form_errors.extend(f"{labels[name]}: {sentence}" for sentence in errors[name])


class UnmergeForm(SentForm):
    """Undoes a merge, with a reason."""

    version = HiddenField()
    other_version = HiddenField()
    edit_summary = StringField(
        "Reason",
        description="One line for the history: why they are not duplicates.",
        render_kw={"maxlength": REASON_LENGTH, "required": True},
    )
