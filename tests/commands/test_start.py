"""What `claims up` does before it serves."""

from flask import Flask
from sqlalchemy import delete, event, insert, select

from claims_app.cli import up
from claims_app.database import Database
from claims_app.models import Claim, Study, StudyKey
from claims_app.services.deduplication import study_matching
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim, make_study

pytestmark = on_one_database


def start(app: Flask, database: Database) -> int:
    """Prepare a start, and return the number of instructions of SQLite, a measure of the rows that it reads."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    fresh = Database(database.engine.url.render_as_string(hide_password=False))
    event.listen(fresh.engine, "connect", lambda connection, _: connection.set_progress_handler(step, 1))
    app.extensions["claims_database"] = fresh
    with app.app_context():
        up.prepare(with_seed=True)
    fresh.close()
    app.extensions["claims_database"] = database
    return steps


def test_a_start_costs_the_same_whatever_the_database_holds(app: Flask, database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session)
        make_claim(session)
    small = start(app, database)
    with database.writing(BY_TEST) as session:
        # Rows that another program has loaded, so the studies have no search keys.
        for model in (Study, Claim):
            columns = model.__table__.columns
            row = dict(session.execute(select(*columns)).mappings().one())
            session.connection().execute(insert(model), [row | {"id": number} for number in range(2, 3000)])
    assert 0 < start(app, database) < small + 500


def test_a_start_after_the_keys_were_emptied_writes_them_all(app: Flask, database: Database) -> None:
    with database.writing(BY_TEST) as session:
        for _ in range(3):
            make_study(session)
        session.execute(delete(StudyKey))
    start(app, database)
    with database.reading() as session:
        assert study_matching.count_missing(session) == 0


def test_an_interrupted_start_continues_with_the_keys(app: Flask, database: Database) -> None:
    with database.writing(BY_TEST) as session:
        for _ in range(3):
            make_study(session)
        session.execute(delete(StudyKey).where(StudyKey.study_id < 3))  # the newest come first
    start(app, database)
    with database.reading() as session:
        assert study_matching.count_missing(session) == 0
