"""`claims mcp`: a server of the Model Context Protocol, with which assistants read the database."""

import importlib.util

import click
from flask.cli import with_appcontext

from claims_app.cli.support import database, refuses, settings


@click.command()
@with_appcontext
@refuses
def mcp() -> None:
    """Let an assistant read the database, over standard input and output (Model Context Protocol).

    The assistant starts this command itself, as its own settings say. It writes nothing to the database.
    """
    if importlib.util.find_spec("mcp") is None:
        raise click.ClickException(
            "This needs the package mcp, which is not installed. Install it with: pip install 'claims-app[mcp]'"
        )
    # Only this command needs the package, which takes most of a second to load.
    from claims_app.assistants.server import make_server

    make_server(database(), settings().base_url).run("stdio")
