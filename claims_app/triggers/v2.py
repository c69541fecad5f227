"""Version 2 of the triggers: evidence that is added or changed says something that others can check.

The same rules as in `rules/schemas/statements.py`. A CHECK would refuse older items, which say nothing but a direction.
They stay as they are; a trigger refuses new ones, and a change that makes one, or that gives one another direction.
"""

import dataclasses

from claims_app.triggers import v1
from claims_app.triggers.trigger import Trigger

_NUMBERS = ("ci_low", "n_cases", "n_controls", "n_animals", "n_donors")
_SAYS_NOTHING = "Evidence needs a summary, a quote or a number."
_NULL_SAYS_NOTHING = (
    "A null finding needs a summary, and a number of people, animals or donors or an interval."
)


def _any(row: str, *names: str) -> str:
    return "(" + " OR ".join(f"{row}.{name} IS NOT NULL" for name in names) + ")"


def _says_something(row: str) -> str:
    return _any(row, "summary", "quote", "effect_value", *_NUMBERS)


def _null_is_explained(row: str) -> str:
    return f"({row}.direction <> 'null' OR ({row}.summary IS NOT NULL AND {_any(row, *_NUMBERS)}))"


def _becomes_worse(old: str, new: str) -> str:
    return f"NOT {new} AND ({old} OR NEW.direction <> OLD.direction)"


TRIGGERS = dataclasses.replace(
    v1.TRIGGERS,
    rules=(
        *v1.TRIGGERS.rules,
        Trigger(
            "new_evidence_says_something",
            "evidence_items",
            "BEFORE INSERT",
            when=f"NOT {_says_something('NEW')}",
            refusal=_SAYS_NOTHING,
        ),
        Trigger(
            "changed_evidence_says_something",
            "evidence_items",
            "BEFORE UPDATE",
            when=_becomes_worse(_says_something("OLD"), _says_something("NEW")),
            refusal=_SAYS_NOTHING,
        ),
        Trigger(
            "new_null_evidence_is_explained",
            "evidence_items",
            "BEFORE INSERT",
            when=f"NOT {_null_is_explained('NEW')}",
            refusal=_NULL_SAYS_NOTHING,
        ),
        Trigger(
            "changed_null_evidence_is_explained",
            "evidence_items",
            "BEFORE UPDATE",
            when=_becomes_worse(_null_is_explained("OLD"), _null_is_explained("NEW")),
            refusal=_NULL_SAYS_NOTHING,
        ),
    ),
)
