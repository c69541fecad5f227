"""The console script `claims`; `python -m claims_app` is the same."""

import sys
from typing import NoReturn

import click
from flask import Flask
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import ArgumentError

from claims_app import create_core
from claims_app.cli import COMMANDS


def main() -> None:
    """Run the console script `claims`.

    The application is created only when a command needs it, so `--help` has no side effects.
    """
    group = AppGroup("claims", help="A database of research claims, their evidence and their history.")
    for command in COMMANDS:
        group.add_command(command)
    group.main(obj=ScriptInfo(create_app=_load))


def _load() -> Flask:
    from claims_app.config import BadSetting

    try:
        return create_core()
    except BadSetting as error:
        _refuse(str(error))
    except (ArgumentError, ValueError) as error:
        _refuse(f"DATABASE_URL is not valid: {error}.")
    except OSError as error:
        _refuse(
            f"Cannot write to {error.filename}: {error.strerror}. Run the command in a folder that you own."
        )


def _refuse(sentence: str) -> NoReturn:
    click.echo(f"Error: {sentence}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
