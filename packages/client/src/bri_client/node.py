"""What a centre's node can be asked, and how records are written there.

Writing needs a token of that centre: a contributor's for drafts, an editor's to publish and to
withdraw. `revision` is the one that the caller knows: where somebody saved a newer one in the
meantime, `Stale` is raised and nothing is overwritten.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal
from uuid import uuid4

from bri_client.call import Call, Listing, get, listing, post, put, said
from bri_client.documents import Kind, NewRecord, Record, SignedEntry, Step
from bri_client.importing import Outcome, bring, import_batch
from bri_client.reading import (
    alive,
    countries,
    proof,
    ready,
    record,
    record_path,
    search,
    topics,
)
from bri_client.standings import Centre, Delivery, RecordDelivery

__all__ = [
    "Outcome",
    "alive",
    "bring",
    "centre",
    "countries",
    "create",
    "delivery",
    "history",
    "import_batch",
    "log",
    "proof",
    "publish",
    "ready",
    "record",
    "record_delivery",
    "records",
    "resync",
    "retract",
    "search",
    "submit",
    "topics",
    "update",
]

State = Literal["draft", "in-review", "published", "retracted"]


def centre() -> Call[Centre]:
    """Who publishes here, and the keys that its entries verify with."""
    return get("/api/v1/centre", Centre)


def records(
    state: State = "published",
    *,
    kind: Sequence[Kind] = (),
    country: Sequence[str] = (),
    topic: Sequence[str] = (),
    lang: Sequence[str] = (),
    since: str = "",
    until: str = "",
    limit: int = 100,
) -> Listing[dict[str, Any], Record]:
    """Records, newest first; those that are not published need a token."""
    filters = said({"kind": kind, "country": country, "topic": topic, "lang": lang})
    one = said({"state": state, "from": since, "to": until, "limit": limit})
    return listing("/api/v1/records", {**one, **filters}, Record)


def history(record_id: str) -> Listing[dict[str, Any], Step]:
    """What was done to a record, oldest first; drafts and names need a token."""
    return listing(f"{record_path(record_id)}/revisions", {}, Step)


def create(record: NewRecord, *, publish: bool = False, key: str = "") -> Call[Record]:
    """Create a draft, or with `publish` a published record.

    `key` makes asking again harmless, also by another process within two days; one is made up
    where none is given, so that a call may be repeated in any case.
    """
    headers = {"Idempotency-Key": key or uuid4().hex}
    params = {"publish": "true"} if publish else {}
    return replace(post("/api/v1/records", record, Record, headers, params), repeatable=True)


def update(record_id: str, record: NewRecord, revision: int) -> Call[Record]:
    """Replace a record; a published one is published anew at once."""
    return put(record_path(record_id), record, Record, _known(revision))


def submit(record_id: str, revision: int | None = None) -> Call[Record]:
    """Offer a draft for review."""
    return post(f"{record_path(record_id)}/submit", None, Record, _known(revision))


def publish(record_id: str, revision: int | None = None) -> Call[Record]:
    """Publish a draft, a record in review, or again a withdrawn one."""
    return post(f"{record_path(record_id)}/publish", None, Record, _known(revision))


def retract(record_id: str, reason: str, revision: int | None = None) -> Call[Record]:
    """Withdraw a published record everywhere; readers see the reason in its place."""
    document = {"reason": reason}
    return post(f"{record_path(record_id)}/retract", document, Record, _known(revision))


def _known(revision: int | None) -> dict[str, str]:
    return {} if revision is None else {"If-Match": f'"{revision}"'}


def delivery() -> Call[Delivery]:
    """How the centre's log comes to the hub."""
    return get("/api/v1/delivery", Delivery)


def record_delivery(record_id: str) -> Call[RecordDelivery]:
    """What became of a record's newest entry."""
    return get(f"{record_path(record_id)}/delivery", RecordDelivery)


def log(after: int = 0, limit: int = 100) -> Listing[dict[str, Any], SignedEntry]:
    """Signed entries after a number, oldest first."""
    return listing("/api/v1/log", {"after": after, "limit": limit}, SignedEntry)


def resync() -> Call[dict[str, Any]]:
    """Compare log and records with what the hub holds, and repair what differs (an editor's)."""
    return replace(post("/api/v1/resync", None, dict[str, Any]), repeatable=True)
