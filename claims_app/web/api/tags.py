"""Versions of records in headers: the ETag of a record, and If-Match, which says which version a change is meant for.

The ETag of a record begins with its identifier and version, `"CLM-1.v3:…"`; the rest says what else the answer holds,
such as the level that follows from its evidence. If-Match compares only the version.
"""

import hashlib

from flask import Response, request
from werkzeug.exceptions import PreconditionFailed

from claims_app.models import Candidate, Record
from claims_app.services.core.errors import Invalid
from claims_app.web.reader_pages import note_version


def version_of(record: Record | Candidate) -> str:
    """Return the part of the ETag that says which version of which record it is."""
    return f"{_name(record)}.v{record.version}"


def _name(record: Record | Candidate) -> str:
    return f"inbox-{record.id}" if isinstance(record, Candidate) else record.public_id


def tag(response: Response, version: str) -> None:
    """Set the ETag of an answer with one record."""
    digest = hashlib.blake2b(response.get_data(), digest_size=9).hexdigest()
    response.set_etag(f"{version}:{digest}")
    note_version(version)


def version_meant(record: Record | Candidate, given: int | None) -> int:
    """Return the version that a change of `record` is meant for: the `given` one, or that of If-Match.

    Raises PreconditionFailed if If-Match names another version, and Invalid without any of both.
    """
    if "If-Match" in request.headers:
        wanted = request.if_match
        # Weak ones never match (RFC 9110, 13.1.1), and Werkzeug reads None where there is none.
        versions = {each.partition(":")[0] for each in wanted.as_set() if each}
        if not wanted.star_tag and version_of(record) not in versions:
            raise PreconditionFailed(
                f"{_name(record)} is now at version {record.version}. Nothing was saved. Read it again."
            )
        return record.version if given is None else given
    if given is None:
        raise Invalid(
            {
                "version": [
                    "Enter the version that you read, a field of the record, or send If-Match with the ETag."
                ]
            }
        )
    return given
