"""The servers of the database: which of them answer requests, and why others do not."""

from sqlalchemy.exc import SQLAlchemyError

from claims_app.database import Database
from claims_app.replicas import PRIMARY, NodeState, name_of
from claims_app.services.system import schema


def states(database: Database) -> list[NodeState]:
    """Return the state of each server, the primary first. An SQLite file counts as one server.

    With replicas, it is the result of the last looks, which are a fraction of a second old. Without, the only server is
    asked now. Never raises an error of the database.
    """
    if database.replicas:
        return database.replicas.states()
    name = "SQLite file" if database.is_sqlite else name_of(database.engine.url)
    try:
        return [NodeState(name, PRIMARY, True, "", schema=schema.current(database.engine))]
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return [NodeState(name, PRIMARY, False, f"It does not answer: {cause}")]
