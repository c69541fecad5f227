"""The saved bitmaps of the facets of claims, so that a new process need not read all claims first."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, String, Table

from claims_app.database import Base

facet_snapshots = Table(
    "facet_snapshots",
    Base.metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("format", Integer, nullable=False, doc="The version of the form of `content`."),
    Column("origin", String, nullable=False, doc="Where `number` counts: the server and its database."),
    Column("number", BigInteger, nullable=False, doc="All changes of `claim_summaries` before it are in."),
    Column("content", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""A table of one row; `services.browsing.saving` reads and writes it."""
