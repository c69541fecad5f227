"""What the application of a request was made with: its settings and its database."""

from typing import cast

from flask import current_app

from claims_app.config import Settings
from claims_app.database import Database


def settings() -> Settings:
    """Return the settings of the application."""
    return cast(Settings, current_app.extensions["claims_settings"])


def database() -> Database:
    """Return the database of the application."""
    return cast(Database, current_app.extensions["claims_database"])
