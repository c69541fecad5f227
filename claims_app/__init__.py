"""Claims: a database of research claims, their evidence and their history."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Return the application, wired for `settings` (by default those of the environment)."""
    from flask import Flask

    from claims_app import cli, web
    from claims_app.database import Database
    from config import Settings

    settings = settings or Settings.from_environment()
    app = Flask(__name__, instance_path=str(settings.instance.resolve()))
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions["claims_settings"] = settings
    app.extensions["claims_database"] = Database(settings.database_url)
    web.register(app)
    cli.register(app)
    return app
