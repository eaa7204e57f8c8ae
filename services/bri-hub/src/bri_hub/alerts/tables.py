"""What following needs in the hub's database.

Rules:
- a search that is followed has a log of events of its own, written once for all who follow it; a
  subscription is a cursor into that log;
- the last event about a record is what was told about it, so it stays as long as the search; those
  before it go when everybody was told and some days have passed (`sweeping`);
- of a person there are the address, the language and the search, and nothing once they leave;
- numbers of events are given out by `alert_cursor` and never used again.
"""

from typing import Any

from sqlalchemy import JSON, BigInteger, Index, text
from sqlmodel import Field

from bri_hub.tables import HubTable


class AlertCursor(HubTable, table=True):
    """How far something has come: `changes` up to which change of the hub's log searches were
    matched, `events` the number of the last event."""

    __tablename__ = "alert_cursor"

    name: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)


class AlertSearch(HubTable, table=True):
    """A search that somebody follows: `asked` is its address's query part, filters in one order;
    `newest` is the number of its last event that is to be told."""

    __tablename__ = "alert_search"

    id: str = Field(primary_key=True)
    created_at: str
    newest: int = Field(default=0, sa_type=BigInteger)
    asked: str = Field(unique=True)


class AlertEvent(HubTable, table=True):
    """Something about a record that those who follow a search are told. `entry` is the number of
    the entry in its centre's log; `law` and `jurisdiction` are a policy's, to be found by."""

    __tablename__ = "alert_event"
    __table_args__ = (
        Index("alert_event_by_search", "search_id", "number"),
        Index("alert_event_by_record", "record_id", "search_id", "number"),
        Index("alert_event_by_law", "law"),
    )

    number: int = Field(
        default=0, primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    search_id: str
    record_id: str
    kind: str
    entry: int = Field(sa_type=BigInteger)
    revision: int
    at: str
    law: str = ""
    jurisdiction: str = ""
    titles: dict[str, str] = Field(sa_type=JSON)
    details: list[list[Any]] = Field(sa_type=JSON)


class AlertSubscription(HubTable, table=True):
    """Somebody who follows a search by `channel` (`mail`, `webhook`) at `target`. Events up to
    `cursor` were told; those up to `pending` are being told, since an attempt failed."""

    __tablename__ = "alert_subscription"
    __table_args__ = (
        Index(
            "alert_subscription_once",
            "search_id",
            "channel",
            "target",
            unique=True,
            sqlite_where=text("channel = 'mail'"),
            postgresql_where=text("channel = 'mail'"),
        ),
        Index("alert_subscription_by_target", "target"),
        Index("alert_subscription_by_due", "due_at"),
    )

    id: str = Field(primary_key=True)
    search_id: str
    channel: str
    target: str
    language: str
    rhythm: str
    state: str
    created_at: str
    due_at: str
    cursor: int = Field(sa_type=BigInteger)
    pending: int = Field(default=0, sa_type=BigInteger)
    attempts: int = 0
    failing_since: str | None = None


class AlertLetter(HubTable, table=True):
    """A letter that waits: one that asks an address whether it wants to follow (`confirmation`), or
    one with the link to all that it follows (`overview`). Gone once it is sent, and at `expires_at`
    at the latest."""

    __tablename__ = "alert_letter"

    id: str = Field(primary_key=True)
    address: str
    language: str
    expires_at: str
    due_at: str
    attempts: int = 0
    asked: str
    rhythm: str
    kind: str = Field(default="confirmation", sa_column_kwargs={"server_default": "confirmation"})
