"""Claims: a database of research claims, their evidence and their history."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from claims_app.config import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Return the application with its pages, for `settings` (by default those of the environment)."""
    app = create_core(settings)
    add_pages(app)
    return app


def create_core(settings: "Settings | None" = None) -> "Flask":
    """Return the application without its pages, which is all that most commands need and starts faster."""
    from flask import Flask

    from claims_app import cli, logs, statements
    from claims_app.config import Settings
    from claims_app.database import Database

    settings = settings or Settings.from_environment()
    logs.configure(settings.log)
    statements.log_slower_than(settings.slow_ms)
    app = Flask(__name__, instance_path=str(settings.instance.resolve()))
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions["claims_settings"] = settings
    app.extensions["claims_database"] = Database(
        settings.database_url, replica_urls=settings.replica_urls, lag=settings.replica_lag
    )
    app.extensions["claims_add_pages"] = add_pages
    cli.register(app)
    return app


def add_pages(app: "Flask") -> None:
    """Register the pages with `app`, and log which settings are unsafe."""
    from claims_app import logs, web
    from claims_app.services.system.safety import log_unsafe_settings

    logs.serve()
    web.register(app)
    log_unsafe_settings(app.extensions["claims_settings"])
