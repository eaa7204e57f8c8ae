"""What harvesting by set and time needs in the hub's database.

Rules:
- all of it follows from the change log, and is filled by following it: ingest knows nothing of it;
- an item moves with its record's change number, and its rows in `exchange_set` with it;
- an item stays for ever, also of a record that was withdrawn.
"""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from bri_hub.tables import HubTable


class ExchangeCursor(HubTable, table=True):
    """Up to which change of the hub's log items are made; one row."""

    __tablename__ = "exchange_cursor"

    name: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)


class ExchangeItem(HubTable, table=True):
    """A record as harvesters know it: since when it is as it is, whether it is given out, and its
    sets, separated by spaces. `entry` is the entry that made it so."""

    __tablename__ = "exchange_item"
    __table_args__ = (Index("exchange_item_by_time", "at", "change"),)

    record_id: str = Field(primary_key=True)
    change: int = Field(sa_type=BigInteger, unique=True)
    at: str
    entry: int = Field(sa_type=BigInteger)
    is_deleted: bool
    sets: str


class ExchangeSet(HubTable, table=True):
    """An item's place in a set."""

    __tablename__ = "exchange_set"

    spec: str = Field(primary_key=True)
    change: int = Field(primary_key=True, sa_type=BigInteger)
