"""A backup restores the same data into either database: rows, past states, numbers, and a sound database."""

import datetime
from typing import Any

from sqlalchemy import select

from claims_app.database import Base, Database
from claims_app.models import Claim
from claims_app.services.records import claims
from claims_app.services.system import integrity, schema
from claims_app.services.system.backups.contents import LEFT_OUT
from claims_app.triggers import CURRENT
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim, make_limitation
from tests.services.system.backups.conftest import Target, restore, save
from tests.support.life import live

NASTY = "tab\t newline\n backslash \\N \\ “ünïcödé” \U0001f9ec \\."


def fill(database: Database) -> list[datetime.datetime]:
    """Fill a database with a life, an account and awkward texts; return some moments of the past."""
    moments = list(live(database))
    with database.writing(BY_TEST) as session:
        make_claim(session, statement=NASTY.replace("\n", " "), outcome="\\N")
        make_limitation(session, session.get_one(Claim, 1), text=NASTY)
        gone = make_claim(session)
    with database.writing(BY_TEST) as session:
        claims.delete_claim(session, session.get_one(Claim, gone.id), 1)
    return moments[::4]


def rows(database: Database, as_of: datetime.datetime | None = None) -> dict[str, list[Any]]:
    """Return all rows of all tables that are kept, in any order."""
    wanted = set(CURRENT.views("sqlite")) if as_of else set(Base.metadata.tables)
    with database.reading(as_of) as session:
        return {
            name: sorted(repr(tuple(row)) for row in session.execute(select(Base.metadata.tables[name])))
            for name in wanted - set(LEFT_OUT)
        }


def problems(database: Database) -> list[str]:
    """Return what `claims check` would find."""
    found = list(schema.differences(database.engine))
    with database.reading() as session:
        for check in integrity.checks(session):
            found += [str(problem) for part in check.parts(session) for problem in part.problems]
    return found


@on_one_database
def test_either_database_gives_back_the_same_data(database: Database, target: Target) -> None:
    moments = fill(database)
    backup, manifest = save(database)
    server, file = target("postgresql"), target("sqlite")
    assert restore(server, backup) is None
    again, of_server = save(server)
    assert restore(file, again) is None
    # Equal data has an equal backup, wherever it is.
    assert of_server.content == manifest.content == save(file)[1].content
    for restored in (server, file):
        assert rows(restored) == rows(database)
        for moment in moments:
            assert rows(restored, moment) == rows(database, moment)
        assert problems(restored) == []
        # A number is never given twice, not even that of a deleted claim.
        with restored.writing(BY_TEST) as session:
            assert make_claim(session).id == 5
