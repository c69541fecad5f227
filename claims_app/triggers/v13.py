"""Version 13 of the triggers: releases never change, and a new one moves the data number."""

from claims_app.triggers import v6, v12
from claims_app.triggers.trigger import Trigger

_KEPT = "A release never changes. Make another one."

RULES: tuple[Trigger, ...] = (
    Trigger("releases_are_not_changed", "releases", "BEFORE UPDATE", refusal=_KEPT),
    Trigger("releases_are_not_deleted", "releases", "BEFORE DELETE", refusal=_KEPT),
    Trigger(
        "releases_are_not_replaced",
        "releases",
        "BEFORE INSERT",
        when="EXISTS (SELECT 1 FROM releases WHERE id = NEW.id OR version = NEW.version)",
        refusal=_KEPT,
    ),
    Trigger("releases_are_not_emptied", "releases", "BEFORE TRUNCATE", refusal=_KEPT),
    *v6.moving("releases"),
)

TRIGGERS = v12.TRIGGERS.with_rules(*RULES)
TABLES = ("releases",)
"""The tables whose triggers differ from those of the version before."""
