"""`claims user`: manages accounts."""

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
    """Return the password: prompted for twice at a terminal, otherwise the first line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(Role.values()), required=True, help="What the account may do.")
@click.option("--email", default="", help="E-mail address for password reset links.")
@with_appcontext
@refuses
def add(name: str, role: str, email: str) -> None:
    """Add an account called NAME. The password is prompted for, or read from a pipe."""
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
    """Disable the account NAME and log it out everywhere. Its work stays in the history."""
    with database().writing(by_command(f"Disabled the account {name}.")) as session:
        account = users.disable_user(session, name)
    click.echo(f"Disabled {account.username}.")


@user.command()
@click.argument("name")
@with_appcontext
@refuses
def enable(name: str) -> None:
    """Enable the account NAME again."""
    with database().writing(by_command(f"Enabled the account {name}.")) as session:
        account = users.enable_user(session, name)
    click.echo(f"Enabled {account.username}. Its API tokens stay revoked.")


@user.command("set-role")
@click.argument("name")
@click.argument("role", type=click.Choice(Role.values()))
@with_appcontext
@refuses
def set_role(name: str, role: str) -> None:
    """Change the role of the account NAME to ROLE and log it out everywhere."""
    with database().writing(by_command(f"Changed the role of {name} to {role}.")) as session:
        account = users.set_role(session, name, Role.of(role))
    click.echo(f"{account.username} is now {account.role}.")


@user.command()
@click.argument("name")
@with_appcontext
@refuses
def reset(name: str) -> None:
    """Print a one-time link with which the owner of the account NAME sets a new password."""
    with database().writing(by_command(f"Created a password reset link for {name}.")) as session:
        secret = resets.give_out(session, users.find_user(session, name))
    click.echo(settings().base_url + resets.path_of(secret))
    click.echo(
        f"It works once, within {resets.HOURS} hours. Anyone who has the link can set the password.", err=True
    )


@user.command("set-password")
@click.argument("name")
@with_appcontext
@refuses
def set_password(name: str) -> None:
    """Set a new password for the account NAME and log it out everywhere."""
    password = _password()
    with database().writing(by_command(f"Set the password of {name}.")) as session:
        account = users.set_password(session, name, password)
    click.echo(f"Set the password of {account.username}.")
