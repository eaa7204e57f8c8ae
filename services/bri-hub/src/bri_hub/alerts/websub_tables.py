"""What WebSub needs beside the tables of alerts.

A feed that is followed is an `alert_subscription` of the channel `websub` like any other: its
search, its cursor and its attempts are there, and here is what only WebSub knows.
"""

from sqlalchemy import BigInteger
from sqlmodel import Field

from bri_hub.tables import HubTable


class WebSubIntent(HubTable, table=True):
    """Somebody asked to begin or to end (`mode`); whether it is really whoever runs `callback`
    is asked there. Gone when that answered, and at `expires_at` at the latest."""

    __tablename__ = "websub_intent"

    id: str = Field(primary_key=True)
    mode: str
    topic: str
    callback: str = Field(index=True)
    secret: str
    lease: int = Field(sa_type=BigInteger)
    due_at: str = Field(index=True)
    attempts: int = 0
    expires_at: str


class WebSubFeed(HubTable, table=True):
    """The feed that a subscription is about, until when, and what its bodies are signed with;
    empty where the subscriber gave no secret."""

    __tablename__ = "websub_feed"

    id: str = Field(primary_key=True)
    topic: str
    callback: str = Field(index=True)
    secret: str
    expires_at: str = Field(index=True)
