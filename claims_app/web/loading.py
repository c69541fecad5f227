"""Loading of related records before a page is rendered, since templates run no queries."""

from typing import TypeVar

from claims_app.database import Base

R = TypeVar("R", bound=Base)


def loaded(record: R, *relations: str) -> R:
    """Return `record` with these relations loaded. A name with a dot leads through several relations."""
    for path in relations:
        value: object = record
        for name in path.split("."):
            value = getattr(value, name, None)
    return record
