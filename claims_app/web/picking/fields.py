"""The form field that takes a study or a claim."""

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import StringField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from claims_app.rules.identifiers import parse_public_id, public_id
from claims_app.services.pages import choosing
from claims_app.services.pages.choosing import Option
from claims_app.vocabulary import RecordType
from claims_app.web.session import reading

PICKED = frozenset({RecordType.STUDY, RecordType.CLAIM})
"""The records that are picked by words; the others have short lists."""

_HELP = {
    RecordType.STUDY: "Enter author, year or title words, a DOI or PubMed number, or an identifier such as STU-14.",
    RecordType.CLAIM: "Enter words of the claim, or an identifier such as CLM-1.",
}


class PickerField(StringField):
    """A study or a claim, by its identifier or by words.

    Words that match one record become its identifier. If they match several, these are shown below the field as radio
    buttons, and the form is not saved until one is chosen. A script (`picker.js`) offers them while the user types.
    """

    def __init__(
        self, label: str, record_type: RecordType, description: str = "", render_kw: Any = None, **more: Any
    ) -> None:
        self.record_type = record_type
        self.options: Sequence[Option] = ()
        self.chosen: Option | None = None
        attributes = {"autocomplete": "off", "data-picker": record_type.section, "maxlength": 200}
        text = " ".join(part for part in (description, _HELP[record_type]) if part)
        super().__init__(label, description=text, render_kw={**attributes, **(render_kw or {})}, **more)

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Take the chosen radio button, if the text is still the one that it was offered for."""
        super().process(formdata, *args, **kwargs)
        self.options, self.chosen = (), None
        self.data = (self.data or "").strip()
        if formdata and formdata.get(f"{self.name}-for", "").strip() == self.data:
            self.data = formdata.get(f"{self.name}-choice") or self.data
        if formdata and self.data and parse_public_id(self.record_type, self.data) is None:
            self.options = choosing.options(reading(), self.record_type, self.data)
            if len(self.options) == 1:
                self.data, self.options = self.options[0].public_id, ()

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse words that match no record or several."""
        if self.options:
            raise StopValidation(
                f"Several {self.record_type.section} match. Choose one of them, or add words."
            )
        if self.data and parse_public_id(self.record_type, self.data) is None:
            noun, example = self.record_type.label.lower(), public_id(self.record_type, 14)
            raise StopValidation(
                f"No {noun} matches these words. Use fewer words, or an identifier such as {example}."
            )

    def describe(self) -> None:
        """Look up the chosen record, to show its name with its identifier."""
        known = parse_public_id(self.record_type, self.data or "") is not None
        found = choosing.options(reading(), self.record_type, self.data or "") if known else []
        self.chosen = found[0] if found else None


def describe_picked(form: Iterable[Any]) -> None:
    """Look up the records that were picked in `form`, for its page."""
    for field in form:
        if isinstance(field, PickerField):
            field.describe()
