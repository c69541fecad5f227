"""The tables of a release: their columns, terms, keys and references, and the version of this schema.

The schema is a contract. `schema_version` says which change makes it a new major or minor version.
"""

from dataclasses import dataclass, replace

from claims_app.formats.columns import EXPORTS
from claims_app.formats.delimited import Column, Kind
from claims_app.vocabulary import (
    Action,
    CertaintyDomain,
    EvidenceLevel,
    RecordType,
    Species,
    Term,
    Via,
)

SCHEMA_VERSION = "1.0.0"
"""The version of the schema of the files (Semantic Versioning)."""


@dataclass(frozen=True)
class Terms:
    """The controlled terms of a column; if they are `ordered`, from the least to the most."""

    values: tuple[Term, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Reference:
    """A column whose values are those of a column of another table, or of the same one."""

    column: str
    table: str
    target: str


@dataclass(frozen=True)
class Table:
    """A table of a release, which is a CSV file, a Parquet file and a table of the SQLite file."""

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """The columns of its primary key."""

    required: frozenset[str] = frozenset()
    """The columns that are never empty, beside those of the key."""

    unique: tuple[str, ...] = ()
    """Columns whose values occur once, beside the primary key."""

    references: tuple[Reference, ...] = ()

    @property
    def terms(self) -> dict[str, Terms]:
        """The columns with controlled terms."""
        return {
            column.name: Terms(column.terms, column.ordered)
            for column in self.columns
            if column.terms and column.kind is Kind.TERM
        }

    def is_required(self, column: str) -> bool:
        """Return whether a column is never empty."""
        return column in self.required or column in self.key


_OF_LEVELS = ("start_level", "computed_level", "level")
_DATED = ("version", "created_at", "updated_at")
_VERSION = Column("version", Kind.INTEGER, "Version", "Version number, incremented by each change.")
_CREATED = Column("created_at", Kind.DATETIME, "Created", "When the record was created (UTC).")
_UPDATED = Column("updated_at", Kind.DATETIME, "Last changed", "When the record was last changed (UTC).")
_CLAIM_ID = Column("claim_id", Kind.TERM, "Claim", "The claim's identifier, such as CLM-1.")
_STUDY_ID = Column("study_id", Kind.TERM, "Study", "The study's identifier, such as STU-1.")
_TOPIC = Column("topic", Kind.TERM, "Topic", "Short name of the topic.")

CHANGES_OF = (
    RecordType.CLAIM,
    RecordType.STUDY,
    RecordType.EVIDENCE,
    RecordType.LIMITATION,
    RecordType.APPRAISAL,
    RecordType.TOPIC,
    RecordType.STUDY_GROUP,
)
"""The kinds of records whose changes are listed."""


def _appraised(column: Column) -> Column:
    """Return a column of appraisals: a level that was given is never that of claims without an appraisal."""
    if column.name not in _OF_LEVELS:
        return column
    return replace(
        column, terms=tuple(term for term in column.terms if term is not EvidenceLevel.NOT_ASSESSED)
    )


TABLES: tuple[Table, ...] = (
    Table(
        "topics",
        "Topics",
        "Subjects that claims are grouped by, as a hierarchy of up to three levels.",
        (
            _TOPIC,
            Column("name", Kind.TEXT, "Name", "Name of the topic."),
            Column("definition", Kind.TEXT, "Definition", "What belongs to the topic."),
            Column(
                "broader", Kind.TERM, "Broader topic", "Short name of the topic that this one is part of."
            ),
            _VERSION,
            _CREATED,
            _UPDATED,
        ),
        key=("topic",),
        required=frozenset(("name", *_DATED)),
        references=(Reference("broader", "topics", "topic"),),
    ),
    Table(
        "study_groups",
        "Study groups",
        "Reports that share participants, animals, serum donors or a laboratory: one line of evidence.",
        (
            Column("group_id", Kind.TERM, "Study group", "The study group's identifier, such as GRP-1."),
            Column("group", Kind.TEXT, "Name", "Name of the study group."),
            _VERSION,
            _CREATED,
            _UPDATED,
        ),
        key=("group_id",),
        required=frozenset(("group", *_DATED)),
        unique=("group",),
    ),
    Table(
        "studies",
        "Studies",
        "Citable reports: articles, preprints, abstracts, registry records and news articles.",
        EXPORTS["studies"],
        key=("study_id",),
        required=frozenset(("title", "standing", "publication_state", *_DATED)),
        references=(
            Reference("group", "study_groups", "group"),
            Reference("version_of_id", "studies", "study_id"),
        ),
    ),
    Table(
        "study_species",
        "Species of studies",
        "The species in which the outcome of a study was measured.",
        (_STUDY_ID, Column("species", Kind.TERM, "Species", "A species of the study.", tuple(Species))),
        key=("study_id", "species"),
        references=(Reference("study_id", "studies", "study_id"),),
    ),
    Table(
        "claims",
        "Claims",
        "Checkable statements with their evidence level (GRADE), conclusion and source.",
        EXPORTS["claims"],
        key=("claim_id",),
        required=frozenset(
            (
                *("statement", "kind", "status", "evidence_level", "level_state", "url"),
                *("n_supporting", "n_contradicting", "n_null", "n_inconclusive"),
                *("n_studies", "n_independent_groups"),
                *_DATED,
            )
        ),
        references=(Reference("origin_study_id", "studies", "study_id"),),
    ),
    Table(
        "claim_topics",
        "Topics of claims",
        "Which claims are on which topics.",
        (_CLAIM_ID, _TOPIC),
        key=("claim_id", "topic"),
        references=(Reference("claim_id", "claims", "claim_id"), Reference("topic", "topics", "topic")),
    ),
    Table(
        "evidence",
        "Evidence items",
        "What one study says about one claim, with its numbers and its quote.",
        EXPORTS["evidence"],
        key=("evidence_id",),
        required=frozenset(
            ("claim_id", "study_id", "direction", "directness", "risk_of_bias", "url", *_DATED)
        ),
        references=(
            Reference("claim_id", "claims", "claim_id"),
            Reference("study_id", "studies", "study_id"),
        ),
    ),
    Table(
        "limitations",
        "Limitations",
        "Weaknesses of a claim or of an evidence item.",
        EXPORTS["limitations"],
        key=("limitation_id",),
        required=frozenset(("kind", "text")),
        references=(
            Reference("claim_id", "claims", "claim_id"),
            Reference("evidence_id", "evidence", "evidence_id"),
        ),
    ),
    Table(
        "appraisals",
        "Appraisals",
        "Dated judgements of the evidence level of a claim, current and earlier ones.",
        tuple(map(_appraised, EXPORTS["appraisals"])),
        key=("appraisal_id",),
        required=frozenset(
            (
                *("claim_id", "scheme", "scheme_version", "start_level", "computed_level", "level"),
                *("rationale", "appraised_at", "conclusion"),
                *(domain.value for domain in CertaintyDomain),
            )
        ),
        references=(Reference("claim_id", "claims", "claim_id"),),
    ),
    Table(
        "appraisal_evidence",
        "Evidence of appraisals",
        "The evidence items that an appraisal was based on, as they were then. An item may have been deleted since, "
        "so that it is not in evidence.csv.",
        (
            Column("appraisal_id", Kind.TERM, "Appraisal", "The appraisal's identifier, such as APR-1."),
            Column(
                "evidence_id", Kind.TERM, "Evidence item", "The evidence item's identifier, such as EVD-1."
            ),
            Column(
                "evidence_version", Kind.INTEGER, "Version of the item", "The version that was appraised."
            ),
            _STUDY_ID,
            Column("study_version", Kind.INTEGER, "Version of the study", "The version that was appraised."),
        ),
        key=("appraisal_id", "evidence_id"),
        required=frozenset(("evidence_version", "study_id", "study_version")),
        references=(Reference("appraisal_id", "appraisals", "appraisal_id"),),
    ),
    Table(
        "merges",
        "Merged records",
        "Claims and studies that were merged into another one, which has their evidence now.",
        (
            Column("record_id", Kind.TERM, "Merged record", "The identifier that is no longer in use."),
            Column(
                "merged_into_id", Kind.TERM, "Merged into", "The claim or the study that has taken its place."
            ),
        ),
        key=("record_id",),
        required=frozenset(("merged_into_id",)),
    ),
    Table(
        "changes",
        "Changes",
        "The history of the records in this release: each saved change, in the order in which they were made.",
        (
            Column("record_id", Kind.TERM, "Record", "The identifier of the changed record."),
            Column("version", Kind.INTEGER, "Version", "The version of the record after the change."),
            Column(
                "record_type", Kind.TERM, "Kind of record", "What kind of record was changed.", CHANGES_OF
            ),
            Column("action", Kind.TERM, "Action", "What the change did.", tuple(Action)),
            Column("changed_at", Kind.DATETIME, "Time", "When the change was made (UTC)."),
            Column("changed_by", Kind.TEXT, "Changed by", "The account that made it; empty for a command."),
            Column("via", Kind.TERM, "Made by way of", "How the change was made.", tuple(Via)),
            Column("summary", Kind.TEXT, "Summary", "Why the change was made, in the words of its author."),
        ),
        key=("record_id", "version"),
        required=frozenset(("record_type", "action", "changed_at", "via")),
    ),
)
"""All tables; references point to earlier ones or to the same."""
