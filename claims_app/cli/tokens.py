"""`claims token`: API tokens."""

import click
from flask.cli import with_appcontext

from claims_app.cli.support import by_command, database, refuses
from claims_app.services.accounts import tokens, users
from claims_app.vocabulary import TokenScope


@click.group()
def token() -> None:
    """Make, list and revoke API tokens."""


@token.command()
@click.argument("name")
@click.option("--scope", type=click.Choice(TokenScope.values()), required=True, help="What the token may do.")
@click.option("--days", type=int, help="How long it works; without this, until it is revoked.")
@click.option("--label", default="made by command", show_default=True, help="What it is for.")
@with_appcontext
@refuses
def add(name: str, scope: str, days: int | None, label: str) -> None:
    """Make a token for the account NAME and print it, this once."""
    with database().writing(by_command(f"Made a token for {name}.")) as session:
        account = users.find_user(session, name)
        made, text = tokens.make_token(session, account, TokenScope.of(scope), label, days)
    click.echo(text)
    click.echo(f"This is token {made.id}, and it is not shown again.", err=True)


@token.command("list")
@click.argument("name", required=False)
@with_appcontext
@refuses
def list_(name: str | None) -> None:
    """List the tokens of the account NAME, or of all. What they are is not known any more."""
    with database().reading() as session:
        user_id = users.find_user(session, name).id if name else None
        for one in tokens.list_tokens(session, user_id):
            if one.revoked_at is not None:
                state = "revoked"
            elif not one.is_alive:
                state = "ended"
            else:
                state = f"ends {one.ends_at:%Y-%m-%d}" if one.ends_at else "does not end"
            used = f"used {one.used_at:%Y-%m-%d}" if one.used_at else "never used"
            click.echo(f"{one.id}  {one.user.username}  {one.scope}  {state}  {used}  {one.label}")


@token.command()
@click.argument("number", type=int)
@with_appcontext
@refuses
def revoke(number: int) -> None:
    """End the token NUMBER at once."""
    with database().writing(by_command(f"Revoked the token {number}.")) as session:
        ended = tokens.revoke(session, number)
    click.echo(f"Revoked the token {ended.id}.")
