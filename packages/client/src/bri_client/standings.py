"""What services answer about centres, their logs and decisions about them; see `documents`."""

from typing import Any, NotRequired, TypedDict


class Key(TypedDict):
    """A centre's key and the numbers of the entries that it signed; `last` is None while in use."""

    key: str
    first: int
    last: int | None
    revoked: bool


class Centre(TypedDict):
    """Who publishes. A node tells its `hub`; the hub tells `url`, `state` and the rest."""

    code: str
    names: dict[str, str]
    languages: list[str]
    edition_languages: list[str]
    countries: list[str]
    public_key: str
    keys: list[Key]
    hub: NotRequired[str]
    url: NotRequired[str]
    state: NotRequired[str]
    records: NotRequired[int]
    admitted_at: NotRequired[str]


class Standing(TypedDict):
    """How a centre's log stands at the hub."""

    code: str
    state: str
    records: int
    last_entry: dict[str, Any]
    lag: dict[str, float]
    gaps: int
    missing: int
    waiting: int
    rejected: int
    refused: int
    last_seen: str | None


class Status(TypedDict):
    """How every centre's log, search and the broker stand."""

    head: int
    refused: int
    centres: list[Standing]
    search: dict[str, Any]
    broker: str


class Answer(TypedDict):
    """The hub's answer to an entry that it did not take."""

    number: int
    record: str
    reason: str
    detail: str
    at: str


class Delivery(TypedDict):
    """How many of a node's entries were written, sent, accepted and so on."""

    written: int
    sent: int
    accepted: int
    rejected: int
    refused: int
    held: int
    waiting: int
    since: str | None
    connected: bool
    hub_head: int | None
    problem: str
    rejections: list[Answer]


class RecordDelivery(TypedDict):
    """What became of a record's newest entry, in words in `summary`."""

    record: str
    entry: int | None
    state: str
    summary: str


class Decided(TypedDict):
    """How a centre stands after a decision about it."""

    code: str
    state: str
    hold: dict[str, Any] | None
    keys: list[Key]
    told: NotRequired[bool]


class JoinRequest(TypedDict):
    """What a centre that would join says of itself, and what the hub remarks on it."""

    id: str
    code: str
    names: dict[str, str]
    languages: list[str]
    edition_languages: list[str]
    countries: list[str]
    contact: str
    url: str
    public_key: str
    nats_user: str
    made_at: str
    remarks: list[str]


class Admitted(JoinRequest):
    """A join request that was granted; `letter` is the text of the file for the centre."""

    letter: str


class AuditLine(TypedDict):
    """One decision: who, when, what and why."""

    at: str
    actor: str
    action: str
    centre: str
    reason: str
    detail: str
