"""The lease of the hub's database: of all hub processes on it, one ingests at a time.

Rules:
- whoever holds the lease ingests, serves the change log and tells those who follow; the others
  answer readers, and try for the lease;
- it ends with the process or its connection, however that ends, and needs no clock;
- a holder that lost it without noticing yet does no harm: what it stores is refused, because it
  names an epoch that is over (`epochs`).

At PostgreSQL it is an advisory lock of a session, so a pooler that shares sessions between clients
must not be between; beside a SQLite file it is a lock on a file.
"""

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bri_kit import database

_NUMBER = 0x62726969  # "brii"


class Lease(Protocol):
    """Taken by one process at a time. Its methods block for a moment, and are called one at a
    time."""

    def take(self) -> bool:
        """Whether we hold it now. False also where the database does not answer."""

    def is_held(self) -> bool:
        """Whether we still hold it."""

    def release(self) -> None:
        """Let another have it. Nothing happens where it is not ours."""


def lease_of(engine: Engine) -> Lease:
    """The lease of a database."""
    if database.is_postgresql(engine):
        return ServerLease(engine)
    assert engine.url.database is not None
    return FileLease(Path(f"{engine.url.database}.ingest"))


class FileLease:
    """A lock on the file `path`, which stays; of processes of one machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def is_held(self) -> bool:
        return self._file is not None

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class ServerLease:
    """An advisory lock that a connection of its own holds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def take(self) -> bool:
        try:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except SQLAlchemyError:
            return False
        try:
            asked = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_NUMBER})")
            taken = bool(asked.scalar_one())
        except SQLAlchemyError:
            taken = False
        if taken:
            self._connection = connection
        else:
            _end(connection)
        return taken

    def is_held(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            self.release()
            return False
        return True

    def release(self) -> None:
        if self._connection is not None:
            _end(self._connection)
            self._connection = None


def _end(connection: Connection) -> None:
    """Close it for good: back in the pool it would go on holding the lock."""
    with suppress(SQLAlchemyError):
        connection.invalidate()
    with suppress(SQLAlchemyError):
        connection.close()
