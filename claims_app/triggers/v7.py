"""Version 7 of the triggers: `claim_summaries` has what lists show of each claim beside its own columns.

A summary is kept in the same transaction as the change, however a row is written. `changed` moves whenever anything
changes that lists, facets or search know of the claim. It is empty of meaning but for its order: on SQLite it counts
up; on PostgreSQL it is the number of the transaction, so that a reader that has seen all that was committed before the
oldest running transaction finds the rest by comparing.

The counts are those of `rules.counting.balance`. The summary of a deleted claim stays, so that readers see that it
changed.

The locks of version 3 grow: a change that moves summaries first locks their claims, in the order of their numbers.
"""

import dataclasses

from claims_app.triggers import v6
from claims_app.triggers.trigger import Trigger

COUNTS = (
    "n_supports",
    "n_contradicts",
    "n_null",
    "n_inconclusive",
    "n_reports",
    "n_studies",
    "n_groups",
    "newest_year",
    "group_supports",
    "group_contradicts",
    "group_null",
    "group_inconclusive",
    "group_divided",
)
"""The columns of a summary that count the evidence, in the order of `_COUNTED`."""

_COUNTS_NOT = "('retracted', 'retracted_and_replaced', 'withdrawn')"

_DIRECTIONS = ("supports", "contradicts", "null", "inconclusive")

# One row for each counted evidence item of the claim, with its group: that of the published version, if it has one.
_ITEMS = f"""
      SELECT item.direction, item.study_id AS report, study.year,
        COALESCE(study.version_of_id, study.id) AS study, COALESCE(published.group_id, study.group_id) AS study_group
      FROM evidence_items AS item
      JOIN studies AS study ON study.id = item.study_id
      LEFT JOIN studies AS published ON published.id = study.version_of_id
      WHERE item.claim_id = {{claim}} AND item.review_state = 'accepted'
        AND study.standing NOT IN {_COUNTS_NOT}
        AND (published.id IS NULL OR published.standing NOT IN {_COUNTS_NOT})"""

_SUMS = ", ".join(
    f"SUM(CASE WHEN direction = '{direction}' THEN 1 ELSE 0 END) AS n_{direction}"
    for direction in _DIRECTIONS
)
_SUMS_OF_SUMS = ", ".join(f"SUM(n_{direction}) AS n_{direction}" for direction in _DIRECTIONS)

# One row for each study: a preprint and its published version are one.
_STUDIES = f"""
    SELECT study, MIN(study_group) AS study_group, MAX(year) AS year, COUNT(DISTINCT report) AS reports, {_SUMS}
    FROM ({_ITEMS}) AS items
    GROUP BY study"""

# One row for each independent group; a study without a group is one.
_GROUPS = f"""
  SELECT MAX(year) AS year, SUM(reports) AS reports, COUNT(*) AS studies, {_SUMS_OF_SUMS}
  FROM ({_STUDIES}) AS studies
  GROUP BY COALESCE(study_group, -study)"""

_DECIDED = f"({' + '.join(f'(CASE WHEN n_{one} > 0 THEN 1 ELSE 0 END)' for one in _DIRECTIONS[:3])})"
"""How many different directions a group has; inconclusive reports do not change the direction of the others."""


def _groups_where(condition: str) -> str:
    return f"COALESCE(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END), 0)"


_COUNTED = f"""(
  SELECT {", ".join(f"COALESCE(SUM(n_{direction}), 0)" for direction in _DIRECTIONS)},
    COALESCE(SUM(reports), 0), COALESCE(SUM(studies), 0), COUNT(*), MAX(year),
    {", ".join(_groups_where(f"{_DECIDED} = 1 AND n_{direction} > 0") for direction in _DIRECTIONS[:3])},
    {_groups_where(f"{_DECIDED} = 0")}, {_groups_where(f"{_DECIDED} > 1")}
  FROM ({_GROUPS}) AS independent)"""

_LIMITATIONS = """(
  SELECT COUNT(*) FROM limitations
  WHERE limitations.claim_id = {claim} AND limitations.review_state <> 'rejected')"""

_SUMMARY_OF = "claim_summaries.claim_id"


def recounted(claims: str, changed: str = ":changed") -> str:
    """Return the statement that counts again for the claims whose numbers meet the condition `claims`."""
    return (
        f"UPDATE claim_summaries SET changed = {changed},\n"
        f"  n_limitations = {_LIMITATIONS.format(claim=_SUMMARY_OF)},\n"
        f"  ({', '.join(COUNTS)}) = {_COUNTED.format(claim=_SUMMARY_OF)}\n"
        f"WHERE claim_id {claims}"
    )


def added(claims: str, changed: str = ":changed") -> str:
    """Return the statement that adds the missing summaries of claims; `claims` is a query for their numbers."""
    return (
        f"INSERT INTO claim_summaries (claim_id, changed) SELECT id, {changed} FROM ({claims}) AS added\n"
        "  WHERE NOT EXISTS (SELECT 1 FROM claim_summaries WHERE claim_id = added.id)"
    )


def _touched(claims: str) -> str:
    return f"UPDATE claim_summaries SET changed = :changed WHERE claim_id {claims}"


_OF_STUDY = """IN (
    SELECT item.claim_id FROM evidence_items AS item JOIN studies AS study ON study.id = item.study_id
    WHERE study.id = NEW.id OR study.version_of_id = NEW.id)"""
_OF_SPECIES = "IN (SELECT claim_id FROM evidence_items WHERE study_id = {row}.study_id)"
_OF_TOPIC = "IN (SELECT claim_id FROM claim_topics WHERE topic_id = NEW.id)"
_OF_LIMITATION = "IN ({row}.claim_id, (SELECT claim_id FROM evidence_items WHERE id = {row}.evidence_id))"
_COUNTED_OF_STUDY = "standing, year, group_id, version_of_id"
_SHOWN_OF_STUDY = (
    "title, authors, journal, doi, pmid, pmcid, design, publication_state, review_state, merged_into_id"
)

SUMMARIES: tuple[Trigger, ...] = (
    Trigger(
        "new_claim_has_summary",
        "claims",
        "AFTER INSERT",
        action=f"{added('SELECT NEW.id AS id')};\n  {_touched('= NEW.id')}",
    ),
    Trigger("changed_claim_moves_summary", "claims", "AFTER UPDATE", action=_touched("= NEW.id")),
    Trigger("deleted_claim_moves_summary", "claims", "AFTER DELETE", action=_touched("= OLD.id")),
    Trigger("new_evidence_counts", "evidence_items", "AFTER INSERT", action=recounted("= NEW.claim_id")),
    Trigger(
        "changed_evidence_counts",
        "evidence_items",
        "AFTER UPDATE",
        action=recounted("IN (OLD.claim_id, NEW.claim_id)"),
    ),
    Trigger("deleted_evidence_counts", "evidence_items", "AFTER DELETE", action=recounted("= OLD.claim_id")),
    Trigger(
        "changed_study_counts",
        "studies",
        f"AFTER UPDATE OF {_COUNTED_OF_STUDY}",
        action=recounted(_OF_STUDY),
    ),
    Trigger(
        "changed_study_moves_summaries",
        "studies",
        f"AFTER UPDATE OF {_SHOWN_OF_STUDY}",
        action=_touched(_OF_STUDY),
    ),
    *(
        Trigger(
            f"{event.lower()}_of_{table}_moves_summaries", table, f"AFTER {event}", action=_touched(claims)
        )
        for table, event, claims in (
            ("study_species", "INSERT", _OF_SPECIES.format(row="NEW")),
            ("study_species", "DELETE", _OF_SPECIES.format(row="OLD")),
            ("claim_topics", "INSERT", "= NEW.claim_id"),
            ("claim_topics", "DELETE", "= OLD.claim_id"),
        )
    ),
    Trigger(
        "changed_topic_moves_summaries", "topics", "AFTER UPDATE OF name, slug", action=_touched(_OF_TOPIC)
    ),
    Trigger(
        "new_limitation_counts",
        "limitations",
        "AFTER INSERT",
        action=recounted(_OF_LIMITATION.format(row="NEW")),
    ),
    Trigger(
        "changed_limitation_counts",
        "limitations",
        "AFTER UPDATE",
        action=f"{recounted(_OF_LIMITATION.format(row='OLD'))};\n  {recounted(_OF_LIMITATION.format(row='NEW'))}",
    ),
    Trigger(
        "deleted_limitation_counts",
        "limitations",
        "AFTER DELETE",
        action=recounted(_OF_LIMITATION.format(row="OLD")),
    ),
)

_CLAIMS = "PERFORM 1 FROM claims WHERE id {} ORDER BY id FOR NO KEY UPDATE"

LOCKS: tuple[Trigger, ...] = (
    # Any change of a study, since each moves the summaries of its claims.
    dataclasses.replace(
        v6.TRIGGERS.rule("a_lock_of_studies"),
        timing=f"BEFORE UPDATE OF {_COUNTED_OF_STUDY}, {_SHOWN_OF_STUDY}",
        when=None,
    ),
    *(
        Trigger(f"a_lock_for_{event.split()[0].lower()}_of_{table}", table, f"BEFORE {event}", locks=locks)
        for table, event, locks in (
            ("study_species", "INSERT", (_CLAIMS.format(_OF_SPECIES.format(row="NEW")),)),
            ("study_species", "DELETE", (_CLAIMS.format(_OF_SPECIES.format(row="OLD")),)),
            ("claim_topics", "INSERT", (_CLAIMS.format("= NEW.claim_id"),)),
            ("claim_topics", "DELETE", (_CLAIMS.format("= OLD.claim_id"),)),
            ("topics", "UPDATE OF name, slug", (_CLAIMS.format(_OF_TOPIC),)),
            ("limitations", "INSERT", (_CLAIMS.format(_OF_LIMITATION.format(row="NEW")),)),
            ("limitations", "UPDATE", (_CLAIMS.format(_OF_LIMITATION.format(row="NEW")),)),
            ("limitations", "DELETE", (_CLAIMS.format(_OF_LIMITATION.format(row="OLD")),)),
        )
    ),
)

TRIGGERS = v6.TRIGGERS.with_rules(*LOCKS, *SUMMARIES)
TABLES = tuple({trigger.table: None for trigger in (*LOCKS, *SUMMARIES)})
"""The tables whose triggers differ from those of the version before."""
