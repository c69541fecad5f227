"""Forms for records, built from their schemas, which define labels, help, limits and choices.

Form fields keep the input as text. Only the schema and the services validate it, so the rules are the
same for the web, the API, imports and commands. Their errors are shown at the field.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field as FormField
from wtforms import (  # type: ignore[attr-defined]  # the type stubs do not know SelectChoice yet
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from claims_app.models import Record
from claims_app.rules import fields as rules
from claims_app.rules.identifiers import public_id
from claims_app.rules.schemas import REASON_LENGTH
from claims_app.services.forms.idempotency import new_token
from claims_app.vocabulary import Term
from claims_app.web.picking.fields import PICKED, PickerField

_CARRIED = frozenset({"claim", "candidate"})
"""Hidden fields that say what a form was opened for."""

_LONG = 200
"""Texts that may be longer than this get a text area instead of an input."""


class CheckboxGroup(SelectMultipleField):
    """A field with any number of choices, shown as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SentForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """A form that is saved once, however often it is submitted (see `services.forms.idempotency`)."""

    form_token = HiddenField(default=new_token)

    def add_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Attach `errors` to their fields; errors without a visible field are shown above the form."""
        for name, sentences in errors.items():
            field = self._fields.get(name)
            if field is None or isinstance(field, HiddenField):
                self.form_errors.extend(sentences)
            else:
                field.errors = [*field.errors, *sentences]


class DeleteForm(SentForm):
    """Confirms the deletion of a record, with a reason."""

    version = HiddenField()
    edit_summary = StringField(
        "Reason",
        description="Shown on the page of the deleted record.",
        render_kw={"maxlength": REASON_LENGTH, "required": True},
    )


class SchemaForm(SentForm):
    """A form with the fields of one schema."""

    schema: ClassVar[rules.Schema]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for field in cls.schema.fields if hasattr(cls, "schema") else ():
            setattr(cls, field.name, _form_field(field))

    def prefill(self, arguments: MultiDict[str, str]) -> None:
        """Fill in fields from the query string, such as ?doi=10.1172/JCI144201&claim=CLM-1."""
        for field in self:
            if isinstance(field, HiddenField) and field.name in _CARRIED and field.name in arguments:
                field.data = arguments[field.name]
        for field in self.schema.fields:
            if field.name in arguments:
                many = isinstance(self[field.name], CheckboxGroup)
                given = arguments.getlist(field.name)
                before = self[field.name].data or ()
                self[field.name].data = sorted({*before, *filter(None, given)}) if many else given[-1]

    def values(self) -> dict[str, object]:
        """Return the input for the fields of the schema."""
        return {field.name: self._fields[field.name].data for field in self.schema.fields}


class RecordForm(SchemaForm):
    """A form for the records of one schema."""

    version = HiddenField()
    edit_summary = StringField(
        "Reason for the change",
        description="One line for the history: what changed and why.",
        render_kw={"maxlength": REASON_LENGTH},
    )

    @classmethod
    def of(cls, record: Record, **values: Any) -> "RecordForm":
        """Return the form filled in from `record`, and from `values` for fields stored elsewhere."""
        return cls(data={**typed(cls.schema, record), **values, "version": str(record.version)})


def typed(schema: rules.Schema, record: Record) -> dict[str, Any]:
    """Return the fields of `record` as form input."""
    return {field.name: typed_value(field, getattr(record, field.name)) for field in schema.fields}


def typed_value(field: rules.Field, value: Any) -> str | list[str]:
    """Return a stored value of `field` as form input."""
    if isinstance(field, rules.Names | rules.Choices):
        return [str(getattr(item, "slug", item)) for item in value]
    if value is None:
        return ""
    if isinstance(field, rules.Name):
        return str(value.name)
    if isinstance(field, rules.RecordReference):
        return public_id(field.record_type, value)
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def choice(value: str, label: str, title: str = "") -> SelectChoice:
    """Return one choice of a field, with `title` as its tooltip."""
    return SelectChoice(value, label, {"title": title} if title else {})


def choices(terms: type[Term], empty: str | None = None) -> list[SelectChoice]:
    """Return the choices of a vocabulary with their definitions; `empty`, if given, comes first."""
    listed = [choice(term.value, term.label, term.definition) for term in terms]
    return listed if empty is None else [choice("", empty), *listed]


def radio_field(label: str, options: Sequence[tuple[str, str]]) -> FormField:
    """Return a field with radio buttons for `options` (value and label), none of them selected."""
    listed = [choice(value, text) for value, text in options]
    return RadioField(label, choices=listed, default=None, validate_choice=False)


def _form_field(field: rules.Field) -> FormField:
    """Return the form field for a field of a schema."""
    attributes: dict[str, Any] = {}
    if field.required:
        attributes["required"] = True
    if isinstance(field, rules.Choice):
        empty = "Choose one" if field.required else "Not specified"
        return SelectField(
            field.label,
            description=field.help,
            choices=choices(field.terms, empty),
            validate_choice=False,
            render_kw=attributes,
        )
    if isinstance(field, rules.Choices):
        return CheckboxGroup(
            field.label, description=field.help, choices=choices(field.terms), validate_choice=False
        )
    if isinstance(field, rules.Names):
        return CheckboxGroup(field.label, description=field.help, choices=[], validate_choice=False)
    if isinstance(field, rules.WholeNumber | rules.Number):
        attributes["inputmode"] = "numeric" if isinstance(field, rules.WholeNumber) else "decimal"
    if isinstance(field, rules.RecordReference) and field.record_type in PICKED:
        return PickerField(field.label, field.record_type, description=field.help, render_kw=attributes)
    if isinstance(field, rules.Text):
        # Browsers count a line break as two characters, the rule as one; the rule decides.
        attributes["maxlength"] = field.max_length * (2 if field.multiline else 1)
        if field.multiline or field.max_length > 300:
            attributes["rows"] = 8 if field.max_length > 5000 else 3
            return TextAreaField(field.label, description=field.help, render_kw=attributes)
    if isinstance(field, rules.Date):
        attributes["placeholder"] = "2026-11-23"
    return StringField(field.label, description=field.help, render_kw=attributes)
