"""Version 11 of the triggers: a quote that was found in a text that is not kept moves the data number."""

from claims_app.triggers import v6, v10

TRIGGERS = v10.TRIGGERS.with_rules(*v6.moving("quote_verifications"))
TABLES = ("quote_verifications",)
"""The tables whose triggers differ from those of the version before."""
