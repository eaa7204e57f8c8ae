"""Errors of disks and databases as facts of the one error tree."""

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bri_kit import database, storage
from bri_kit.database_health import examine, health_of
from bri_kit.errors import BriError, DatabaseDamaged, StorageFull, Unavailable
from bri_kit.storage import MIB, Room
from bri_kit.unusable import refusing

FULL, DAMAGED, UNUSABLE = StorageFull, DatabaseDamaged, Unavailable


@pytest.mark.parametrize(
    ("error", "fact"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), FULL),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), FULL),
        (OSError(errno.ENOENT, "No such file or directory"), None),
        (psycopg.errors.DiskFull("no space"), FULL),
        (psycopg.errors.DataCorrupted("invalid page"), DAMAGED),
        (psycopg.errors.IndexCorrupted("index is corrupted"), DAMAGED),
        (psycopg.errors.AdminShutdown("shutting down"), UNUSABLE),
        (psycopg.OperationalError("connection refused"), UNUSABLE),
        (psycopg.errors.UndefinedTable("no such table"), None),
        (psycopg.errors.UniqueViolation("twice"), None),
        (PoolTimeout("QueuePool limit"), UNUSABLE),
        (ValueError("none of these"), None),
    ],
)
def test_errors_are_classified(error: Exception, fact: type[BriError] | None) -> None:
    """Alone, wrapped by SQLAlchemy, and as the cause of another error."""
    wrapped = OperationalError("SELECT 1", {}, error)
    caused = RuntimeError("it did not work")
    caused.__cause__ = wrapped
    for each in (error, wrapped, caused):
        found = storage.explain(each)
        assert type(found) is (fact or type(None))


def test_sqlite_says_what_it_is(tmp_path: Path) -> None:
    """Its own errors, by a file without room, one of nonsense, one locked, and a mistake."""
    file = tmp_path / "some.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE thing (text)")
        connection.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.Error) as full:
            connection.execute("INSERT INTO thing VALUES (?)", ("x" * 100_000,))
        connection.rollback()
        with pytest.raises(sqlite3.Error) as mistaken:
            connection.execute("SELECT nothing FROM thing")
        connection.execute("BEGIN EXCLUSIVE")
        with (
            closing(sqlite3.connect(file, timeout=0)) as other,
            pytest.raises(sqlite3.Error) as locked,
        ):
            other.execute("SELECT * FROM thing")
    file.write_bytes(b"nonsense " * 1_000)
    with closing(sqlite3.connect(file)) as connection, pytest.raises(sqlite3.Error) as damaged:
        connection.execute("SELECT * FROM thing")
    facts = [storage.explain(each.value) for each in (full, mistaken, locked, damaged)]
    assert [type(each) for each in facts] == [FULL, type(None), UNUSABLE, DAMAGED]


def fill(engine: Engine) -> None:
    with database.writing(engine) as session:
        session.execute(text("PRAGMA max_page_count = 2"))
        session.execute(text("INSERT INTO thing VALUES (:it)"), {"it": "x" * 100_000})


def test_a_database_is_full_until_something_is_stored(tmp_path: Path) -> None:
    """Whoever catches the error, it is kept; what fits again ends it."""
    engine = database.connect(f"sqlite:///{tmp_path / 'some.db'}")
    health = health_of(engine)
    try:
        with database.writing(engine) as session:
            session.execute(text("CREATE TABLE thing (text)"))
        with pytest.raises(DBAPIError):
            fill(engine)
        assert health.document(tmp_path)["state"] == "full"
        assert "no room" in (health.remark(tmp_path) or "")
        with database.writing(engine) as session:
            session.execute(text("INSERT INTO thing VALUES ('small')"))
        assert not health.full_since
    finally:
        engine.dispose()


def test_a_check_ends_in_time_and_finds_what_is_wrong(tmp_path: Path) -> None:
    """A file that is whole, one of which a page is nonsense, and no time at all."""
    file = tmp_path / "some.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE thing (text)")
        connection.executemany("INSERT INTO thing VALUES (?)", [("x" * 500,)] * 2_000)
        connection.commit()
    assert examine(file, 60) == ""
    with file.open("r+b") as pages:
        pages.seek(4096)
        pages.write(b"\xa5" * 4096)
    assert examine(file, 60)
    assert examine(file, -1) in ("", examine(file, 60))


@pytest.mark.parametrize(
    ("free", "total", "low", "gone"),
    [
        (0, 512, True, True),
        (100, 100_000, True, False),
        (1_000, 100_000, True, False),
        (6_000, 100_000, False, False),
        (20_000, 1_000_000, False, False),
    ],
)
def test_room_is_low_before_it_is_gone(free: int, total: int, low: bool, gone: bool) -> None:
    """By share on small disks, by bytes on large ones (here in MiB)."""
    room = Room(free * MIB, total * MIB)
    assert (room.is_low, room.is_gone) == (low, gone)


def test_a_process_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the disk is why; what is our own fault keeps its traceback."""
    with pytest.raises(SystemExit) as ended, refusing():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    with pytest.raises(ZeroDivisionError), refusing():
        raise ZeroDivisionError
