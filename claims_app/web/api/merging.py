"""Merging duplicate claims and studies, and undoing a merge."""

import dataclasses
from typing import cast

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.formats import json_schema
from claims_app.formats.delimited import Kind
from claims_app.models import RECORD_MODELS, Claim, Study
from claims_app.permissions import Permission
from claims_app.rules.fields import RecordReference, TermsByName
from claims_app.rules.identifiers import parse_public_id
from claims_app.rules.merging import parts_of
from claims_app.services.core import records
from claims_app.services.core.errors import BadFilter, Invalid
from claims_app.services.core.paging import Page
from claims_app.services.deduplication import merge_candidates, merging, unmerging
from claims_app.services.deduplication.merging import MergeChoices
from claims_app.services.records.kinds import KINDS
from claims_app.vocabulary import RecordType, Stays, TokenScope
from claims_app.web import access
from claims_app.web.access import requires
from claims_app.web.api import answers
from claims_app.web.api.bodies import EDIT_SUMMARY, VERSION, Body, Sent
from claims_app.web.api.operations import Answer, Operations, Parameter
from claims_app.web.api.reading import SHAPES, named, object_of
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import Shape, column, list_of
from claims_app.web.api.tags import version_meant
from claims_app.web.api.writing import written
from claims_app.web.session import reading

operations = Operations("")

OTHER_VERSION = dataclasses.replace(
    VERSION,
    name="other_version",
    label="Version of the other record",
    help="The version of it that you read.",
)
_PARTS = TermsByName(
    name="parts",
    label="Parts",
    help="Which record each part of the fields comes from, by the name of the part; the proposed one if left out.",
    terms=Stays,
)
_PAIRS = TermsByName(
    name="pairs",
    label="Pairs",
    help="Which evidence stays where both have some for the same study or claim, by the identifier of that; both if "
    "left out.",
    terms=Stays,
)

WITH = "with"
"""The parameter with the other record."""

MERGEABLE = (RecordType.CLAIM, RecordType.STUDY)
PART = Shape.of(
    "MergePart",
    column("part", Kind.TERM, "The name of the part: its first field."),
    column("label", Kind.TEXT, "What the part is called."),
    column("proposed", Kind.TERM, "Which record it comes from unless you choose.", Stays),
    kept={"type": "object", "description": "The fields of the record that is kept."},
    merged={"type": "object", "description": "The fields of the record that is merged into it."},
)
PAIR = Shape.of(
    "MergePair",
    column("about", Kind.TERM, "The study or claim that both have evidence for."),
    column("kept", Kind.LIST, "The evidence of the record that is kept."),
    column("merged", Kind.LIST, "The evidence of the record that is merged into it."),
)
COMPARISON = Shape.of(
    "MergeComparison",
    column("kept", Kind.TERM, "The record that is kept."),
    column("version", Kind.INTEGER, "Its version."),
    column("merged", Kind.TERM, "The record that is merged into it."),
    column("other_version", Kind.INTEGER, "The version of that."),
    column("topics", Kind.LIST, "The topics that the kept record gets."),
    column("obstacles", Kind.LIST, "What has to be resolved first, in sentences."),
    parts=(PART, PAIR),
    differing=list_of("The parts of the fields in which they differ.", PART),
    pairs=list_of("The evidence of both for the same study or claim.", PAIR),
    moving={
        "type": "object",
        "description": "How many records of each kind move to the kept one.",
        "additionalProperties": {"type": "integer"},
    },
)
UNMERGED = Shape.of(
    "Unmerged",
    column("kept", Kind.TERM, "The record that the other one had been merged into."),
    column("separate", Kind.TERM, "The record that is separate again."),
    column("moved_back", Kind.LIST, "The records that moved back to it."),
    column("restored", Kind.LIST, "The deleted evidence and limitations that were restored."),
    column("notes", Kind.LIST, "What was not brought back, in sentences."),
)


@requires(Permission.MERGE)
def candidates(record_type: RecordType, identifier: str) -> ResponseReturnValue:
    """Send the most likely duplicates of a record."""
    kept = _find(reading(), record_type, identifier)
    found = [object_of(reading(), one) for one in merge_candidates.suggest(reading(), kept)]
    return answers.page(Page(found, len(found), None, None))


@requires(Permission.MERGE)
def compare(record_type: RecordType, identifier: str) -> ResponseReturnValue:
    """Send two records side by side."""
    other = request.args.get(WITH, "")
    if not other:
        raise BadFilter("Name the other record, such as with=CLM-2.")
    kept, merged = (_find(reading(), record_type, name) for name in (identifier, other))
    access.require(Permission.MERGE, kept)
    comparison = merging.compare(reading(), kept, merged)
    return answers.send(
        {
            "kept": kept.public_id,
            "version": kept.version,
            "merged": merged.public_id,
            "other_version": merged.version,
            "topics": list(comparison.topics),
            "obstacles": list(comparison.obstacles),
            "differing": [
                {
                    "part": one.part.name,
                    "label": one.part.label,
                    "proposed": one.default,
                    "kept": dict(one.kept),
                    "merged": dict(one.merged),
                }
                for one in comparison.parts
            ],
            "pairs": [
                {
                    "about": pair.about.public_id,
                    "kept": [item.public_id for item in pair.kept],
                    "merged": [item.public_id for item in pair.merged],
                }
                for pair in comparison.pairs
            ],
            "moving": {kind.value: count for kind, count in comparison.moving.items()},
        }
    )


@requires(Permission.MERGE)
def merge(record_type: RecordType, identifier: str, sent: Sent) -> ResponseReturnValue:
    """Merge another record into this one."""

    def save(session: WriteSession) -> Response:
        kept = _find(session, record_type, identifier)
        other = cast(
            Claim | Study, named(session, RECORD_MODELS[record_type], sent.options["other"], "other")
        )
        versions = version_meant(kept, sent.options["version"]), sent.options["other_version"]
        merging.merge(session, kept, other, versions, _choices(kept, sent))
        return answers.record(written(session, kept), kept)

    return saved(sent, save)


@requires(Permission.MERGE)
def unmerge(record_type: RecordType, identifier: str, sent: Sent) -> ResponseReturnValue:
    """Undo the merge of this record into another one."""

    def save(session: WriteSession) -> Response:
        versions = sent.options["version"], sent.options["other_version"]
        done = unmerging.undo(session, record_type, identifier, versions)
        return answers.send(
            {
                "kept": done.kept.public_id,
                "separate": done.merged.public_id,
                "moved_back": [record.public_id for record, _ in done.back],
                "restored": list(done.restored_names),
                "notes": list(done.notes),
            }
        )

    return saved(sent, save)


for _type in MERGEABLE:
    _section, _label = _type.section, _type.label.lower()
    _prefix = _type.prefix
    operations.add(
        f"list_merge_candidates_of_{_type.value}",
        "GET",
        f"/{_section}/{{identifier}}/merge-candidates",
        f"The most likely duplicates of a {_label}",
        section=_section,
        of=_type,
        arguments={"record_type": _type},
        answers={
            200: Answer("At most 5, the most similar first.", SHAPES[_section], listed=True, whole=True)
        },
        scope=TokenScope.READ,
    )(candidates)
    operations.add(
        f"compare_{_section}",
        "GET",
        f"/{_section}/{{identifier}}/merge",
        f"Two {_section} side by side, before one is merged into the other",
        section=_section,
        of=_type,
        arguments={"record_type": _type},
        parameters=(
            Parameter(
                WITH,
                f"The identifier of the {_label} to merge into this one.",
                {**json_schema.identifier(_type), "examples": [f"{_prefix}-2"]},
                required=True,
            ),
        ),
        answers={200: Answer("What differs, and what would move.", COMPARISON)},
        scope=TokenScope.READ,
    )(compare)
    operations.add(
        f"merge_{_section}",
        "POST",
        f"/{_section}/{{identifier}}/merge",
        f"Merge another {_label} into this one",
        section=_section,
        description="What is linked to the other one moves to this one, and its address leads here. "
        "`edit_summary` says why they are duplicates.",
        of=_type,
        arguments={"record_type": _type},
        takes=Body(
            f"Merge{_label.capitalize()}",
            None,
            (
                RecordReference(
                    name="other",
                    label="Other record",
                    help="The record that is merged into this one.",
                    record_type=_type,
                ),
                VERSION,
                OTHER_VERSION,
                _PARTS,
                _PAIRS,
                EDIT_SUMMARY,
            ),
            required=("other", "other_version", "edit_summary"),
            example={
                "other": f"{_prefix}-2",
                "version": 1,
                "other_version": 1,
                "edit_summary": "The same in other words.",
            },
        ),
        answers={200: Answer(f"The {_label} that was kept.", SHAPES[_section], tag=True)},
        scope=TokenScope.WRITE,
        matches=True,
    )(merge)
    operations.add(
        f"unmerge_{_section}",
        "POST",
        f"/{_section}/{{identifier}}/unmerge",
        f"Undo the merge of this {_label} into another one",
        section=_section,
        description="`version` is that of the record that was kept, `other_version` that of this one. "
        "`edit_summary` says why they are not duplicates.",
        of=_type,
        arguments={"record_type": _type},
        takes=Body(
            "Unmerge",
            None,
            (VERSION, OTHER_VERSION, EDIT_SUMMARY),
            required=("version", "other_version", "edit_summary"),
            example={"version": 2, "other_version": 2, "edit_summary": "Another dose."},
        ),
        answers={200: Answer("What was undone.", UNMERGED)},
        scope=TokenScope.WRITE,
    )(unmerge)


def _find(session: Session, record_type: RecordType, identifier: str) -> Claim | Study:
    return cast(Claim | Study, records.find(session, RECORD_MODELS[record_type], identifier))


def _choices(kept: Claim | Study, sent: Sent) -> MergeChoices:
    """Return the choices that were sent; missing ones use the defaults. Raises Invalid for unknown names."""
    other = RecordType.STUDY if isinstance(kept, Claim) else RecordType.CLAIM
    parts = {part.name for part in parts_of(KINDS[kept.record_type].schema)}
    errors: dict[str, list[str]] = {}
    if unknown := set(sent.options["parts"]) - parts:
        errors["parts"] = [f"Unknown: {', '.join(sorted(unknown))}. Choose from: {', '.join(sorted(parts))}."]
    pairs: dict[int, Stays] = {}
    for name, stays in sent.options["pairs"].items():
        number = parse_public_id(other, name)
        if number is None:
            errors["pairs"] = [f"“{name}” is not a {other.label.lower()}."]
        else:
            pairs[number] = stays
    if errors:
        raise Invalid(errors)
    return MergeChoices(sent.options["parts"], pairs)
