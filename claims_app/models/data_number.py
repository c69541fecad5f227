"""The number of the state of the data on SQLite; `services.memory.data_number` reads it."""

from sqlalchemy import BigInteger, Column, Table

from claims_app.database import Base

data_number = Table(
    "data_number",
    Base.metadata,
    Column(
        "number",
        BigInteger,
        nullable=False,
        doc="A random number; triggers replace it at every write to a table that readers see. "
        "PostgreSQL numbers its snapshots itself.",
    ),
)
"""A table with one row."""

DATA_NUMBERS = {
    "sqlite": "SELECT CAST(number AS TEXT) FROM data_number",
    "postgresql": "SELECT concat_ws('-', current_database(), pg_postmaster_start_time(), pg_current_snapshot())",
}
"""The query for the number of the state of the data on each database."""

UNSEEN = frozenset(
    (
        "alembic_version",
        "api_requests",
        "api_tokens",
        "appraisal_drafts",
        "attempts",
        "claim_summaries",
        "claim_words",
        "data_number",
        "decided_references",
        "deployment_notes",
        "drafts",
        "facet_snapshots",
        "form_submissions",
        "history_clock",
        "import_checkpoints",
        "import_files",
        "import_rows",
        "imports",
        "jobs",
        "mentions",
        "password_resets",
        "recent_errors",
        "saved_views",
        "schema_support",
        "search_pending",
        "seed_records",
        "sessions",
        "study_pair_queue",
        "study_pairs",
        "webhook_deliveries",
        "webhooks",
    )
)
"""The tables that no page or file for readers shows. Version tables and summaries change only along with others."""
