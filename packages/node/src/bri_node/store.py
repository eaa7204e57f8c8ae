"""The node's database as its parts share it: readers at any time, one writer at a time.

Rules:
- writers of this process queue here and not at SQLite, whose waiting is a sleep that grows;
- whoever waits for entries (relay, indexer) is told after the commit that wrote some;
- a data directory belongs to one centre for ever.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, select

from bri_kit import database, log
from bri_node.tables import DeliveryRow, LogHead, create_tables

FILE = "node.db"
_WROTE_ENTRIES = "wrote_entries"


class ForeignData(Exception):
    """The data directory belongs to another centre."""


class Store:
    """A node's database. Its methods may be called from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def reading(self) -> AbstractContextManager[Session]:
        """A session that sees one state of the database and changes nothing."""
        return database.reading(self._engine)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose work is committed when the block ends, or undone by an error in it."""
        with self._writer, database.writing(self._engine) as session:
            yield session
        if session.info.get(_WROTE_ENTRIES):
            for listener in self._listeners:
                listener()

    def on_entries(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, in the writer's thread, after each commit that wrote entries."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def announce_entries(session: Session) -> None:
    """Have the listeners told once this session's work is committed."""
    session.info[_WROTE_ENTRIES] = True


def open_store(data: Path, centre: str) -> Store:
    """The store in a data directory, made where there is none.

    Raises:
        ForeignData: the directory belongs to another centre.
    """
    engine = database.connect(database.sqlite_url(data / FILE))
    with database.writing(engine) as session:
        create_tables(session.connection())
        owners = session.exec(select(LogHead.centre)).all()
        if not owners:
            session.add(LogHead(centre=centre, number=0, hash=log.GENESIS))
            session.add(DeliveryRow(centre=centre, sent=0, settled=0))
    if owners and owners[0] != centre:
        engine.dispose()
        raise ForeignData(f"{data} belongs to the centre {owners[0]!r}, not to {centre!r}")
    return Store(engine)
