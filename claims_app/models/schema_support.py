"""Which programs can use the schema; `services.system.schema` reads it, and the migrations write it."""

from sqlalchemy import Column, String, Table

from claims_app.database import Base

schema_support = Table(
    "schema_support",
    Base.metadata,
    Column(
        "oldest_revision",
        String,
        nullable=False,
        doc="The revision that a program must know to use the schema. A program of the release before does not know "
        "the newest one, and serves on during an upgrade if it knows this.",
    ),
)
"""A table with one row."""
