"""What the commands share: the database, the settings, and errors as a sentence with exit status 1."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from claims_app.config import Settings
from claims_app.database import Change, Database
from claims_app.services.core.errors import Invalid, ServiceError
from claims_app.services.system.schema import SchemaError
from claims_app.services.system.seeding import SeedError
from claims_app.vocabulary import Via

P = ParamSpec("P")
T = TypeVar("T")


def database() -> Database:
    """Return the database of the application."""
    return cast(Database, current_app.extensions["claims_database"])


def settings() -> Settings:
    """Return the settings of the application."""
    return cast(Settings, current_app.extensions["claims_settings"])


def as_typed(arguments: str) -> str:
    """Return a command as the user would type it, even if `claims` is not on the PATH."""
    program = Path(sys.argv[0])
    return f"{program if program.stem == 'claims' else 'flask --app claims_app'} {arguments}"


def by_command(summary: str) -> Change:
    """Return the change that a command makes."""
    return Change(via=Via.COMMAND, summary=summary)


def refuses(command: Callable[P, T]) -> Callable[P, T]:
    """Make a command print errors to standard error and exit with status 1."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        click.get_current_context().call_on_close(database().close)
        try:
            return command(*args, **kwargs)
        except Invalid as refused:
            sentences = (sentence for sentences in refused.errors.values() for sentence in sentences)
            raise click.ClickException(" ".join(sentences)) from None
        except (ServiceError, SeedError, SchemaError) as refused:
            raise click.ClickException(str(refused)) from None
        except SQLAlchemyError as error:
            raise click.ClickException(f"Database error: {explain(error)}") from None
        except OSError as error:
            raise click.ClickException(
                f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
            ) from None

    return wrapped


def explain(error: SQLAlchemyError) -> str:
    """Return a database error in one line, without SQL."""
    reason = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
    if "unable to open database file" in reason or "readonly database" in reason:
        return f"{reason}. Check that the folder {settings().instance} is writable."
    if "no such table" in reason or "does not exist" in reason:
        return f"{reason}. Run “claims db upgrade” first."
    return reason
