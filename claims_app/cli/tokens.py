"""`claims token`: manages API tokens."""

import click
from flask.cli import with_appcontext

from claims_app.cli.support import by_command, database, refuses
from claims_app.services.accounts import tokens, users
from claims_app.vocabulary import TokenScope


@click.group()
def token() -> None:
    """Add, list and revoke API tokens."""


@token.command()
@click.argument("name")
@click.option("--scope", type=click.Choice(TokenScope.values()), required=True, help="What the token may do.")
@click.option("--days", type=int, help="Days until the token expires; without this, it never does.")
@click.option("--label", default="made by command", show_default=True, help="What the token is for.")
@with_appcontext
@refuses
def add(name: str, scope: str, days: int | None, label: str) -> None:
    """Create a token for the account NAME and print it. It is shown only once."""
    with database().writing(by_command(f"Created a token for {name}.")) as session:
        account = users.find_user(session, name)
        made, text = tokens.make_token(session, account, TokenScope.of(scope), label, days)
    click.echo(text)
    click.echo(f"This is token {made.id}. It will not be shown again.", err=True)


@token.command("list")
@click.argument("name", required=False)
@with_appcontext
@refuses
def list_(name: str | None) -> None:
    """List the tokens of the account NAME, or of all accounts. The secrets are not shown."""
    with database().reading() as session:
        user_id = users.find_user(session, name).id if name else None
        for one in tokens.list_tokens(session, user_id):
            if one.revoked_at is not None:
                state = "revoked"
            elif not one.is_usable:
                state = "expired"
            else:
                state = f"expires {one.ends_at:%Y-%m-%d}" if one.ends_at else "never expires"
            used = f"used {one.used_at:%Y-%m-%d}" if one.used_at else "never used"
            click.echo(f"{one.id}  {one.user.username}  {one.scope}  {state}  {used}  {one.label}")


@token.command()
@click.argument("number", type=int)
@with_appcontext
@refuses
def revoke(number: int) -> None:
    """Revoke the token NUMBER immediately."""
    with database().writing(by_command(f"Revoked token {number}.")) as session:
        revoked = tokens.revoke(session, number)
    click.echo(f"Revoked token {revoked.id}.")
