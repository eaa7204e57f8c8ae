"""The node's tables, in a registry of their own so that they can share a process with others.

Rules:
- an entry is written once and never changed; what became of it at the hub is told by receipts;
- times are RFC 3339 text and dates ISO 8601 text, which sort as they should;
- what lists filter on stands before the content, which SQLite keeps on pages of its own.
"""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class NodeTable(SQLModel, registry=registry()):
    """What all tables of a node share: their registry."""

    __table__: ClassVar[Table]


class LogHead(NodeTable, table=True):
    """The end of the centre's log; one row, locked by whoever changes a record."""

    __tablename__ = "log_head"

    centre: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)
    hash: bytes = Field(sa_type=LargeBinary)


class RecordRow(NodeTable, table=True):
    """A record as it is now; `content` is its serialised protobuf. `date` is its display date, or
    the day of its creation where it has none yet."""

    __tablename__ = "record"
    __table_args__ = (Index("record_listed", "state", "date", "id"),)

    id: str = Field(primary_key=True)
    revision: int
    state: str
    kind: str
    date: str
    created_at: str
    updated_at: str
    published_at: str | None = None
    retracted_at: str | None = None
    reason: str | None = None
    entry_number: int | None = Field(default=None, sa_type=BigInteger)
    content: bytes = Field(sa_type=LargeBinary)


class RecordTag(NodeTable, table=True):
    """One value that lists filter on; `name` is "country", "topic" or "language"."""

    __tablename__ = "record_tag"

    record_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: str = Field(primary_key=True)


class HistoryRow(NodeTable, table=True):
    """One thing that somebody did to a record."""

    __tablename__ = "history"

    number: int | None = Field(default=None, primary_key=True)
    record_id: str = Field(index=True)
    revision: int
    state: str
    action: str
    at: str
    actor: str
    reason: str | None = None


class EntryRow(NodeTable, table=True):
    """One line of the centre's log; `envelope` is the serialised SignedEntry."""

    __tablename__ = "entry"
    __table_args__ = (Index("entry_by_record", "record_id", "number"),)

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    record_id: str
    hash: bytes = Field(sa_type=LargeBinary)
    written_at: str
    envelope: bytes = Field(sa_type=LargeBinary)


class KeyRow(NodeTable, table=True):
    """A key of the centre, the public half, and the numbers that it signs; the newest is in use.
    The entry `last` handed over to the next one, unless the key was `revoked` after it."""

    __tablename__ = "signing_key"

    id: int | None = Field(default=None, primary_key=True)
    key: bytes = Field(sa_type=LargeBinary, unique=True)
    first: int = Field(sa_type=BigInteger)
    last: int | None = Field(default=None, sa_type=BigInteger)
    revoked: bool = False
    since: str


class ReceiptRow(NodeTable, table=True):
    """The hub's newest answer to an entry."""

    __tablename__ = "receipt"

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    verdict: str = Field(index=True)
    reason: str
    detail: str
    at: str


class DeliveryRow(NodeTable, table=True):
    """How far the log has been sent, and up to where every entry has its final receipt; one row."""

    __tablename__ = "delivery"

    centre: str = Field(primary_key=True)
    sent: int = Field(sa_type=BigInteger)
    settled: int = Field(sa_type=BigInteger)


class RangeDigestRow(NodeTable, table=True):
    """The digest of a full chunk of the log, so that comparing logs reads no log."""

    __tablename__ = "range_digest"

    chunk: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    digest: bytes = Field(sa_type=LargeBinary)


class DisplacedRow(NodeTable, table=True):
    """An entry that was written under a number which was used already, and was never sent."""

    __tablename__ = "displaced"

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    envelope: bytes = Field(sa_type=LargeBinary)


class PlaceRow(NodeTable, table=True):
    """A search replica at the hub: up to which of our entries it shows everything, and when we
    heard of it last."""

    __tablename__ = "place"

    name: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)
    heard_at: str


class ReachRow(NodeTable, table=True):
    """Since when a place shows everything up to a number; a row each time that it got further."""

    __tablename__ = "reach"

    place: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: str


class TokenRow(NodeTable, table=True):
    """A bearer token, of which only the hash is kept."""

    __tablename__ = "token"

    hash: str = Field(primary_key=True)
    name: str
    role: int
    created_at: str
    expires_at: str | None = None
    used_at: str | None = None
    revoked_at: str | None = None


class IdempotencyRow(NodeTable, table=True):
    """The answer to a request that may come again."""

    __tablename__ = "idempotency"

    token: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request: str
    body: bytes = Field(sa_type=LargeBinary)
    created_at: str = Field(index=True)
