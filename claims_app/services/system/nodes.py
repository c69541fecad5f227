"""The servers of the database: which of them answer requests, and why others do not."""

from time import sleep

from sqlalchemy.exc import SQLAlchemyError

from claims_app.database import Database
from claims_app.replicas import LOOK_SECONDS
from claims_app.services.system import schema
from claims_app.watched_servers import PRIMARY, NodeState, name_of

_LOOKS = 8


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


def settled_states(database: Database) -> list[NodeState]:
    """Return the states after a moment in which replicas that only just began to follow have caught up."""
    for _ in range(_LOOKS):
        found = states(database)
        if all(node.is_in for node in found):
            break
        sleep(LOOK_SECONDS)
    return found


def in_words(node: NodeState) -> str:
    """Return the state of a replica as a short sentence."""
    if node.lag_bytes is None:
        return node.why
    at_most = "" if node.lag_seconds is None else f" and at most {node.lag_seconds:.1f} seconds"
    behind = f"Schema {node.schema}, {node.lag_bytes:,} bytes{at_most} behind."
    return f"{behind} {node.why}".strip()
