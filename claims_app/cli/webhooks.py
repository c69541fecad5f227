"""`claims webhooks`: manages webhooks, and sends what is due, by hand or from cron."""

import click
from flask.cli import with_appcontext

from claims_app.cli.support import by_command, database, refuses, settings
from claims_app.services.hooks import running
from claims_app.services.hooks import webhooks as service
from claims_app.services.hooks.delivering import sender
from claims_app.services.hooks.webhooks import Listed, Wanted
from claims_app.vocabulary import HookEvent

CHOICES = tuple(event.value for event in HookEvent if event.is_optional)


@click.group()
def webhooks() -> None:
    """Add, list, pause and remove webhooks, and send what is due."""


@webhooks.command()
@click.argument("address")
@click.option(
    "--event",
    "events",
    type=click.Choice(CHOICES),
    multiple=True,
    help="Send this kind of event; repeatable. By default, all kinds.",
)
@click.option("--description", default="", help="What it is for.")
@with_appcontext
@refuses
def add(address: str, events: tuple[str, ...], description: str) -> None:
    """Add a webhook that sends to ADDRESS, and print its secret. It is shown only once."""
    wanted = Wanted(address, events or CHOICES, description)
    with database().writing(by_command("Added a webhook.")) as session:
        hook, secret = service.add(
            session, wanted, settings().secret_key, private_allowed=settings().webhooks_private
        )
    click.echo(secret)
    click.echo(f"This is the secret of webhook {hook.id}. It will not be shown again.", err=True)


@webhooks.command("list")
@with_appcontext
@refuses
def list_() -> None:
    """List the webhooks. The secrets are not shown."""
    with database().reading() as session:
        for row in service.list_all(session):
            click.echo(f"{row.hook.id}  {row.hook.address}  {_state(row)}  {', '.join(row.hook.wants)}")


@webhooks.command()
@click.argument("number", type=int)
@with_appcontext
@refuses
def pause(number: int) -> None:
    """Pause the webhook NUMBER. What changes meanwhile is kept for it."""
    with database().writing(by_command(f"Paused webhook {number}.")) as session:
        service.pause(session, number)
    click.echo(f"Paused webhook {number}.")


@webhooks.command()
@click.argument("number", type=int)
@click.option("--skip", is_flag=True, help="Do not send what happened while it was paused.")
@with_appcontext
@refuses
def resume(number: int, skip: bool) -> None:
    """Resume the webhook NUMBER, and send what it missed."""
    with database().writing(by_command(f"Resumed webhook {number}.")) as session:
        service.resume(session, number, skip=skip)
    click.echo(f"Resumed webhook {number}.")


@webhooks.command()
@click.argument("number", type=int)
@with_appcontext
@refuses
def remove(number: int) -> None:
    """Delete the webhook NUMBER with its deliveries."""
    with database().writing(by_command(f"Removed webhook {number}.")) as session:
        service.delete(session, number)
    click.echo(f"Removed webhook {number}.")


@webhooks.command()
@with_appcontext
@refuses
def run() -> None:
    """Send what is due now, and print one line per webhook.

    The server does this all the time, unless CLAIMS_JOBS is off. Both may do it at once, and the command can be
    interrupted and repeated, so it is safe to run from cron. The exit status is 1 if something was not delivered; it is
    tried again later.
    """
    failed = 0
    for hook, done in running.serve_all(database(), settings(), sender(settings())):
        failed += done.failed
        line = f"{hook.id}  {hook.address}: {done.delivered} delivered"
        click.echo(f"{line}, {done.failed} failed" if done.failed else line, err=bool(done.failed))
    if failed:
        raise SystemExit(1)


def _state(row: Listed) -> str:
    if not row.hook.is_active:
        return f"paused: {row.hook.pause_reason}" if row.hook.pause_reason else "paused"
    state = f"failing since {row.hook.failing_since:%Y-%m-%d %H:%M}" if row.hook.failing_since else "active"
    return f"{state}, {row.waiting} waiting" if row.waiting else state
