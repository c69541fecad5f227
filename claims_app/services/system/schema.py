"""Upgrades and downgrades the schema of a database, and compares it with the models.

`migrations/env.py` alone defines how a migration runs (its transaction, its locks, what is compared), so that the
`claims` commands and a bare `alembic` do the same.

Alembic is imported where it is used: it takes 11 MB and much of the start, and a database that is up to date needs
none of it.
"""

import enum
import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from claims_app.database import Base
from claims_app.resources import folder
from claims_app.services.core.errors import ServiceError
from claims_app.triggers import AS_OF, CURRENT

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

MIGRATIONS = folder("migrations")

SUPPORT = "schema_support"
"""The table whose row names the revision that a program must know to use the schema; see `oldest_program`."""

_LINKS = re.compile(r'^(down_)?revision = "(\w+)"', re.MULTILINE)
"""The lines of a migration that say its revision and the one before."""


class SchemaError(ServiceError):
    """The migration is not possible. Nothing was changed."""


class SchemaNewer(SchemaError):
    """The database is at a revision that this version of the program does not know."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database is at schema revision {revision}, which a newer version of the program created."
            " Install that version, or restore a backup from before the upgrade."
        )
        self.revision = revision


class Fit(enum.Enum):
    """How the schema of a database fits this program."""

    CURRENT = "current"
    NEWER = "newer"
    """Of a newer program, but only more than this one knows, so that it can serve: the middle of an upgrade."""

    OLDER = "older"
    """To be upgraded before this program can serve."""

    FOREIGN = "foreign"
    """Of a newer program that took something away; this one cannot serve."""


class Migration(NamedTuple):
    """One step in the history of the schema; the first one has no `down_revision`."""

    revision: str
    down_revision: str | None
    doc: str


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Upgrade the database to `revision`: on SQLite completely or not at all, on PostgreSQL step by step.

    A newer database that this program can use stays as it is. Raises SchemaNewer for one that it cannot use, and
    SchemaError for an unknown revision or a migration that would leave rows without their parent.
    """
    if revision == "head" and fit(engine) in (Fit.CURRENT, Fit.NEWER):
        return
    from alembic import command

    with _prepared(engine) as config:
        command.upgrade(config, revision)


def fit(engine: Engine) -> Fit:
    """Return how the schema of the database fits this program."""
    revision = current(engine)
    with engine.connect() as connection:
        return fit_of(connection, revision)


def fit_of(connection: Connection, revision: str | None) -> Fit:
    """Return how the schema at `revision`, that of the database, fits this program. If it is current, asks nothing."""
    if revision == newest():
        return Fit.CURRENT
    if revision is None or revision in _known():
        return Fit.OLDER
    there = inspect(connection).has_table(SUPPORT)
    oldest = connection.scalar(text(f"SELECT oldest_revision FROM {SUPPORT}")) if there else None  # nosec B608 - only names of our own schema
    return Fit.NEWER if oldest in _known() else Fit.FOREIGN


def oldest_program(scripts: "ScriptDirectory", revision: str) -> str:
    """Return the revision that a program must know to use the schema at `revision`.

    Migrations say what they do to programs of the release before. An “expand” only adds what these need not know. A
    “contract” takes away what no program uses any more that knows the revision which it `needs`. Those from before
    there were such words take away what they like.
    """
    steps = {script.revision: script for script in scripts.iterate_revisions(revision, "base")}
    order = list(steps)[::-1]
    oldest = order[0]
    for one in order:
        module = steps[one].module
        if getattr(module, "phase", "contract") == "contract":
            oldest = max(oldest, getattr(module, "needs", one), key=order.index)
    return oldest


def downgrade(engine: Engine, revision: str) -> None:
    """Downgrade the database to `revision` ("base" for empty, "-1" for one step). Raises the errors of `upgrade`."""
    from alembic import command

    with _prepared(engine) as config:
        command.downgrade(config, revision)


def current(engine: Engine) -> str | None:
    """Return the revision of the database; None if it was never set up."""
    with engine.connect() as connection:
        return _revision(connection)


def known_revision(connection: Connection) -> str | None:
    """Return the revision of the database; None if it was never set up. Raises SchemaNewer if it is not known here."""
    revision = _revision(connection)
    if revision is not None and not is_in_history(revision):
        raise SchemaNewer(revision)
    return revision


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def newest() -> str | None:
    """Return the newest revision, as `head` does, from the text of the migrations."""
    return next(iter(_known().keys() - _known().values()), None)


@functools.cache
def _known() -> dict[str, str | None]:
    """Return the revision before each one, from the text of the migrations."""
    known = {}
    for file in (MIGRATIONS / "versions").glob("*.py"):
        links = dict(_LINKS.findall(file.read_text(encoding="utf-8")))
        known[links[""]] = links.get("down_")
    return known


def head() -> str:
    """Return the newest revision that this program knows. Raises SchemaError if there are no migrations."""
    revision = _scripts().get_current_head()
    if revision is None:
        raise SchemaError(f"There are no migrations in {MIGRATIONS}.")
    return revision


def history() -> list[Migration]:
    """Return all migrations, oldest first. Raises SchemaError if they are not linear."""
    migrations = []
    for script in _scripts().walk_revisions():
        down = script.down_revision
        if down is not None and not isinstance(down, str):
            raise SchemaError(
                f"Migration {script.revision} has several parents, but the history must be linear."
            )
        migrations.append(Migration(script.revision, down, script.doc))
    return migrations[::-1]


def differences(engine: Engine) -> list[str]:
    """Return a sentence for each difference between the tables and the models.

    A CHECK constraint is compared by its name only, as in `alembic check`.
    """
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    found: list[Any] = []

    def compare(_heads: Any, context: "MigrationContext") -> list[Any]:
        found.extend(compare_metadata(context, context.opts["target_metadata"]))
        return []  # no migrations to run

    with _prepared(engine) as config:
        scripts = ScriptDirectory.from_config(config)
        with EnvironmentContext(config, scripts, fn=compare, dont_mutate=True):
            scripts.run_env()
    # Changes to one column come as a list of their own.
    changes = (change for entry in found for change in (entry if isinstance(entry, list) else [entry]))
    return [
        *map(_sentence, changes),
        *_kept_differences(),
        *_of_connection(engine, trigger_differences),
        *(_of_connection(engine, _view_differences) if engine.dialect.name == "postgresql" else ()),
    ]


def _kept_differences() -> Iterator[str]:
    """Yield a sentence for each column that the models or the triggers lack, such as one that a migration forgot."""
    for kept in CURRENT.versioned:
        columns = {column.name for column in Base.metadata.tables[kept.table].columns}
        for name in sorted(columns ^ set(kept.columns)):
            yield f"Column {kept.table}.{name} is missing from the models or from the version table."


def _of_connection(engine: Engine, compare: Callable[[Connection], Iterator[str]]) -> list[str]:
    with engine.connect() as connection:
        return list(compare(connection))


def trigger_differences(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each difference in the triggers. Alembic does not compare triggers."""
    on_sqlite = connection.dialect.name == "sqlite"
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        if on_sqlite
        else "SELECT tgname, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
        "JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal "
        "AND relnamespace = current_schema()::regnamespace"
    )
    there = {name: definition for name, definition in connection.execute(text(query))}  # noqa: C416
    dialect = connection.dialect.name
    wanted = {name: trigger.definition(dialect) for name, trigger in CURRENT.triggers(dialect).items()}
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there:
            yield f"Trigger {name} is missing."
        elif name not in wanted:
            yield f"Trigger {name} is not in the models."
        elif there[name] != wanted[name]:
            yield f"Trigger {name} differs from the models."


def _view_differences(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each difference in the views of past data. PostgreSQL only."""
    wanted = CURRENT.views(connection.dialect.name)
    query = "SELECT viewname, definition FROM pg_views WHERE schemaname = :schema"
    there = {name: definition for name, definition in connection.execute(text(query), {"schema": AS_OF})}  # noqa: C416
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there:
            yield f"View {AS_OF}.{name} is missing."
        elif name not in wanted:
            yield f"View {AS_OF}.{name} is not in the models."
        elif there[name] != _normalised_by_database(connection, wanted[name]):
            yield f"View {AS_OF}.{name} differs from the models."


def _normalised_by_database(connection: Connection, query: str) -> str | None:
    """Return `query` as PostgreSQL stores it for a view; None if it is invalid for the current tables."""
    attempt = connection.begin_nested()
    try:
        connection.exec_driver_sql(f"CREATE TEMP VIEW compared AS {query}")
        return str(connection.scalar(text("SELECT pg_get_viewdef('compared'::regclass)")))
    except DBAPIError:
        return None
    finally:
        attempt.rollback()


@contextmanager
def _prepared(engine: Engine) -> Iterator["Config"]:
    """Yield the configuration of Alembic, with a connection for env.py.

    Raises SchemaNewer if the program does not know the revision, and SchemaError for an error of Alembic.
    """
    from alembic.util import CommandError

    with engine.connect() as connection:
        known_revision(connection)
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        try:
            yield config
        except CommandError as error:
            raise SchemaError(str(error)) from error


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@functools.cache
def _scripts() -> "ScriptDirectory":
    """Return the migration scripts, read once."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def is_in_history(revision: str) -> bool:
    """Return whether this program knows how to upgrade from a revision."""
    return revision in {migration.revision for migration in history()}


def _sentence(change: tuple[Any, ...]) -> str:
    """Return a sentence for a difference that Alembic found."""
    match change:
        case ("add_table", table):
            return f"Table {table.name} is missing."
        case ("remove_table", table):
            return f"Table {table.name} is not in the models."
        case ("add_column", _, table, column):
            return f"Column {table}.{column.name} is missing."
        case ("remove_column", _, table, column):
            return f"Column {table}.{column.name} is not in the models."
        case (kind, _, table, column, _, has, wanted) if kind.startswith("modify_"):
            what = kind.removeprefix("modify_")
            return (
                f"Column {table}.{column}: the {what} is {_shown(has)}, but {_shown(wanted)} in the models."
            )
        case (kind, item) if kind.removeprefix("add_") in _KINDS:
            return f"{_KINDS[kind.removeprefix('add_')]} {item.name} of table {item.table.name} is missing."
        case (kind, item) if kind.removeprefix("remove_") in _KINDS:
            what = _KINDS[kind.removeprefix("remove_")]
            return f"{what} {item.name} of table {item.table.name} is not in the models."
    return str(change)


_KINDS = {"constraint": "Constraint", "fk": "Foreign key", "index": "Index"}


def _shown(value: Any) -> str:
    return str(getattr(value, "arg", value))  # a server default is wrapped
