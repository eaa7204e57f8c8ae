"""The tables of what people at the hub decided and were given, in the registry of the others.

Rules:
- nothing here follows from the entries, so nothing but a backup brings it back;
- of a token only its hash is kept; times are RFC 3339 text in UTC.
"""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from bri_hub.tables import HubTable


class Audit(HubTable, table=True):
    """One thing that somebody decided about a centre; rows are added and never changed. `actor` is
    the name on the token, or `hub` for what the hub did by itself."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: str
    actor: str
    action: str
    centre: str = Field(index=True)
    reason: str
    detail: str = ""


class StoryDecision(HubTable, table=True):
    """The newest decision of an editor about two records, `one` the lower of their identifiers:
    they tell the same (`joined`), or they do not (`parted`)."""

    __tablename__ = "story_decision"
    __table_args__ = (Index("story_decision_by_other", "other"),)

    one: str = Field(primary_key=True)
    other: str = Field(primary_key=True)
    decision: str
    actor: str
    at: str
    reason: str


class Admission(HubTable, table=True):
    """Credentials of the broker that a centre was given. `request` is by what its join request is
    known; `user` is the public key that the credentials are of, void once `revoked_at` is set;
    `issued` is when, in seconds since 1970."""

    __tablename__ = "admission"

    request: str = Field(primary_key=True)
    centre: str = Field(index=True)
    user: str = Field(index=True)
    contact: str
    actor: str
    issued: int = Field(sa_type=BigInteger)
    made_at: str
    expires_at: str | None = None
    revoked_at: str | None = None


class Token(HubTable, table=True):
    """A bearer token of the hub's own staff, kept as a hash."""

    __tablename__ = "token"

    hash: str = Field(primary_key=True)
    role: int
    name: str
    created_at: str
    expires_at: str | None = None
    used_at: str | None = None
    revoked_at: str | None = None
