"""Records that wait for review if the change requires it, through any interface."""

from sqlalchemy import CheckConstraint, ColumnElement, Index, and_, inspect, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from claims_app.database import WriteSession
from claims_app.vocabulary import ReviewState


def review_constraints() -> tuple[CheckConstraint | Index, ...]:
    """Return the constraint and the index for a table of reviewed records; the index skips accepted rows."""
    waits = text("review_state <> 'accepted'")
    return (
        CheckConstraint("review_state IN ('submitted', 'accepted', 'rejected')", name="review_state_term"),
        Index(None, "review_state", "id", sqlite_where=waits, postgresql_where=waits),
    )


class Reviewed:
    """A record that a second person reviews if review is required; see `submit_for_review`."""

    review_state: Mapped[ReviewState] = mapped_column(
        default=ReviewState.ACCEPTED,
        server_default=ReviewState.ACCEPTED.value,
        sort_order=1,
    )
    added_by_id: Mapped[int | None] = mapped_column(
        sort_order=1,
        doc="The user who created or restored it; empty for records created by a command.",
    )

    @property
    def is_accepted(self) -> bool:
        """Whether it was accepted, or needed no review."""
        return self.review_state is ReviewState.ACCEPTED


def is_submitted(model: type[Reviewed]) -> ColumnElement[bool]:
    """Return the condition for records that wait for review, in the words of the index that skips accepted ones."""
    return and_(
        model.review_state != literal_column(f"'{ReviewState.ACCEPTED.value}'"),
        model.review_state == ReviewState.SUBMITTED,
    )


def submit_for_review(session: WriteSession) -> None:
    """Submit new records, and rejected ones that were corrected, for review if the change requires it."""
    change = session.change
    for record in session.new:
        if isinstance(record, Reviewed):
            record.review_state = ReviewState.SUBMITTED if change.review else ReviewState.ACCEPTED
            record.added_by_id = change.actor_id
    for record in session.dirty:
        if (
            isinstance(record, Reviewed)
            and record.review_state is ReviewState.REJECTED
            and session.is_modified(record)
            and not inspect(record).attrs["review_state"].history.has_changes()
        ):
            record.review_state = ReviewState.SUBMITTED if change.review else ReviewState.ACCEPTED
