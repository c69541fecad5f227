"""How the history is put to people: labels of fields, values in words, and texts word by word."""

import datetime
from collections.abc import Sequence
from typing import Any

from flask import url_for

from claims_app.models import Merge, Revision
from claims_app.rules import records as schemas
from claims_app.rules.diff import DiffPart, word_diff
from claims_app.rules.fields import Choice, Choices, Schema, Text
from claims_app.rules.identifiers import public_id
from claims_app.services.history.record_history import FieldChange, changes_of
from claims_app.vocabulary import QuoteCheck, RecordType, Term
from claims_app.web import time_travel

SECTIONS: dict[RecordType, str] = {
    RecordType.CLAIM: "claims",
    RecordType.STUDY: "studies",
    RecordType.EVIDENCE: "evidence",
    RecordType.LIMITATION: "limitations",
    RecordType.APPRAISAL: "appraisals",
    RecordType.STUDY_TEXT: "texts",
    RecordType.TOPIC: "topics",
    RecordType.STUDY_GROUP: "groups",
    RecordType.PROPOSAL: "proposals",
    RecordType.WATCH: "watches",
}
"""What the addresses of each sort of record begin with."""

_SCHEMAS: dict[RecordType, Schema] = {
    RecordType.CLAIM: schemas.CLAIM,
    RecordType.STUDY: schemas.STUDY,
    RecordType.EVIDENCE: schemas.EVIDENCE,
    RecordType.LIMITATION: schemas.LIMITATION,
    RecordType.APPRAISAL: schemas.APPRAISAL,
    RecordType.STUDY_TEXT: schemas.STUDY_TEXT,
    RecordType.TOPIC: schemas.TOPIC,
    RecordType.PROPOSAL: schemas.PROPOSAL,
    RecordType.WATCH: schemas.WATCH,
}

_REFERENCES: dict[str, RecordType] = {
    "claim_id": RecordType.CLAIM,
    "study_id": RecordType.STUDY,
    "origin_study_id": RecordType.STUDY,
    "version_of_id": RecordType.STUDY,
    "evidence_id": RecordType.EVIDENCE,
    "lead_evidence_id": RecordType.EVIDENCE,
    "group_id": RecordType.STUDY_GROUP,
    "topic_id": RecordType.TOPIC,
}

_LEADS = frozenset(
    {
        "statement",
        "title",
        "summary",
        "text",
        "name",
        "label",
        "direction",
        "level",
        "rationale",
        "query",
        "merged_into_id",
    }
)
"""The fields that say in short what a record is."""

_SHORTEST_TEXT = 20
"""Texts as short as this are easier to read whole, old and new, than word by word."""


_PAGES: dict[RecordType, str] = {
    RecordType.CLAIM: "claims.show",
    RecordType.STUDY: "studies.show",
    RecordType.EVIDENCE: "evidence.show",
    RecordType.LIMITATION: "evidence.show_limitation",
    RecordType.APPRAISAL: "appraisals.show",
    RecordType.WATCH: "watches.show",
}


def record_address(record_type: RecordType, name: str) -> str | None:
    """Return the address of the record called `name`, or None if it has no page of its own."""
    endpoint = _PAGES.get(record_type)
    return url_for(endpoint, identifier=name) if endpoint else None


def address_as_of(record_type: RecordType, name: str, moment: datetime.datetime) -> str | None:
    """Return the address of the record called `name` as it stood at `moment`, or None if that cannot be shown."""
    endpoint, then = _PAGES.get(record_type), time_travel.address_then(moment)
    return url_for(endpoint, identifier=name, as_of=then) if endpoint and then else None


def history_address(revision: Revision) -> str:
    """Return the address of the history that a revision belongs to."""
    name = public_id(revision.record_type, revision.record_id)
    return url_for("history.index", section=SECTIONS[revision.record_type], identifier=name)


def merged_history(merge: Merge) -> str:
    """Return the address of the history of what was merged: it is read there as before."""
    return url_for("history.index", section=SECTIONS[merge.record_type], identifier=merge.merged_name)


def revision_address(revision: Revision) -> str:
    """Return the address of one revision."""
    return f"{history_address(revision)}/{revision.version}"


def label_of(record_type: RecordType, name: str) -> str:
    """Return what a field is called on the form, or its name in words."""
    schema = _SCHEMAS.get(record_type)
    for field in schema.fields if schema else ():
        if name in (field.name, f"{field.name}_id"):
            return field.label
    return name.removesuffix("_id").replace("_", " ").capitalize()


def shown(record_type: RecordType, name: str, value: Any) -> str:
    """Return a value of the history in words; nothing for an empty one."""
    if value is None or value == []:
        return ""
    if name == "merged_into_id" and isinstance(value, int):
        return public_id(record_type, value)
    if name in _REFERENCES and isinstance(value, int):
        return public_id(_REFERENCES[name], value)
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
    schema = _SCHEMAS.get(record_type)
    is_text = schema is not None and any(
        isinstance(field, Text) and field.name == change.name for field in schema.fields
    )
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


def told_in_short(revision: Revision) -> Sequence[FieldChange]:
    """Return what a revision changed, without the lesser fields where all of them came or went."""
    changes = changes_of(revision)
    if revision.action == "update":
        return changes
    return [change for change in changes if change.name in _LEADS]


def author_of(revision: Revision) -> str:
    """Return who made a revision, or through which door it came."""
    return revision.actor.username if revision.actor else revision.via.label


def _terms_of(record_type: RecordType, name: str) -> type[Term] | None:
    if name.endswith("quote_check"):
        return QuoteCheck
    schema = _SCHEMAS.get(record_type)
    for field in schema.fields if schema else ():
        if field.name == name and isinstance(field, Choice | Choices):
            return field.terms
    return None


def _term(terms: type[Term] | None, value: Any) -> str:
    if terms is not None and value in terms.values():
        return terms.of(value).label
    return str(value)
