"""Copies of databases that are in use, each as it was at one moment, and the way back.

SQLite's are copied by its own backup interface, page for page, while others write; PostgreSQL's by
`pg_dump` and `pg_restore`, whose version must be the server's or newer.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from bri_kit import database
from bri_kit.backup import BackupFailed
from bri_kit.unusable import DatabaseUnusable

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_LOCK_SECONDS = 30


class DatabaseNotEmpty(DatabaseUnusable):
    """A backup is put back only where nothing is lost by it."""


def kind(address: str) -> str:
    """Which kind of database has this address."""
    return SQLITE if address.startswith("sqlite") else POSTGRESQL


def save(address: str, target: Path) -> None:
    """Copy the database at `address` to the file `target`. Raises BackupFailed."""
    if kind(address) == SQLITE:
        _save_sqlite(Path(make_url(address).database or ""), target)
    else:
        _save_postgresql(make_url(address), target)


def _save_sqlite(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.execute(f"PRAGMA busy_timeout = {_LOCK_SECONDS * 1000}")
            live.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        target.chmod(0o600)
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(f"{source} cannot be copied to {target.parent}: {error}") from None


def _save_postgresql(url: URL, target: Path) -> None:
    program = _find("pg_dump")
    with target.open("xb") as file:
        target.chmod(0o600)
        done = subprocess.run(  # noqa: S603 - the program is what we looked for
            [program, "--format=custom", "--no-owner", "--no-privileges", "--no-password"],
            stdout=file,
            stderr=subprocess.PIPE,
            env=_environment(url),
            check=False,
        )
    if done.returncode != 0:
        raise BackupFailed(f"pg_dump failed: {_last_line(done.stderr)}")


def check_restorable(address: str) -> None:
    """Raises DatabaseNotEmpty unless the PostgreSQL database is there and empty, and BackupFailed
    where the program that would fill it is missing."""
    _find("pg_restore")
    engine = database.connect(address)
    try:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
    except SQLAlchemyError as error:
        raise DatabaseUnusable(f"the database cannot be opened: {_told(error)}") from None
    finally:
        engine.dispose()
    if tables:
        raise DatabaseNotEmpty("the database holds tables already; give an empty one")


def restore(address: str, source: Path) -> None:
    """Fill the empty PostgreSQL database at `address`, all or nothing. Raises BackupFailed."""
    url = make_url(address)
    done = subprocess.run(  # noqa: S603 - the program is what we looked for
        [
            *(_find("pg_restore"), "--single-transaction", "--exit-on-error", "--no-owner"),
            *("--no-privileges", "--no-password", "--dbname", url.database or "", str(source)),
        ],
        capture_output=True,
        env=_environment(url),
        check=False,
    )
    if done.returncode != 0:
        raise BackupFailed(f"pg_restore failed: {_last_line(done.stderr)}")


def check_sqlite(file: Path) -> None:
    """Raises DatabaseUnusable unless the file is a SQLite database that is whole."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            [answer] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        answer = str(error)
    if answer != "ok":
        raise DatabaseUnusable(f"{file.name} is damaged: {answer}")


def _find(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise BackupFailed(
            f"{program} is missing: install PostgreSQL's client programs, of the server's version "
            "or newer, and have them on the PATH"
        )
    return found


def _environment(url: URL) -> Mapping[str, str]:
    """How libpq is told where to go: arguments would show the password to everyone here."""
    query = {f"PG{name.upper()}": str(value) for name, value in url.query.items()}
    known = {
        name: query[name] for name in ("PGSSLMODE", "PGSSLROOTCERT", "PGOPTIONS") if name in query
    }
    told = {
        "PGHOST": url.host or str(url.query.get("host", "")),
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": url.database or "",
    }
    return os.environ | known | {name: value for name, value in told.items() if value}


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _told(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().replace("\n", " ")
