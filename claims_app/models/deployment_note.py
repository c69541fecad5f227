"""What the running program notes about its servers, for the other processes and for their replicas."""

from sqlalchemy import Column, String, Table

from claims_app.database import Base

deployment_notes = Table(
    "deployment_notes",
    Base.metadata,
    Column("name", String, primary_key=True, doc="What is noted, such as the lineage of the primary."),
    Column("value", String, nullable=False),
)
"""Names and values; `claims_app.replicas` and `services.system.hosts` write it."""
