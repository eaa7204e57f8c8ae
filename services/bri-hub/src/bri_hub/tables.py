"""The hub's database, on a registry of its own: other services may have tables of the same names.

Rules:
- everything here follows from the entries: an entry's envelope is kept byte for byte, once; what
  people decided has tables of its own (`stafftables`);
- `record.change` is the hub's change log, compacted: the number of the record's newest change;
- large columns stand last, because SQLite walks through them to reach what stands behind.
"""

from pathlib import Path
from typing import ClassVar, NamedTuple

from sqlalchemy import JSON, BigInteger, Column, Engine, Index, Integer, Table
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from bri_hub.domain import CentreState
from bri_hub.migrations import SCHEMA
from bri_kit import database
from bri_kit.migrations import migrate
from bri_kit.settings import told

FILE = "hub.db"
URL_VARIABLE = "BRI_HUB_DATABASE_URL"

MAX_NUMBER = 2**63 - 1
"""The highest number that a database can keep, or be asked for."""


class HubTable(SQLModel, registry=registry()):
    """Tables of the hub."""

    __table__: ClassVar[Table]


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
    __table_args__ = (Index("entry_by_record", "record_id", "number"),)

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
    """What became of a record; its content is in the envelope of entry `entry_number`. It is shown
    since `shown_since`, by the hub's clock; empty is longer ago than was noted."""

    __tablename__ = "record"
    __table_args__ = (
        Index("record_by_centre", "centre", "change"),
        Index("record_by_showing", "centre", "shown_since"),
    )

    id: str = Field(primary_key=True)
    centre: str
    revision: int = Field(sa_type=database.WIDE)
    state: str
    kind: str
    entry_number: int = Field(sa_type=BigInteger)
    change: int = Field(sa_type=BigInteger, unique=True)
    updated_at: str
    shown_since: str = Field(default="", sa_column_kwargs={"server_default": ""})


class ShownEntry(HubTable, table=True):
    """What is shown in place of an accepted entry that may not be shown as it was signed: an entry,
    serialised, that is within the rules (`bri_kit.entry_rules`)."""

    __tablename__ = "shown_entry"

    centre: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    entry: bytes


class ShownRules(HubTable, table=True):
    """How far the entries were looked at by a version of the rules: up to a number of a centre's
    log, in the order of the centres' codes."""

    __tablename__ = "shown_rules"

    rules: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    centre: str = ""
    number: int = Field(default=0, sa_type=BigInteger)
    is_done: bool = False


class Holding(NamedTuple):
    """A record, the newest entry about it, and what is shown in that entry's place, if anything."""

    record: Record
    entry: Entry
    shown: bytes | None = None


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


class Epoch(HubTable, table=True):
    """One life of the change log, from a start of the hub to the next. What is restored from a
    backup begins an epoch at an earlier head than that which followers have seen."""

    __tablename__ = "epoch"

    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    began_at: int = Field(sa_type=BigInteger)
    at: str


class StreamPosition(HubTable, table=True):
    """Up to where the broker's stream was stored here, in the transaction that stored it. `stream`
    tells one stream from another of the same name; one row."""

    __tablename__ = "stream_position"

    name: str = Field(primary_key=True)
    stream: str
    sequence: int = Field(sa_type=BigInteger)


class RangeDigest(HubTable, table=True):
    """The digest of a full chunk of a centre's log, so that comparing logs reads no log."""

    __tablename__ = "range_digest"

    centre: str = Field(primary_key=True)
    chunk: int = Field(primary_key=True, sa_type=BigInteger)
    digest: bytes


class CentreKey(HubTable, table=True):
    """A key of a centre and the numbers that it may sign; `origin` says how it came: `admitted`,
    `rotated` (the key before signed it over) or `entered` (by the hub's admin)."""

    __tablename__ = "centre_key"

    centre: str = Field(primary_key=True)
    key: bytes = Field(primary_key=True)
    first: int = Field(sa_type=BigInteger)
    last: int | None = Field(default=None, sa_type=BigInteger)
    revoked: bool = False
    origin: str
    since: str


class Evidence(HubTable, table=True):
    """One envelope of a forked history. Of a fork at `fork` there is the one that was `held`, the
    `other`, and where the other's own signature does not hold the `witness`es that follow it."""

    __tablename__ = "evidence"

    id: int | None = Field(default=None, primary_key=True)
    centre: str = Field(index=True)
    fork: int = Field(sa_type=BigInteger)
    role: str
    hash: bytes
    at: str
    envelope: bytes


class BrakeState(HubTable, table=True):
    """What the brake does with a centre: since when and from which entry on it holds, and up to
    which number the hub's admin let entries through, or refused them, the last time at
    `refused_at`."""

    __tablename__ = "brake"

    centre: str = Field(primary_key=True)
    held_from: int | None = Field(default=None, sa_type=BigInteger)
    held_since: str | None = None
    disturbed: int = 0
    records: int = 0
    passed_upto: int = Field(default=0, sa_type=BigInteger)
    refused_upto: int = Field(default=0, sa_type=BigInteger)
    refused_at: str | None = None
    reason: str = ""


class Disturbance(HubTable, table=True):
    """A published record that its centre rewrote or withdrew of late, and since when it had been
    shown before that; older rows are dropped."""

    __tablename__ = "disturbance"
    __table_args__ = (Index("disturbance_by_centre", "centre", "at"),)

    record_id: str = Field(primary_key=True)
    centre: str
    at: str
    shown_since: str = Field(default="", sa_column_kwargs={"server_default": ""})


def open_database(data: Path, url: str | None = None) -> Engine:
    """The hub's database at the address `url`, in the folder `data` where that is empty; made and
    brought to today's schema where it is not. None is what the environment says, so that commands
    beside a running hub find what it has.

    Raises:
        bri_kit.unusable.DatabaseUnusable: it was written by newer software, or cannot be opened.
    """
    setting = told(URL_VARIABLE) if url is None else url
    engine = database.connect(database.address(setting, data / FILE))
    try:
        migrate(engine, SCHEMA)
    except BaseException:
        engine.dispose()
        raise
    return engine
