"""Fill the versions from the records and, as far as it tells, from their history.

Revision ID: 5b02d8e3f4a5
Revises: 5a01c7d2e3f4
Create Date: 2026-11-23 15:41:00+00:00
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "5b02d8e3f4a5"
down_revision = "5a01c7d2e3f4"
branch_labels = None
depends_on = None

RECORDS = {
    "claims": "claim",
    "studies": "study",
    "evidence_items": "evidence",
    "limitations": "limitation",
    "appraisals": "appraisal",
    "study_texts": "study_text",
    "topics": "topic",
    "study_groups": "study_group",
    "proposals": "proposal",
}
"""Tables of records, and what the history calls them."""

LISTS = {
    "claims": ("topics", "claim_topics", "claim_id", "topic_id"),
    "studies": ("species", "study_species", "study_id", "species"),
}
"""Lists that the history tells with a record: their name, their table, its column for the record and for the item."""

BLANKED = {("study_texts", "content")}
"""Columns of which only is kept whether they are empty."""

# Changed, deleted, or appraised: not always as it is now.
CHANGED = (
    """SELECT record_id FROM revisions WHERE record_type = '{type}' GROUP BY record_id HAVING count(*) > 1"""
)
CHANGED_CLAIMS = f"{CHANGED} UNION SELECT claim_id FROM appraisals"

TAKE_UNCHANGED = """INSERT INTO {table}_versions ({names}, valid_from)
  SELECT {values}, COALESCE((
    SELECT max(changed_at) FROM revisions WHERE record_type = '{type}' AND record_id = {table}.id), updated_at)
  FROM {table} WHERE id NOT IN ({changed})"""

TAKE_UNCHANGED_LIST = """INSERT INTO {table}_versions ({record}, {item}, valid_from)
  SELECT {record}, {item}, (SELECT min(valid_from) FROM {of}_versions WHERE id = {record})
  FROM {table} WHERE {record} NOT IN ({changed})"""

AT_ONCE = 500

Values = dict[str, Any]
State = tuple[datetime.datetime, Values | None, Mapping[str, frozenset[str]]]
"""From when on a record was so, what its row said (None: it was not there), and its lists."""


def upgrade() -> None:
    connection = op.get_bind()
    for table in (*RECORDS, *(table for _, table, _, _ in LISTS.values())):
        op.execute(f"DELETE FROM {table}_versions")
    tables = sa.MetaData()
    tables.reflect(connection)
    for reflected in tables.tables.values():
        for column in reflected.columns:
            if isinstance(column.type, sa.JSON):
                column.type = sa.JSON(none_as_null=True)
    for name, record_type in RECORDS.items():
        changed = (CHANGED_CLAIMS if name == "claims" else CHANGED).format(type=record_type)
        columns = tables.tables[name].columns.keys()
        connection.execute(
            sa.text(
                TAKE_UNCHANGED.format(
                    table=name,
                    names=", ".join(columns),
                    values=", ".join(kept(name, column) for column in columns),
                    type=record_type,
                    changed=changed,
                )
            )
        )
        if name in LISTS:
            _, table_of_list, record, item = LISTS[name]
            connection.execute(
                sa.text(
                    TAKE_UNCHANGED_LIST.format(
                        table=table_of_list, record=record, item=item, of=name, changed=changed
                    )
                )
            )
        numbers = connection.scalars(sa.text(f"{changed} ORDER BY 1")).all()
        for begin in range(0, len(numbers), AT_ONCE):
            take_changed(tables, name, numbers[begin : begin + AT_ONCE])


def downgrade() -> None:
    """Leave them: their tables go with the step before."""


def kept(table: str, column: str) -> str:
    """Return what is kept of a column."""
    return f"CASE WHEN {column} IS NULL THEN NULL ELSE '' END" if (table, column) in BLANKED else column


def take_changed(tables: sa.MetaData, name: str, numbers: Sequence[int]) -> None:
    """Take the records with these numbers, each with all that it was before."""
    connection = op.get_bind()
    table = tables.tables[name]
    rows = {
        row["id"]: dict(row)
        for row in connection.execute(sa.select(table).where(table.c.id.in_(numbers))).mappings()
    }
    revisions = tables.tables["revisions"]
    histories: dict[int, list[Any]] = defaultdict(list)
    for revision_ in connection.execute(
        sa.select(revisions)
        .where(revisions.c.record_type == RECORDS[name], revisions.c.record_id.in_(numbers))
        .order_by(revisions.c.version)
    ):
        histories[revision_.record_id].append(revision_)
    lists = lists_of_today(tables, name, numbers)
    appraisals = appraisals_of(tables, numbers) if name == "claims" else {}
    items = topics_by_slug(tables) if name == "claims" else {}
    versions: list[Values] = []
    parts: list[Values] = []
    for number in numbers:
        states = list(states_of(table, rows.get(number), histories[number], lists[number]))
        if name == "claims":
            states = with_levels(states, appraisals.get(number, []), rows.get(number))
        periods = list(periods_of(states))
        versions += [{**values, **period} for period, values, _ in periods]
        if name in LISTS:
            _, _, record, item = LISTS[name]
            for thing, period in periods_of_items(periods, LISTS[name][0]):
                if (value := items.get(thing) if name == "claims" else thing) is not None:
                    parts.append({record: number, item: value, **period})
    for blanked in (column for of, column in BLANKED if of == name):
        for version in versions:
            version[blanked] = None if version[blanked] is None else ""
    if versions:
        connection.execute(sa.insert(tables.tables[f"{name}_versions"]), versions)
    if parts:
        connection.execute(sa.insert(tables.tables[f"{LISTS[name][1]}_versions"]), parts)


def states_of(
    table: sa.Table, row: Values | None, history: Sequence[Any], lists: Mapping[str, frozenset[str]]
) -> Iterator[State]:
    """Yield the states of a record, the oldest first: the history is walked back from the row of today."""
    made_at = row["created_at"] if row else history[0].changed_at
    steps: list[tuple[Any, Values | None, Mapping[str, frozenset[str]]]] = []
    after = row
    for step in reversed(history):
        if step.action == "delete":
            after = None
        steps.append((step, after, lists))
        if step.action in ("create", "restore"):
            after, lists = None, {}
            continue
        after = dict(after) if after is not None else blank(table)
        after |= {"id": step.record_id, "created_at": made_at}
        for field, (before, _) in step.changes.items():
            if field in table.columns:
                after[field] = typed(table.columns[field], before)
            elif isinstance(before, list):
                lists = {**lists, field: frozenset(before)}
    if after is not None:  # the history does not tell how it began
        yield made_at, {**after, "version": history[0].version - 1 if history else row["version"]}, lists
    added_by = None
    for step, values, lists_then in reversed(steps):
        if step.action in ("create", "restore"):
            added_by = step.actor_id
        if values is not None and values is not row:
            values = {**values, "version": step.version, "updated_at": step.changed_at}
            if "added_by_id" in values:
                values["added_by_id"] = added_by
        yield step.changed_at, values, lists_then


def blank(table: sa.Table) -> Values:
    """Return what a row says before the history says anything of it."""
    values = {}
    for column in table.columns:
        default = getattr(column.server_default, "arg", None)
        values[column.name] = None if default is None else str(default).split("::")[0].strip("'")
    return values | ({"evidence_level": "not_assessed"} if "evidence_level" in values else {})


def typed(column: sa.Column[Any], value: Any) -> Any:
    """Return a value of the history as its column has it."""
    if isinstance(value, str) and isinstance(column.type, sa.DateTime):
        return as_stored(datetime.datetime.fromisoformat(value))
    if isinstance(value, str) and isinstance(column.type, sa.Date):
        return datetime.date.fromisoformat(value)
    return value


def as_stored(moment: datetime.datetime) -> datetime.datetime:
    """Return a moment as the database gives it: SQLite has no time zones."""
    moment = moment.astimezone(datetime.UTC)
    return moment.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else moment


def with_levels(states: Sequence[State], appraisals: Sequence[Any], row: Values | None) -> list[State]:
    """Return the states of a claim, each with the level of the newest appraisal of that time.

    From when on evidence was another than an appraisal saw is known of the newest one alone, and when all
    evidence of a claim went, of none: its level is taken from it with the last change of the claim.
    """
    if not appraisals:
        return list(states)
    stale_since = row["stale_since"] if row else None
    moments = {moment for moment, _, _ in states} | {appraisal.created_at for appraisal in appraisals}
    if stale_since is not None:
        moments.add(stale_since)
    found: list[State] = []
    for moment in sorted(moments):
        values, lists = next(
            ((values, lists) for since, values, lists in reversed(states) if since <= moment), (None, {})
        )
        newest = next((a for a in reversed(appraisals) if a.created_at <= moment), None)
        if values is not None:
            values = {
                **values,
                "appraisal_id": newest.id if newest else None,
                "evidence_level": newest.level if newest else "not_assessed",
                "stale_since": stale_since if stale_since is not None and stale_since <= moment else None,
            }
        found.append((moment, values, lists))
    if row is not None and found:
        found[-1] = (found[-1][0], row, found[-1][2])
    return found


def periods_of(states: Iterable[State]) -> Iterator[tuple[Values, Values, Mapping[str, frozenset[str]]]]:
    """Yield from when to when a record was so, its row, and its lists."""
    ordered: list[State] = []
    for moment, values, lists in states:
        if ordered and moment <= ordered[-1][0]:
            ordered[-1] = (ordered[-1][0], values, lists)
        else:
            ordered.append((moment, values, lists))
    for position, (moment, values, lists) in enumerate(ordered):
        until = ordered[position + 1][0] if position + 1 < len(ordered) else None
        if values is not None:
            yield {"valid_from": moment, "valid_to": until}, values, lists


def periods_of_items(
    periods: Iterable[tuple[Values, Values, Mapping[str, frozenset[str]]]], name: str
) -> Iterator[tuple[str, Values]]:
    """Yield each item of the list `name`, and from when to when it was in it without a break."""
    running: dict[str, Values] = {}
    for period, _, lists in periods:
        there = lists.get(name, frozenset())
        for item in list(running):
            if item not in there or running[item]["valid_to"] != period["valid_from"]:
                yield item, running.pop(item)
        for item in sorted(there):
            running.setdefault(item, {"valid_from": period["valid_from"]})["valid_to"] = period["valid_to"]
    yield from running.items()


def lists_of_today(
    tables: sa.MetaData, name: str, numbers: Sequence[int]
) -> dict[int, Mapping[str, frozenset[str]]]:
    """Return the lists of records as the history names their items."""
    there: dict[int, set[str]] = defaultdict(set)
    if name not in LISTS:
        return defaultdict(dict)
    label, table_of_list, record, item = LISTS[name]
    table = tables.tables[table_of_list]
    items = {number: slug for slug, number in topics_by_slug(tables, today=True).items()}
    for number, value in op.get_bind().execute(
        sa.select(table.c[record], table.c[item]).where(table.c[record].in_(numbers))
    ):
        there[number].add(items[value] if name == "claims" else value)
    return defaultdict(dict, {number: {label: frozenset(found)} for number, found in there.items()})


def topics_by_slug(tables: sa.MetaData, *, today: bool = False) -> dict[str, int]:
    """Return the topics by their short names; unless only those of `today`, the ones that they once had, too."""
    known: dict[str, int] = {}
    revisions = tables.tables["revisions"]
    if not today:
        for number, changes in op.get_bind().execute(
            sa.select(revisions.c.record_id, revisions.c.changes)
            .where(revisions.c.record_type == "topic")
            .order_by(revisions.c.id)
        ):
            for slug in changes.get("slug", ()):
                if slug is not None:
                    known[slug] = number
    topics = tables.tables["topics"]
    return known | {
        slug: number for number, slug in op.get_bind().execute(sa.select(topics.c.id, topics.c.slug))
    }


def appraisals_of(tables: sa.MetaData, numbers: Sequence[int]) -> dict[int, list[Any]]:
    """Return the appraisals that gave claims their level, the oldest first."""
    appraisals = tables.tables["appraisals"]
    found: dict[int, list[Any]] = defaultdict(list)
    for appraisal in op.get_bind().execute(
        sa.select(appraisals.c.claim_id, appraisals.c.id, appraisals.c.level, appraisals.c.created_at)
        .where(appraisals.c.claim_id.in_(numbers), appraisals.c.stage != "independent")
        .order_by(appraisals.c.id)
    ):
        found[appraisal.claim_id].append(appraisal)
    return found
