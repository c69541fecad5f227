"""What connections to PostgreSQL need, so that a server that is lost or is not the primary any more is noticed."""

from typing import Any

from sqlalchemy import URL, Engine, event
from sqlalchemy.engine import ExceptionContext

CONNECT_SECONDS = 5
"""How long a connection to a server may take; without a limit, a host that is away takes minutes to give up."""

GONE = frozenset({"57P01", "57P02", "57P03"})
"""The SQLSTATE of a server that is shut down, has crashed or is starting."""

ENDED_FOR_ANOTHER = frozenset({"40001", "40P01"})
"""The SQLSTATE of a transaction that was ended in favour of another one, or at a replica of replaying the log."""

READ_ONLY = "25006"
"""The SQLSTATE of a write on a server that is not the primary."""

WRITES = "claims_write"
"""The execution option of connections that write."""

_PATIENCE: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    # A host that vanishes says nothing: its connections end after about 10 seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


_IMPATIENCE: dict[str, Any] = {
    "connect_timeout": 2,
    "keepalives_idle": 1,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 3_000,
}


def connection_options(url: URL, *, patient: bool = True) -> dict[str, Any]:
    """Return the options of connections to `url` that it does not set itself.

    Of several servers, the one that can be written to is meant.
    """
    options = dict(_PATIENCE if patient else _IMPATIENCE)
    if isinstance(hosts := url.query.get("host", ()), tuple) and len(hosts) > 1:
        options["target_session_attrs"] = "read-write"
    return {name: value for name, value in options.items() if name not in url.query}


def follow_primary(engine: Engine) -> None:
    """Let the pool of `engine` drop connections to a server that is away, or that became read-only.

    Each connection from the pool is asked before it is used whether its server is still the primary, if only a primary
    is meant: a proxy can lead it to another one. A write that a server refuses as read-only ends all connections.
    """

    def note_what_is_gone(context: ExceptionContext) -> None:
        sqlstate = getattr(context.original_exception, "sqlstate", None)
        connection = context.connection
        writes = connection is not None and connection.get_execution_options().get(WRITES, False)
        if sqlstate in GONE or (sqlstate == READ_ONLY and writes):
            context.is_disconnect = True

    event.listen(engine, "handle_error", note_what_is_gone)
    _, options = engine.dialect.create_connect_args(engine.url)
    meant = {**connection_options(engine.url), **options}.get("target_session_attrs")
    if meant in ("read-write", "primary"):
        engine.dialect.do_ping = _is_primary  # type: ignore[assignment, method-assign]


def _is_primary(connection: Any) -> bool:
    """Return whether the server of a connection answers and is the primary."""
    before = connection.autocommit
    connection.autocommit = True
    try:
        return bool(connection.execute("SELECT NOT pg_is_in_recovery()").fetchone()[0])
    finally:
        if not connection.closed:
            connection.autocommit = before
