"""Summaries: what lists show of each claim beside its own columns, kept by triggers (`claims_app.triggers.v7`)."""

from sqlalchemy import BigInteger, Column, Integer, Table

from claims_app.database import Base
from claims_app.triggers.v7 import COUNTS

claim_summaries = Table(
    "claim_summaries",
    Base.metadata,
    # No foreign key: the summary of a deleted claim stays, so that readers see that it changed.
    Column("claim_id", Integer, primary_key=True, autoincrement=False),
    *(
        Column(name, Integer, nullable=True)
        if name == "newest_year"
        else Column(name, Integer, nullable=False, server_default="0")
        for name in COUNTS
    ),
    Column("n_limitations", Integer, nullable=False, server_default="0", doc="Those of the claim itself."),
    Column("changed", BigInteger, nullable=False, index=True, doc="Moves with every change that lists show."),
)
"""The counts of `rules.counting.Balance`, and the number of limitations."""
