"""`claims up`: sets up the database and serves it, in one command."""

import errno
import logging
import signal
import socket
import sys
import webbrowser

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from claims_app.cli import seed
from claims_app.cli.database import fill_keys_if_due
from claims_app.cli.serving import Server
from claims_app.cli.support import as_typed, database, refuses, settings
from claims_app.services.accounts import passwords, users
from claims_app.services.system import hosts, schema
from claims_app.services.system.seeding import is_empty

THREADS = passwords.WAITING + 6
"""Threads that serve requests; some of them may wait for a password to be hashed."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port; 0 chooses a free one.",
)
@click.option("--open", "open_", is_flag=True, help="Open the address in the browser.")
@click.option("--seed/--no-seed", "with_seed", default=True, help="Load the seed into an empty database.")
@with_appcontext
@refuses
def up(host: str, port: int, open_: bool, with_seed: bool) -> None:
    """Create or upgrade the database, and serve it.

    The seed is loaded into an empty database.
    """
    listener = _listen(host, port)
    with listener:
        prepare(with_seed)
        _serve(listener, open_)


def prepare(with_seed: bool) -> None:
    """Upgrade the database, and load the seed if it is empty. Once this is done, it costs the same for any size."""
    schema.upgrade(database().engine)
    fill_keys_if_due()
    _fill(with_seed)
    hosts.note(database(), settings().secret_key)


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises ClickException if the port is taken, before anything is written to the database.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(
                f"Port {port} is already in use. Stop the program that uses it, or choose another port with --port."
            ) from None
        raise click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None
    return listener


def _fill(with_seed: bool) -> None:
    with database().reading() as session:
        empty = is_empty(session)
        has_admin = users.has_admin(session)
    if empty and with_seed:
        click.echo(seed.summary(seed.load()))
    if not has_admin:
        click.echo(
            "There is no admin account yet. Create one in another terminal, in this folder and with the same "
            f"settings:\n  {as_typed('user add NAME --role admin')}"
        )


def _serve(listener: socket.socket, open_: bool) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host  # nosec B104 - compared with, not listened on
    address = f"http://{shown}:{port}"
    settings().keep_address(address)
    # Waitress warns about each queued request, which would flood the terminal.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if not app.blueprints:
        app.extensions["claims_add_pages"](app)
    server = Server(app, listener, threads=THREADS, trusts_proxies=settings().proxies > 0)
    background = app.extensions["claims_background"]
    background.start()
    click.echo(f"Claims is at {address} (press Ctrl-C to stop).")
    sys.stdout.flush()
    if open_:
        webbrowser.open(address)
    # Service managers send SIGTERM; shut down as cleanly as on Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.run()
    finally:
        server.close_connections()
        server.close()
        background.stop()
        database().close()
        click.echo("Stopped.")
