"""The history in words: labels of fields, values, and differences between texts word by word."""

import datetime
from collections.abc import Sequence
from typing import Any

from flask import url_for

from claims_app.models import RECORD_MODELS, Merge, Revision
from claims_app.rules.diff import DiffPart, word_diff
from claims_app.rules.fields import Choice, Choices, Text
from claims_app.rules.identifiers import public_id
from claims_app.services.history.record_history import FieldChange, changes_of
from claims_app.services.records.kinds import KINDS
from claims_app.vocabulary import QuoteCheck, RecordType, Term
from claims_app.web import time_travel
from claims_app.web.record_links import can_show_the_past, page_address

_LEADS = frozenset(
    {
        "statement",
        "title",
        "summary",
        "text",
        "name",
        "label",
        "direction",
        "conclusion",
        "level",
        "rationale",
        "query",
        "merged_into_id",
    }
)
"""The fields that say what a record is about."""

_SHORTEST_TEXT = 20
"""Shorter texts are easier to read whole, old and new, than word by word."""


def record_address(record_type: RecordType, name: str) -> str | None:
    """Return the address of the record called `name`, or None if it has no page that readers see."""
    return page_address(record_type, name) if can_show_the_past(record_type) else None


def address_as_of(record_type: RecordType, name: str, moment: datetime.datetime) -> str | None:
    """Return the address of the record called `name` as it was at `moment`, or None if that cannot be shown."""
    then = time_travel.address_then(moment)
    return page_address(record_type, name, as_of=then) if then and can_show_the_past(record_type) else None


def history_address(revision: Revision) -> str:
    """Return the address of the history that a revision belongs to."""
    name = public_id(revision.record_type, revision.record_id)
    return url_for("history.index", section=revision.record_type.section, identifier=name)


def merged_history(merge: Merge) -> str:
    """Return the address of the history of what was merged: it is read there as before."""
    return url_for("history.index", section=merge.record_type.section, identifier=merge.merged_name)


def revision_address(revision: Revision) -> str:
    """Return the address of one revision."""
    return f"{history_address(revision)}/{revision.version}"


def label_of(record_type: RecordType, name: str) -> str:
    """Return the label of a field on its form, or else its name in words."""
    for field in KINDS[record_type].schema.fields:
        if name in (field.name, f"{field.name}_id"):
            return field.label
    return name.removesuffix("_id").replace("_", " ").capitalize()


def shown(record_type: RecordType, name: str, value: Any) -> str:
    """Return a value of the history in words; nothing for an empty one."""
    if value is None or value == []:
        return ""
    if isinstance(value, int) and (target := _target_of(record_type, name)) is not None:
        return public_id(target, value)
    terms = _terms_of(record_type, name)
    if isinstance(value, list):
        return ", ".join(_term(terms, item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(value).removesuffix(".0").replace("-", "\N{MINUS SIGN}")
    return _term(terms, value)


def parts_of(record_type: RecordType, change: FieldChange) -> Sequence[DiffPart] | None:
    """Return a change of a text word by word, or None where old and new are better read side by side."""
    fields = KINDS[record_type].schema.fields
    is_text = any(isinstance(field, Text) and field.name == change.name for field in fields)
    if not is_text or not isinstance(change.before, str) or not isinstance(change.after, str):
        return None
    if max(len(change.before), len(change.after)) < _SHORTEST_TEXT:
        return None
    return word_diff(change.before, change.after)


def headline(revision: Revision) -> str:
    """Return in a few words what a revision did: “Changed: statement, outcome”."""
    if revision.action in ("merge", "unmerge"):
        kept_id = next(number for number in revision.changes["merged_into_id"] if number is not None)
        kept = public_id(revision.record_type, kept_id)
        return f"Merged into {kept}" if revision.action == "merge" else f"Merge into {kept} undone"
    if revision.action != "update":
        return revision.action.label
    labels = [label_of(revision.record_type, name) for name in revision.changes]
    return f"{revision.action.label}: {', '.join(label.lower() for label in labels) or 'its text'}"


def summary_of_changes(revision: Revision) -> Sequence[FieldChange]:
    """Return what a revision changed, without the lesser fields where all of them came or went."""
    changes = changes_of(revision)
    if revision.action == "update":
        return changes
    return [change for change in changes if change.name in _LEADS]


def author_of(revision: Revision) -> str:
    """Return who made a revision, or how it was made where no account did."""
    return revision.actor.username if revision.actor else revision.via.label


def _target_of(record_type: RecordType, name: str) -> RecordType | None:
    """Return the kind of record that a field with a number points to, or None for one that points to nothing."""
    model = RECORD_MODELS[record_type]
    if name == "lead_evidence_id":  # no foreign key: the item may be gone, and the appraisal stays
        return RecordType.EVIDENCE
    column = model.__table__.c.get(name)
    tables = [key.column.table.name for key in column.foreign_keys] if column is not None else []
    return next((kind for kind, other in RECORD_MODELS.items() if other.__tablename__ in tables), None)


def _terms_of(record_type: RecordType, name: str) -> type[Term] | None:
    if name.endswith("quote_check"):
        return QuoteCheck
    for field in KINDS[record_type].schema.fields:
        if field.name == name and isinstance(field, Choice | Choices):
            return field.terms
    return None


def _term(terms: type[Term] | None, value: Any) -> str:
    if terms is not None and value in terms.values():
        return terms.of(value).label
    return str(value)
