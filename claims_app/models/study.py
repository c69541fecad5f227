"""Studies: citable reports, their groups, and the texts that quotes are checked against."""

import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.mergeable import Mergeable, merging_constraints
from claims_app.models.record import Link, ListField, Record
from claims_app.models.review import Reviewed, review_constraints
from claims_app.models.types import checks, link_index, short_repr, term_check
from claims_app.rules import schemas
from claims_app.rules.counting import counts
from claims_app.rules.overlap import citation
from claims_app.vocabulary import PublicationState, RecordType, Species, Standing, StudyDesign

ABSTRACT = "abstract"
"""The label of a stored text that is an abstract, such as those from services and files."""


class StudyGroup(Record, Base):
    """Reports that share participants, animals, serum donors or a laboratory: one line of evidence."""

    __tablename__ = "study_groups"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("length(trim(name)) >= 1 AND length(name) <= 200", name="name_length"),
        {"sqlite_autoincrement": True},
    )
    record_type = RecordType.STUDY_GROUP

    name: Mapped[str]

    def __repr__(self) -> str:
        return short_repr(self, "id", "name")


class StudySpecies(Base):
    """A species in which the outcome of a study was measured."""

    __tablename__ = "study_species"
    __table_args__ = (
        term_check("species", Species),
        Index("ix_study_species_species_study_id", "species", "study_id"),
    )

    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    species: Mapped[Species] = mapped_column(primary_key=True)

    def __init__(self, species: Species) -> None:
        self.species = species


YEAR_OR_ZERO = text("coalesce(year, 0)")
"""What studies are sorted by, so that those without a year come last on both databases."""


class Study(Record, Reviewed, Mergeable, Base):
    """One citable report: an article, a preprint, an abstract, a registry record, a news article."""

    __tablename__ = "studies"
    __table_args__ = (
        UniqueConstraint("doi"),
        UniqueConstraint("pmid"),
        UniqueConstraint("pmcid"),
        *checks(schemas.STUDY),
        CheckConstraint("version_of_id <> id", name="version_of_another"),
        Index(None, "design"),
        Index(None, "year", "id"),
        Index("ix_studies_year_or_zero_id", YEAR_OR_ZERO, "id"),
        # Several reports of one trial share its number, so it is not unique.
        link_index("registry_id"),
        link_index("group_id"),
        link_index("version_of_id"),
        Index(None, "standing"),
        Index(None, "publication_state"),
        # What the facets beside the list count.
        Index(
            "ix_studies_facets",
            *("design", "standing", "publication_state", "year", "review_state", "merged_into_id"),
        ),
        *review_constraints(),
        *merging_constraints(),
        {"sqlite_autoincrement": True},
    )
    record_type = RecordType.STUDY
    lists = (ListField("species", "species_rows", "study_species", "study_id", "species"),)
    links = (Link("version_of_id", "earlier versions", is_part=False),)

    title: Mapped[str]
    authors: Mapped[str | None] = mapped_column(doc="One per line, family name first.")
    year: Mapped[int | None]
    journal: Mapped[str | None]
    volume: Mapped[str | None]
    issue: Mapped[str | None]
    pages: Mapped[str | None]
    doi: Mapped[str | None]
    pmid: Mapped[str | None]
    pmcid: Mapped[str | None]
    registry_id: Mapped[str | None]
    design: Mapped[StudyDesign | None]
    publication_state: Mapped[PublicationState]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("study_groups.id", ondelete="RESTRICT"))
    centre: Mapped[str | None]
    data_from: Mapped[int | None]
    data_to: Mapped[int | None]
    version_of_id: Mapped[int | None] = mapped_column(ForeignKey("studies.id", ondelete="RESTRICT"))
    standing: Mapped[Standing] = mapped_column(default=Standing.CURRENT)
    standing_date: Mapped[datetime.date | None]
    standing_reason: Mapped[str | None]
    standing_notice_doi: Mapped[str | None]
    url: Mapped[str | None]
    note: Mapped[str | None]

    group: Mapped[StudyGroup | None] = relationship()
    version_of: Mapped["Study | None"] = relationship(
        remote_side="Study.id", foreign_keys="Study.version_of_id"
    )
    texts: Mapped[list["StudyText"]] = relationship(
        back_populates="study", order_by="StudyText.id", passive_deletes="all"
    )
    species_rows: Mapped[list[StudySpecies]] = relationship(
        cascade="all, delete-orphan", order_by=StudySpecies.species, passive_deletes=True
    )
    species: AssociationProxy[list[Species]] = association_proxy("species_rows", "species")

    @property
    def counts(self) -> bool:
        """Whether its evidence counts: neither it nor its published version was retracted or withdrawn."""
        return counts(self.standing, self.version_of.standing if self.version_of else None)

    @property
    def counted_group_id(self) -> int | None:
        """The study group that it counts towards: that of its published version, or its own."""
        return (self.version_of.group_id if self.version_of else None) or self.group_id

    @property
    def author_list(self) -> list[str]:
        """The authors in their order, family name first."""
        return self.authors.split("\n") if self.authors else []

    @property
    def citation(self) -> str:
        """A short citation, such as “Goebel et al. 2021”."""
        return citation(self.authors, self.title, self.year)

    @property
    def in_short(self) -> str:
        """The study in one line."""
        return self.title

    def __repr__(self) -> str:
        return short_repr(self, "id", "title")


class StudyText(Record, Base):
    """A text of a study, stored to check quotes against. It is never exported.

    An abstract is shown with its study, any other text only to those who quote it.

    `content` is empty if a text is known only by its length and SHA-256, because it may not be stored. Anyone who
    has the text can attach it; the SHA-256 shows that it is the same.
    """

    __tablename__ = "study_texts"
    __table_args__ = (
        UniqueConstraint("study_id", "sha256"),
        CheckConstraint("length(trim(label)) >= 1 AND length(label) <= 100", name="label_length"),
        CheckConstraint(f"length(content) <= {schemas.TEXT_LENGTH}", name="content_length"),
        CheckConstraint("length(sha256) = 64 AND ltrim(sha256, '0123456789abcdef') = ''", name="sha256_form"),
        CheckConstraint("length > 0", name="length_range"),
        {"sqlite_autoincrement": True},
    )
    record_type = RecordType.STUDY_TEXT
    unrecorded = ("content",)
    links = (Link("study_id", "texts", may_stay=True),)

    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id", ondelete="RESTRICT"))
    label: Mapped[str]
    content: Mapped[str | None] = mapped_column(deferred=True)
    length: Mapped[int] = mapped_column(doc="In characters (Unicode code points).")
    sha256: Mapped[str] = mapped_column(doc="The SHA-256 of the text in UTF-8, in hexadecimal digits.")
    sections: Mapped[list[str]] = mapped_column(JSON, default=list)

    study: Mapped[Study] = relationship(back_populates="texts")

    @property
    def is_abstract(self) -> bool:
        """Whether it is an abstract, which may be shown to everyone."""
        return self.label.casefold() == ABSTRACT

    def __repr__(self) -> str:
        return short_repr(self, "id", "study_id", "label")
