"""What the vectors belong to, and which records wait for theirs: one SQLite file.

Rules:
- whoever writes does so under `lock`, and nothing is kept or seen by readers before `commit`;
- a file that is no database, or a damaged one, is begun again: what it knew can all be made anew. A
  full disk, or a file that others hold, is no damage.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from threading import Lock, RLock
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

import structlog

_TABLES = """
CREATE TABLE IF NOT EXISTS told (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (
    record TEXT PRIMARY KEY, key TEXT NOT NULL, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS placed (
    slot INTEGER PRIMARY KEY, record TEXT NOT NULL, edition TEXT NOT NULL,
    passage INTEGER NOT NULL, checksum INTEGER NOT NULL, change INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS placed_by_record ON placed (record);
CREATE TABLE IF NOT EXISTS waiting (
    record TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting_by_number ON waiting (number);
CREATE TABLE IF NOT EXISTS crashed (
    record TEXT PRIMARY KEY, key TEXT NOT NULL, times INTEGER NOT NULL) WITHOUT ROWID;
"""

MOST_CRASHES = 2
"""A text over which the embedder crashed so often is set aside: once may be chance."""

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; a damaged file may have words that are no text, also in messages."""

_log = structlog.get_logger()


class _Damaged(sqlite3.DatabaseError):
    """What SQLite found when it checked the file."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def _noticing(
    method: Callable[Concatenate["Ledger", Arguments], Answer],
) -> Callable[Concatenate["Ledger", Arguments], Answer]:
    """The method; it notes when the file turns out to be damaged."""

    @wraps(method)
    def noticing(ledger: "Ledger", /, *args: Arguments.args, **named: Arguments.kwargs) -> Answer:
        try:
            return method(ledger, *args, **named)
        except FAILURES as reason:
            ledger.is_damaged = ledger.is_damaged or is_damage(reason)
            raise

    return noticing


class Placed(NamedTuple):
    """A row of the matrix: `checksum` is of its bytes, `change` counts commits."""

    slot: int
    record: str
    edition: str
    passage: int
    checksum: int
    change: int


class Ledger:
    """The tables, in the file `path`."""

    def __init__(self, path: Path) -> None:
        """Raises sqlite3.Error: the file cannot be opened now."""
        self._path = path
        self.is_damaged = False
        """Whether an answer said that the file is damaged: it has to be begun again."""
        self.lock = RLock()
        self._reading = Lock()
        self._writer = _open(path)
        self._reader = sqlite3.connect(path, check_same_thread=False, isolation_level=None)

    def begin_again(self) -> None:
        """Throw the file away, and begin with an empty one."""
        with self.lock, self._reading:
            self._reader.close()
            self._writer.close()
            _remove(self._path)
            self._writer = _connect(self._path)
            self.is_damaged = False
            self._reader = sqlite3.connect(
                self._path, check_same_thread=False, isolation_level=None
            )

    @_noticing
    def told(self, name: str) -> str:
        """A value that was told, or nothing."""
        row = self._writer.execute("SELECT value FROM told WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    @_noticing
    def tell(self, name: str, value: str) -> None:
        """Keep a value."""
        self._writer.execute("INSERT OR REPLACE INTO told VALUES (?, ?)", (name, value))

    @_noticing
    def key(self, record: str) -> str | None:
        """The key of the text that a record's vectors were made of; None without vectors."""
        row = self._writer.execute("SELECT key FROM held WHERE record = ?", (record,)).fetchone()
        return str(row[0]) if row else None

    @_noticing
    def hold(self, record: str, key: str, number: int) -> None:
        """Say what a record's vectors are made of, and by which change the record came."""
        self._writer.execute("INSERT OR REPLACE INTO held VALUES (?, ?, ?)", (record, key, number))

    @_noticing
    def place(self, rows: Iterable[Placed]) -> None:
        """Say what lies in which slot."""
        self._writer.executemany("INSERT OR REPLACE INTO placed VALUES (?, ?, ?, ?, ?, ?)", rows)

    @_noticing
    def slots(self, record: str) -> list[int]:
        """The slots of a record."""
        found = self._writer.execute("SELECT slot FROM placed WHERE record = ?", (record,))
        return [slot for (slot,) in found]

    @_noticing
    def forget(self, record: str) -> None:
        """Drop what is held of a record."""
        for table in ("held", "placed"):
            self._writer.execute(f"DELETE FROM {table} WHERE record = ?", (record,))  # noqa: S608

    @_noticing
    def forget_all(self) -> None:
        """Drop all vectors and all that wait or are set aside."""
        for table in ("held", "placed", "waiting", "crashed"):
            self._writer.execute(f"DELETE FROM {table}")  # noqa: S608 - names from above

    @_noticing
    def all_placed(self) -> Iterable[Placed]:
        """Every slot in use, in order."""
        return map(Placed._make, self._writer.execute("SELECT * FROM placed ORDER BY slot"))

    @_noticing
    def at(self, slots: Sequence[int]) -> dict[int, tuple[str, str, int]]:
        """What was committed of these slots, some hundred at the most: record, edition and
        passage."""
        marks = ",".join("?" * len(slots))
        statement = f"SELECT slot, record, edition, passage FROM placed WHERE slot IN ({marks})"  # noqa: S608 - only marks
        with self._reading:
            rows = self._reader.execute(statement, slots).fetchall()
        return {slot: (record, edition, passage) for slot, record, edition, passage in rows}

    @_noticing
    def of(self, record: str) -> list[Placed]:
        """What was committed of a record, by edition and passage."""
        statement = "SELECT * FROM placed WHERE record = ? ORDER BY edition, passage"
        with self._reading:
            return list(map(Placed._make, self._reader.execute(statement, (record,)).fetchall()))

    @_noticing
    def records(self) -> int:
        """How many records have vectors."""
        with self._reading:
            return int(self._reader.execute("SELECT count(*) FROM held").fetchone()[0])

    @_noticing
    def names(self) -> list[str]:
        """The records that have vectors, in the order of their names."""
        with self._reading:
            return [name for (name,) in self._reader.execute("SELECT record FROM held ORDER BY 1")]

    @_noticing
    def wait(self, records: Iterable[tuple[str, int]]) -> None:
        """Let records wait for their vectors, each with the number of its change."""
        self._writer.executemany("INSERT OR REPLACE INTO waiting VALUES (?, ?)", records)

    @_noticing
    def wait_again(self) -> None:
        """Let all records that have vectors wait for new ones, and drop those they have."""
        self._writer.execute("INSERT OR IGNORE INTO waiting SELECT record, number FROM held")
        for table in ("held", "placed"):
            self._writer.execute(f"DELETE FROM {table}")  # noqa: S608 - names from above

    @_noticing
    def wait_no_more(self, record: str, number: int) -> None:
        """A record is done with, unless it changed again after the change `number`."""
        self._writer.execute(
            "DELETE FROM waiting WHERE record = ? AND number <= ?", (record, number)
        )

    @_noticing
    def newest_waiting(self, count: int, upto: int) -> list[tuple[str, int]]:
        """The records that wait and changed last, but not after the change `upto`; behind all
        others those over which the embedder crashed before."""
        statement = (
            "SELECT waiting.record, waiting.number FROM waiting"
            " LEFT JOIN crashed ON crashed.record = waiting.record"
            " WHERE waiting.number <= ?"
            " ORDER BY crashed.record IS NOT NULL, waiting.number DESC LIMIT ?"
        )
        return list(self._writer.execute(statement, (upto, count)))

    @_noticing
    def is_waiting(self, record: str, number: int) -> bool:
        """Whether a record waits since exactly the change `number`."""
        statement = "SELECT 1 FROM waiting WHERE record = ? AND number = ?"
        return self._writer.execute(statement, (record, number)).fetchone() is not None

    @_noticing
    def waiting(self) -> int:
        """How many records wait."""
        with self._reading:
            return int(self._reader.execute("SELECT count(*) FROM waiting").fetchone()[0])

    @_noticing
    def crashed(self, record: str, key: str) -> int:
        """Count that the embedder crashed over the text of `key`; how often it has by now."""
        times = self.crashes(record, key) + 1
        row = (record, key, times)
        self._writer.execute("INSERT OR REPLACE INTO crashed VALUES (?, ?, ?)", row)
        return times

    @_noticing
    def crashes(self, record: str, key: str) -> int:
        """How often the embedder crashed over this text of a record."""
        statement = "SELECT times FROM crashed WHERE record = ? AND key = ?"
        row = self._writer.execute(statement, (record, key)).fetchone()
        return int(row[0]) if row else 0

    @_noticing
    def absolve(self, record: str) -> None:
        """Forget that the embedder crashed over a record."""
        self._writer.execute("DELETE FROM crashed WHERE record = ?", (record,))

    @_noticing
    def set_aside(self) -> int:
        """How many records are set aside."""
        statement = "SELECT count(*) FROM crashed WHERE times >= ?"
        with self._reading:
            return int(self._reader.execute(statement, (MOST_CRASHES,)).fetchone()[0])

    @_noticing
    def commit(self) -> None:
        """Keep all that was written."""
        self._writer.commit()

    @_noticing
    def rollback(self) -> None:
        """Give up what was written since the last commit."""
        self._writer.rollback()

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()
        self._writer.close()


def is_damage(error: Exception) -> bool:
    """Whether an error says that the file is no database, or is damaged; one of whose words are no
    text is."""
    if isinstance(error, UnicodeDecodeError):
        return True
    code: int = getattr(error, "sqlite_errorcode", 0) or 0
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except FAILURES as reason:
        if not is_damage(reason):
            raise
        _log.warning("vectors.rebuilt", path=str(path), reason=str(reason))
        _remove(path)
        return _connect(path)


def _remove(path: Path) -> None:
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_TABLES)
        # A rotten page shows when it is read; nothing is read of a table before it is asked for.
        if (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise _Damaged(found)
    except FAILURES:
        connection.close()
        raise
    return connection
