"""Which records came from the seed, so that no entry is loaded twice."""

from sqlalchemy.orm import Mapped, mapped_column

from claims_app.database import Base
from claims_app.vocabulary import RecordType


class SeedRecord(Base):
    """The record created from the seed entry `key`. The row outlives the record."""

    __tablename__ = "seed_records"

    key: Mapped[str] = mapped_column(primary_key=True)
    record_type: Mapped[RecordType]
    record_id: Mapped[int]
