"""Schemas of databases: each step to today's is a revision, kept for ever and tried both ways.

Rules:
- all steps of one call are one transaction, on SQLite and PostgreSQL alike: a step that fails
  leaves the database as it was;
- one process steps at a time, because it takes the writers' lock; the others find it done;
- a database of before the revisions is known by a table of the first one, and holds that;
- a database of a revision that is not known here was written by newer software: it is not touched.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bri_kit import storage
from bri_kit.database_health import health_of
from bri_kit.errors import DatabaseDamaged, StorageFull
from bri_kit.unusable import DatabaseUnusable

FIRST = "0001"
_VERSION_TABLE = "alembic_version"


class NewerDatabase(DatabaseUnusable):
    """The database was written by newer software."""


class UnknownRevision(DatabaseUnusable):
    """There is no such revision."""


class MigrationFailed(DatabaseUnusable):
    """A database could not be opened or stepped; it is as it was."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Revisions of one kind of database. `folder` holds Alembic's `env.py` and `versions`; `mark`
    is a table that every database of this kind has had from the first; `remedy` is what its
    operator is to do where it is damaged."""

    name: str
    folder: Path
    mark: str
    remedy: str = "restore it from a backup"

    @property
    def revisions(self) -> list[str]:
        """All that are known, the oldest first; a file `r0001_what.py` holds revision `0001`."""
        return sorted(path.name[1:5] for path in self.folder.glob("versions/r[0-9]*.py"))

    @property
    def head(self) -> str:
        """Today's."""
        return self.revisions[-1]


@dataclass(frozen=True, slots=True)
class Stepped:
    """From which revision a database came to which; `before` is empty for a new one."""

    before: str
    after: str


def revision(connection: Connection, schema: Schema) -> str:
    """What a database holds; empty where it holds nothing of this kind."""
    found = inspect(connection)
    if found.has_table(_VERSION_TABLE):
        # One row, because revisions follow each other in a line.
        return str(
            connection.exec_driver_sql(f"SELECT version_num FROM {_VERSION_TABLE}").scalar() or ""  # noqa: S608
        )
    return FIRST if found.has_table(schema.mark) else ""


def found(engine: Engine, schema: Schema) -> str:
    """What a database holds, empty where it holds nothing of this kind.

    Raises:
        MigrationFailed: it cannot be read.
        NewerDatabase: it was written by newer software.
    """
    try:
        with engine.connect() as connection:
            held = revision(connection, schema)
    except (SQLAlchemyError, OSError) as error:
        raise _failed(engine, schema, "cannot be opened", error) from error
    _refuse_newer(schema, held)
    return held


def migrate(engine: Engine, schema: Schema, to: str = "") -> Stepped:
    """Bring a database to the revision `to`, an earlier one too; to today's where it is empty.

    Raises:
        NewerDatabase: the database was written by newer software.
        UnknownRevision: there is no revision `to`.
        MigrationFailed: it cannot be opened, or a step failed; it is as it was.
    """
    health_of(engine).remedy = schema.remedy
    to = to or schema.head
    if to not in schema.revisions:
        raise UnknownRevision(f"there is no revision {to!r}; known are {_listed(schema)}")
    before = found(engine, schema)
    if before == to:
        return Stepped(before, to)
    try:
        with engine.execution_options(writes=True).begin() as connection:
            before = revision(connection, schema)  # another process may have stepped meanwhile
            _refuse_newer(schema, before)
            _step(connection, schema, before, to)
    except (SQLAlchemyError, OSError) as error:
        task = f"could not be brought from {before or 'nothing'} to {to}, and is as it was"
        raise _failed(engine, schema, task, error) from error
    return Stepped(before, to)


def _step(connection: Connection, schema: Schema, before: str, to: str) -> None:
    from alembic import command  # heavy, and needed once in a version

    config = _configuration(connection, schema)
    if before == FIRST and not inspect(connection).has_table(_VERSION_TABLE):
        command.stamp(config, FIRST)
    (command.downgrade if before > to else command.upgrade)(config, to)


def _configuration(connection: Connection, schema: Schema) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(schema.folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def run_steps(context: Any) -> None:
    """What an `env.py` does: the steps, in the transaction that the caller has begun."""
    context.configure(connection=context.config.attributes["connection"])
    context.run_migrations()


def _refuse_newer(schema: Schema, held: str) -> None:
    if held and held not in schema.revisions:
        raise NewerDatabase(
            f"the {schema.name}'s database is of revision {held!r}, newer than this software, "
            f"which knows {_listed(schema)}; it was not touched"
        )


def _listed(schema: Schema) -> str:
    return ", ".join(schema.revisions)


def _failed(engine: Engine, schema: Schema, what: str, error: Exception) -> MigrationFailed:
    name, reason = f"the {schema.name}'s database", storage.reason(error)
    if engine.dialect.name == "sqlite":
        name = f"{name} {engine.url.database}"
    fact = storage.explain(error)
    if isinstance(fact, DatabaseDamaged):
        return MigrationFailed(f"{name} is damaged ({reason}): {schema.remedy}")
    if isinstance(fact, StorageFull):
        return MigrationFailed(f"{name} {what}: there is no room on its disk ({reason})")
    return MigrationFailed(f"{name} {what}: {reason}")
