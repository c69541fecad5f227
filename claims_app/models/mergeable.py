"""Records that can be merged into a duplicate of theirs (see `models.merge`)."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column


def merging_constraints() -> tuple[CheckConstraint | Index, ...]:
    """Return the constraint and the index for a table of mergeable records; the index covers merged rows only."""
    merged = text("merged_into_id IS NOT NULL")
    return (
        CheckConstraint("merged_into_id <> id", name="merged_into_another"),
        Index(None, "merged_into_id", sqlite_where=merged, postgresql_where=merged),
    )


class Mergeable:
    """A record that can be merged into another one. A merged record is no longer shown, listed or counted."""

    __tablename__: str

    @declared_attr
    def merged_into_id(cls) -> Mapped[int | None]:  # noqa: N805  # a class-level declaration
        """The record that it was merged into."""
        return mapped_column(ForeignKey(f"{cls.__tablename__}.id", ondelete="RESTRICT"), sort_order=1)
