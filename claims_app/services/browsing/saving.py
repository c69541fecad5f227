"""Saves the sets in the database, so that a new process reads them in one piece, and only what changed since.

Not with `pickle`, which would let anyone who can write to the table run code.
"""

import json
import struct
import zlib

from pyroaring import BitMap
from sqlalchemy import Executable, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from claims_app.models import facet_snapshots
from claims_app.services.browsing.sets import Profile, Sets, Value

FORMAT = 2
"""Moves whenever the sets hold something else, or in another form."""

_HEAD = struct.Struct(">II")
"""The checksum of what follows, and the length of the list of contents."""


def packed(sets: Sets) -> bytes:
    """Return the sets as bytes: a list of contents as JSON, and the bitmaps in its order."""
    parts = [claims.serialize() for claims in (*sets.values.values(), *sets.profiles.values())]
    contents = json.dumps(
        {"values": list(sets.values), "profiles": list(sets.profiles), "sizes": [len(part) for part in parts]}
    ).encode()
    body = b"".join((contents, *parts))
    return _HEAD.pack(zlib.crc32(body), len(contents)) + body


def unpacked(content: bytes) -> Sets | None:
    """Return the sets in `content`, or None if it is damaged."""
    if len(content) < _HEAD.size:
        return None
    checksum, length = _HEAD.unpack_from(content)
    if zlib.crc32(memoryview(content)[_HEAD.size :]) != checksum:
        return None
    at = _HEAD.size + length
    contents = json.loads(content[_HEAD.size : at])
    bitmaps = []
    for size in contents["sizes"]:
        bitmaps.append(BitMap.deserialize(content[at : at + size]))
        at += size
    values = [Value(*each) for each in contents["values"]]
    profiles = [
        Profile(direction, design, tuple(species), standing, year)
        for direction, design, species, standing, year in contents["profiles"]
    ]
    return Sets(
        dict(zip(values, bitmaps[: len(values)], strict=True)),
        dict(zip(profiles, bitmaps[len(values) :], strict=True)),
    )


def origin(session: Session) -> str:
    """Return where the changes are numbered: on PostgreSQL by the server, on SQLite in the file itself."""
    if session.get_bind().dialect.name == "sqlite":
        return ""
    return str(
        session.scalar(
            text(
                "SELECT concat_ws('-', (SELECT system_identifier FROM pg_control_system()),"
                " (SELECT oid FROM pg_database WHERE datname = current_database()),"
                " pg_relation_filenode('claim_summaries'))"
            )
        )
    )


def load(session: Session, end: int) -> tuple[Sets, int] | None:
    """Return the saved sets and their number, or None if there are none that fit; `end` is after all changes."""
    row = session.execute(select(facet_snapshots)).one_or_none()
    if row is None or row.format != FORMAT or row.number > end or row.origin != origin(session):
        return None
    sets = unpacked(row.content)
    return None if sets is None else (sets, row.number)


def statement(session: Session, sets: Sets, number: int) -> Executable:
    """Return the statement that saves the sets in place of those saved before."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {"format": FORMAT, "origin": origin(session), "number": number, "content": packed(sets)}
    return insert(facet_snapshots).values(id=1, **row).on_conflict_do_update(index_elements=["id"], set_=row)
