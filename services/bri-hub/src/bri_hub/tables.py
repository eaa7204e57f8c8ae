"""The hub's database, on a registry of its own: other services may have tables of the same names.

Rules:
- everything here follows from the entries: an entry's envelope is kept byte for byte, once;
- `record.change` is the hub's change log, compacted: the number of the record's newest change;
- large columns stand last, because SQLite walks through them to reach what stands behind.
"""

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import JSON, BigInteger, Engine, Index
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from bri_hub.domain import CentreState
from bri_kit import database

MAX_NUMBER = 2**63 - 1
"""The highest number that a database can keep, or be asked for."""


class HubTable(SQLModel, registry=registry()):
    """Tables of the hub."""


class Centre(HubTable, table=True):
    """A centre that was admitted, and the head of its log as far as the hub holds it.

    `newest` is the highest number that arrived authentic; it is beyond `number` while entries
    between them are missing, since `behind_since`.
    """

    __tablename__ = "centre"

    code: str = Field(primary_key=True)
    names: dict[str, str] = Field(sa_type=JSON)
    languages: list[str] = Field(sa_type=JSON)
    edition_languages: list[str] = Field(sa_type=JSON)
    countries: list[str] = Field(sa_type=JSON)
    public_key: bytes
    url: str = ""
    state: str = CentreState.ACTIVE
    admitted_at: str
    number: int = Field(default=0, sa_type=BigInteger)
    head: bytes
    head_at: str | None = None
    newest: int = Field(default=0, sa_type=BigInteger)
    behind_since: str | None = None
    last_seen_at: str | None = None
    records: int = 0
    rejected: int = 0
    refused: int = 0


class Entry(HubTable, table=True):
    """One line of a centre's log with the hub's verdict (`accepted` or `rejected`)."""

    __tablename__ = "entry"

    centre: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    hash: bytes
    record_id: str
    received_at: str
    verdict: str
    reason: str = ""
    detail: str = ""
    envelope: bytes


class Record(HubTable, table=True):
    """What became of a record; its content is in the envelope of entry `entry_number`."""

    __tablename__ = "record"
    __table_args__ = (Index("record_by_centre", "centre", "change"),)

    id: str = Field(primary_key=True)
    centre: str
    revision: int
    state: str
    kind: str
    entry_number: int = Field(sa_type=BigInteger)
    change: int = Field(sa_type=BigInteger, unique=True)
    updated_at: str


class Holding(NamedTuple):
    """A record, and the newest entry about it."""

    record: Record
    entry: Entry


class Early(HubTable, table=True):
    """An authentic entry that waits for those before it."""

    __tablename__ = "early"

    centre: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    envelope: bytes


class Refusal(HubTable, table=True):
    """Bytes that were refused. `centre` is the one that their subject named, true or not.

    Old rows are dropped and numbers are never used again: the highest id counts all refusals.
    """

    __tablename__ = "refusal"

    id: int | None = Field(default=None, primary_key=True)
    centre: str = Field(index=True)
    at: str
    fault: str
    hash: bytes
    size: int
    beginning: bytes


class Token(HubTable, table=True):
    """A bearer token of the hub's own staff, kept as a hash."""

    __tablename__ = "token"

    hash: str = Field(primary_key=True)
    role: int
    name: str
    created_at: str


def open_database(data: Path) -> Engine:
    """The hub's database in the folder `data`, made where it is missing."""
    engine = database.connect(database.sqlite_url(data / "hub.db"))
    HubTable.metadata.create_all(engine)
    return engine
