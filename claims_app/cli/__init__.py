"""The commands, one module for each group; `claims` is the same as `flask --app claims_app`."""

import sys
from typing import NoReturn

import click
from flask import Flask
from flask.cli import FlaskGroup

from claims_app.cli import check, database, export, seed, up, users


def register(app: Flask) -> None:
    """Give `app` its commands."""
    for command in (up.up, database.db, seed.seed, users.user, export.export, check.check):
        app.cli.add_command(command)


def main() -> None:
    """Run the console script `claims`."""
    from claims_app import create_app
    from config import BadSetting

    def refuse(sentence: str) -> NoReturn:
        click.echo(f"Error: {sentence}", err=True)
        sys.exit(1)

    def load() -> Flask:
        try:
            return create_app()
        except BadSetting as error:
            refuse(str(error))
        except OSError as error:
            refuse(f"{error.filename} cannot be written: {error.strerror}. Start in a folder of your own.")

    FlaskGroup(
        name="claims",
        create_app=load,
        add_default_commands=False,
        add_version_option=False,
        help="A database of research claims, their evidence and their history.",
    )()
