"""Errors of the program of late, for admins; the log has more."""

import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from claims_app.database import Base
from claims_app.models.types import short_repr, utc_now


class RecentError(Base):
    """A request that failed because of a fault of the program. Only the newest are kept."""

    __tablename__ = "recent_errors"
    __table_args__ = (
        CheckConstraint("length(request_id) >= 1 AND length(request_id) <= 64", name="request_id_length"),
        CheckConstraint("length(route) <= 200", name="route_length"),
        CheckConstraint("length(kind) <= 100 AND length(place) <= 200", name="kind_length"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(doc="The number under which the log has the traceback.")
    happened_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    route: Mapped[str | None] = mapped_column(doc="The method and the template of the path.")
    kind: Mapped[str] = mapped_column(doc="The class of the error.")
    place: Mapped[str | None] = mapped_column(doc="The module and the line that raised it.")

    def __repr__(self) -> str:
        return short_repr(self, "id", "request_id", "kind")
