"""Version 12 of the triggers: topics form a hierarchy of at most three levels, without circles.

The facets count a claim under its topics and under all broader ones, so a topic that moves also moves the summaries of
the claims on narrower topics.
"""

from claims_app.triggers import v11
from claims_app.triggers.trigger import Trigger

_HAS_PARENT = "NEW.parent_id IS NOT NULL"

# Four topics in a row, one below the other, are a level too many. A circle never ends, so it contains such a row, too.
_TOO_DEEP = """NEW.parent_id IS NOT NULL AND EXISTS (
  SELECT 1 FROM topics AS first
    JOIN topics AS second ON second.id = first.parent_id
    JOIN topics AS third ON third.id = second.parent_id
    JOIN topics AS fourth ON fourth.id = third.parent_id
  WHERE NEW.id IN (first.id, second.id, third.id, fourth.id))"""

_ONE_AT_A_TIME = "PERFORM pg_advisory_xact_lock(7403110522)"
"""Two moves that are each allowed may together be a circle. The number belongs to nothing else."""

_OF_TOPIC = """IN (
    SELECT claim_id FROM claim_topics WHERE topic_id IN (
      SELECT id FROM topics WHERE id = NEW.id OR parent_id = NEW.id
        OR parent_id IN (SELECT id FROM topics WHERE parent_id = NEW.id)))"""

RULES: tuple[Trigger, ...] = (
    *(
        Trigger(f"a_lock_of_{name}_topic_levels", "topics", timing, when=_HAS_PARENT, locks=(_ONE_AT_A_TIME,))
        for name, timing in (("new", "BEFORE INSERT"), ("changed", "BEFORE UPDATE OF parent_id"))
    ),
    *(
        Trigger(
            f"topic_levels_of_{name}",
            "topics",
            timing,
            when=_TOO_DEEP,
            refusal="topics have at most three levels, and none is broader than itself",
        )
        for name, timing in (("insert", "AFTER INSERT"), ("update", "AFTER UPDATE OF parent_id"))
    ),
    Trigger(
        "changed_topic_moves_summaries",
        "topics",
        "AFTER UPDATE OF name, slug, parent_id",
        action=f"UPDATE claim_summaries SET changed = :changed WHERE claim_id {_OF_TOPIC}",
    ),
    Trigger(
        "a_lock_for_update_of_topics",
        "topics",
        "BEFORE UPDATE OF name, slug, parent_id",
        locks=(f"PERFORM 1 FROM claims WHERE id {_OF_TOPIC} ORDER BY id FOR NO KEY UPDATE",),
    ),
)

TRIGGERS = v11.TRIGGERS.with_columns("topics", "parent_id").with_rules(*RULES)
TABLES = ("topics",)
"""The tables whose triggers differ from those of the version before."""
