"""Derive the conclusion of each appraisal from the balance of the independent groups that it saw.

Also takes answers that a form had preset out of unfinished appraisals: they would look like answers of a person.

Revision ID: c2a4000000b2
Revises: c2a4000000b1
Create Date: 2026-11-28 00:01:00+00:00
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import v4

revision = "c2a4000000b2"
down_revision = "c2a4000000b1"
branch_labels = None
depends_on = None

AT_ONCE = 500

APPRAISALS = sa.table("appraisals", sa.column("id", sa.Integer()))
SEEN = sa.table(
    "appraisal_evidence",
    sa.column("appraisal_id", sa.Integer()),
    sa.column("evidence_id", sa.Integer()),
    sa.column("study_id", sa.Integer()),
    sa.column("finding", sa.JSON()),
)
DRAFTS = sa.table(
    "appraisal_drafts",
    sa.column("id", sa.Integer()),
    sa.column("content", sa.JSON()),
    sa.column("handed_in_at", sa.DateTime()),
)
DOMAINS = (
    "risk_of_bias",
    "inconsistency",
    "indirectness",
    "imprecision",
    "publication_bias",
    "large_effect",
    "dose_response_gradient",
    "opposing_confounding",
)
FROM_APPRAISAL = """conclusion_derived = {true},
    conclusion = (SELECT conclusion FROM appraisals WHERE appraisals.id = {table}.appraisal_id)"""


def upgrade() -> None:
    connection = op.get_bind()
    # Without the triggers: they refuse every change of an appraisal and of a past version.
    with v4.TRIGGERS.replaced(op, v4.TRIGGERS, ["appraisals", "claims"]):
        set_conclusion = sa.text(
            "UPDATE appraisals SET conclusion = :conclusion, proposed_conclusion = :conclusion WHERE id = :id"
        )
        last = 0
        while numbers := connection.scalars(
            sa.select(APPRAISALS.c.id).where(APPRAISALS.c.id > last).order_by(APPRAISALS.c.id).limit(AT_ONCE)
        ).all():
            seen: dict[int, list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
            rows = sa.select(SEEN.c.appraisal_id, SEEN.c.study_id, SEEN.c.finding)
            for number, study_id, finding in connection.execute(
                rows.where(SEEN.c.appraisal_id.between(numbers[0], numbers[-1])).order_by(SEEN.c.evidence_id)
            ):
                seen[number].append((study_id, finding))
            connection.execute(
                set_conclusion, [{"id": number, "conclusion": derived(seen[number])} for number in numbers]
            )
            last = numbers[-1]
        for table in ("claims", "claims_versions"):
            values = FROM_APPRAISAL.format(table=table, true="TRUE")
            op.execute(f"UPDATE {table} SET {values} WHERE appraisal_id IS NOT NULL")
        for draft in connection.execute(sa.select(DRAFTS).where(DRAFTS.c.handed_in_at.is_(None))).all():
            if (content := without_presets(draft.content)) != draft.content:
                changed = sa.update(DRAFTS).where(DRAFTS.c.id == draft.id)
                connection.execute(changed.values(content=content))


def downgrade() -> None:
    pass  # the columns go with the migration before


def without_presets(content: Mapping[str, str]) -> dict[str, str]:
    """Return a draft without the answers that change no level and have no reason: the form had preset them."""
    preset = {name for name in DOMAINS if content.get(name) == "0" and not content.get(f"{name}_reason")}
    return {name: value for name, value in content.items() if name not in preset}


def derived(seen: Iterable[tuple[int, Mapping[str, Any]]]) -> str:
    """Return the conclusion that the findings of an appraisal, each with its study, suggest.

    This is the rule of the program at the time of this migration: of the conclusive independent groups, at least three
    quarters agree. A group counts once, and for no direction if its reports contradict each other.
    """
    known = list(seen)
    group_of = groups((study, f.get("version_of_id"), f.get("group_id")) for study, f in known)
    directions: dict[str, set[str]] = defaultdict(set)
    for study, finding in known:
        if finding.get("direction") in ("supports", "contradicts", "null"):
            directions[group_of[study]].add(finding["direction"])
    counted = Counter(next(iter(found)) if len(found) == 1 else "divided" for found in directions.values())
    if not counted:
        return "undecided"
    for direction, conclusion in (
        ("supports", "supported"),
        ("contradicts", "contradicted"),
        ("null", "no_effect"),
    ):
        if counted[direction] * 4 >= counted.total() * 3:
            return conclusion
    return "mixed"


def groups(reports: Iterable[tuple[int, int | None, int | None]]) -> dict[int, str]:
    """Return the independent group of each report, given as its number, its published version and its study group."""
    known = sorted(reports, key=lambda report: (report[1] is not None, report[2] or 0))
    found: dict[int, int | None] = {}
    for study_id, version_of_id, group_id in known:
        study = version_of_id or study_id
        found[study] = found.get(study) or group_id
    return {
        study_id: f"group {found[study]}" if found[study] else f"study {study}"
        for study_id, version_of_id, _ in known
        for study in (version_of_id or study_id,)
    }
