"""`claims user`: accounts."""

import sys

import click
from flask.cli import with_appcontext

from claims_app.cli.support import by_command, database, refuses
from claims_app.services import users
from claims_app.vocabulary import Role


@click.group()
def user() -> None:
    """Add, list and disable accounts."""


def _password() -> str:
    """Return the password: asked for twice at a terminal, else the first line of what is piped in."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(Role.values()), required=True, help="What the account may do.")
@with_appcontext
@refuses
def add(name: str, role: str) -> None:
    """Add an account called NAME. The password is asked for, or read from a pipe."""
    password = _password()
    with database().writing(by_command(f"Added the account {name}.")) as session:
        added = users.add_user(session, name, Role.of(role), password)
    click.echo(f"Added {added.username} as {added.role}.")


@user.command("list")
@with_appcontext
@refuses
def list_() -> None:
    """List all accounts."""
    with database().reading() as session:
        for account in users.list_users(session):
            state = "" if account.is_active else "  (disabled)"
            click.echo(f"{account.username}  {account.role}{state}")


@user.command()
@click.argument("name")
@with_appcontext
@refuses
def disable(name: str) -> None:
    """Close the account NAME and sign it out everywhere. What it did stays in the history."""
    with database().writing(by_command(f"Disabled the account {name}.")) as session:
        account = users.disable_user(session, name)
    click.echo(f"Disabled {account.username}.")


@user.command("set-password")
@click.argument("name")
@with_appcontext
@refuses
def set_password(name: str) -> None:
    """Give the account NAME a new password and sign it out everywhere."""
    password = _password()
    with database().writing(by_command(f"Set the password of {name}.")) as session:
        account = users.set_password(session, name, password)
    click.echo(f"Set the password of {account.username}.")
