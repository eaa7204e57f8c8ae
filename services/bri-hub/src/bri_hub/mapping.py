"""From what is stored to what is shown: the bytes that a centre signed, or what `ShownEntry` has in
their place."""

from base64 import b64encode
from typing import Any

from bri.log.v1 import log_pb2

from bri_hub.domain import Gap, RecordState
from bri_hub.tables import BrakeState, Centre, Entry, Holding
from bri_kit import content
from bri_kit.keyring import Keyring, keys_json
from bri_kit.set_aside import Revision

MAX_GAPS = 10
"""How many gaps of a log are listed, the lowest numbers first."""


def record_json(holding: Holding) -> dict[str, Any]:
    """A published record, with where at the hub it comes from."""
    record, entry, shown = holding
    published = read_entry(entry, shown).published
    return content.to_json(published, RecordState.PUBLISHED) | {
        "updated_at": record.updated_at,
        "provenance": {
            "entry": entry.number,
            "hash": entry.hash.hex(),
            "received_at": entry.received_at,
        },
    }


def revision_of(holding: Holding) -> Revision:
    """What a record is set aside by where it cannot be written."""
    return Revision(holding.record.id, holding.record.revision)


def version_json(holding: Holding, language: str, address: str) -> dict[str, Any]:
    """A published record as one of a story's, with its title in `language` where there is one;
    `address` is the hub's own."""
    record = read_entry(holding.entry, holding.shown).published
    titles = {edition.language: edition.title for edition in record.editions}
    own = (each for each in (language, language.partition("-")[0]) if each in titles)
    return {
        "id": record.id,
        "centre": holding.record.centre,
        "languages": list(titles),
        "title": titles.get(next(own, record.original_language), ""),
        "date": content.display_date(record),
        "url": f"{address}/api/v1/records/{record.id}",
    }


def tombstone(holding: Holding) -> dict[str, Any]:
    """What is left of a retracted record: when it was withdrawn, why and by whom."""
    entry = read_entry(holding.entry, holding.shown)
    return {
        "id": holding.record.id,
        "centre": holding.record.centre,
        "revision": holding.record.revision,
        "retracted_at": entry.written_at,
        "reason": entry.retracted.reason,
    }


def centre_json(centre: Centre, ring: Keyring) -> dict[str, Any]:
    """A centre as the public sees it, with all its keys."""
    return {
        "code": centre.code,
        "names": centre.names,
        "languages": centre.languages,
        "edition_languages": centre.edition_languages,
        "countries": centre.countries,
        "public_key": b64encode(centre.public_key).decode(),
        "keys": keys_json(ring),
        "url": centre.url,
        "state": centre.state,
        "records": centre.records,
        "admitted_at": centre.admitted_at,
    }


def hold_json(state: BrakeState | None) -> dict[str, Any] | None:
    """What the brake holds of a centre; None where it holds nothing."""
    if state is None or state.held_from is None:
        return None
    return {
        "from": state.held_from,
        "since": state.held_since,
        "disturbed": state.disturbed,
        "records": state.records,
    }


def healing_json(asked: Gap, head: int) -> dict[str, int]:
    """What a centre was asked to send again, and how much of it is still to come."""
    remaining = max(0, asked.last - max(head, asked.first - 1))
    return {"first": asked.first, "last": asked.last, "remaining": remaining}


def reach_json(reach: log_pb2.Reach) -> dict[str, Any]:
    """How far a search replica shows a centre's log."""
    return {"place": reach.place, "number": reach.number, "at": reach.at}


def standing_json(centre: Centre, gaps: list[Gap], waiting: int, behind: float) -> dict[str, Any]:
    """How a centre's log stands at the hub. `behind` is in seconds."""
    return {
        "code": centre.code,
        "state": centre.state,
        "records": centre.records,
        "last_entry": {"number": centre.number, "at": centre.head_at},
        "lag": {"entries": centre.newest - centre.number, "seconds": behind},
        "gaps": len(gaps),
        "missing": sum(gap.last - gap.first + 1 for gap in gaps),
        "missing_ranges": [{"first": gap.first, "last": gap.last} for gap in gaps[:MAX_GAPS]],
        "waiting": waiting,
        "rejected": centre.rejected,
        "refused": centre.refused,
        "last_seen": centre.last_seen_at,
    }


def read_entry(entry: Entry, shown: bytes | None) -> log_pb2.Entry:
    """What is shown of an entry: what its centre signed, or what stands in its place. A signature
    says who wrote something, not that it is harmless to those who read it here."""
    if shown is not None:
        return log_pb2.Entry.FromString(shown)
    return log_pb2.Entry.FromString(log_pb2.SignedEntry.FromString(entry.envelope).entry)
