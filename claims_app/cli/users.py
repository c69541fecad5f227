"""`claims user`: accounts."""

import sys

import click
from flask.cli import with_appcontext

from claims_app.cli.support import by_command, database, refuses, settings
from claims_app.services.accounts import resets, users
from claims_app.vocabulary import Role


@click.group()
def user() -> None:
    """Add, list, change and disable accounts."""


def _password() -> str:
    """Return the password: asked for twice at a terminal, else the first line of what is piped in."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(Role.values()), required=True, help="What the account may do.")
@click.option("--email", default="", help="Where links for a new password are mailed to.")
@with_appcontext
@refuses
def add(name: str, role: str, email: str) -> None:
    """Add an account called NAME. The password is asked for, or read from a pipe."""
    password = _password()
    with database().writing(by_command(f"Added the account {name}.")) as session:
        added = users.add_user(session, name, Role.of(role), password, email)
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


@user.command()
@click.argument("name")
@with_appcontext
@refuses
def enable(name: str) -> None:
    """Open the account NAME again."""
    with database().writing(by_command(f"Enabled the account {name}.")) as session:
        account = users.enable_user(session, name)
    click.echo(f"Enabled {account.username}. Its API tokens stay revoked.")


@user.command("set-role")
@click.argument("name")
@click.argument("role", type=click.Choice(Role.values()))
@with_appcontext
@refuses
def set_role(name: str, role: str) -> None:
    """Give the account NAME another ROLE and sign it out everywhere."""
    with database().writing(by_command(f"Made {name} {role}.")) as session:
        account = users.set_role(session, name, Role.of(role))
    click.echo(f"{account.username} is {account.role} now.")


@user.command()
@click.argument("name")
@with_appcontext
@refuses
def reset(name: str) -> None:
    """Print a link by which the owner of the account NAME chooses a new password, once."""
    with database().writing(by_command(f"Gave out a link for a new password of {name}.")) as session:
        secret = resets.give_out(session, users.find_user(session, name))
    click.echo(settings().base_url + resets.path_of(secret))
    click.echo(f"It works once, within {resets.HOURS} hours. Whoever has it chooses the password.", err=True)


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
