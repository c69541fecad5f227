"""The commands, one module per group; `claims` is the same as `flask --app claims_app`."""

import click
from flask import Flask

from claims_app.cli import (
    backup,
    check,
    check_quotes,
    database,
    export,
    importing,
    mcp,
    release,
    seed,
    tokens,
    up,
    users,
    watch,
    webhooks,
)

COMMANDS: tuple[click.Command, ...] = (
    up.up,
    database.db,
    seed.seed,
    users.user,
    tokens.token,
    export.export,
    importing.import_,
    release.release,
    watch.watch,
    webhooks.webhooks,
    mcp.mcp,
    backup.backup,
    backup.restore,
    check.check,
    check_quotes.check_quotes,
)


def register(app: Flask) -> None:
    """Register the commands with `app`."""
    for command in COMMANDS:
        app.cli.add_command(command)
