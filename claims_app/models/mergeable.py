"""Records that can be found to be the same as another one, and be merged into it (see `models.merge`)."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column


def merging_constraints() -> tuple[CheckConstraint | Index, ...]:
    """Return what the table of such a record needs; few are merged, so the index has those alone."""
    merged = text("merged_into_id IS NOT NULL")
    return (
        CheckConstraint("merged_into_id <> id", name="merged_into_another"),
        Index(None, "merged_into_id", sqlite_where=merged, postgresql_where=merged),
    )


class Mergeable:
    """A record that may have been merged into another one, and is shown, listed and counted no more then."""

    __tablename__: str

    @declared_attr
    def merged_into_id(cls) -> Mapped[int | None]:  # noqa: N805  # a class-level declaration
        """The record that it was merged into."""
        return mapped_column(ForeignKey(f"{cls.__tablename__}.id", ondelete="RESTRICT"), sort_order=1)
