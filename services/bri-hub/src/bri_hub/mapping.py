"""From what is stored to what is shown. Content is read from the bytes that the centre signed."""

from base64 import b64encode
from typing import Any

from bri.log.v1 import log_pb2

from bri_hub.domain import Gap, RecordState
from bri_hub.tables import Centre, Entry, Holding
from bri_kit import content, html


def record_json(holding: Holding) -> dict[str, Any]:
    """A published record, with where at the hub it comes from."""
    record, entry = holding
    published = _read(entry).published
    for edition in published.editions:
        # A signature says who wrote it, not that it is harmless to those who read it here.
        edition.body = html.sanitise(edition.body)
    return content.to_json(published, RecordState.PUBLISHED) | {
        "updated_at": record.updated_at,
        "provenance": {
            "entry": entry.number,
            "hash": entry.hash.hex(),
            "received_at": entry.received_at,
        },
    }


def tombstone(holding: Holding) -> dict[str, Any]:
    """What is left of a retracted record: when it was withdrawn, why and by whom."""
    entry = _read(holding.entry)
    return {
        "id": holding.record.id,
        "centre": holding.record.centre,
        "revision": holding.record.revision,
        "retracted_at": entry.written_at,
        "reason": entry.retracted.reason,
    }


def centre_json(centre: Centre) -> dict[str, Any]:
    """A centre as the public sees it."""
    return {
        "code": centre.code,
        "names": centre.names,
        "languages": centre.languages,
        "edition_languages": centre.edition_languages,
        "countries": centre.countries,
        "public_key": b64encode(centre.public_key).decode(),
        "url": centre.url,
        "state": centre.state,
        "records": centre.records,
        "admitted_at": centre.admitted_at,
    }


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
        "waiting": waiting,
        "rejected": centre.rejected,
        "refused": centre.refused,
        "last_seen": centre.last_seen_at,
    }


def _read(entry: Entry) -> log_pb2.Entry:
    return log_pb2.Entry.FromString(log_pb2.SignedEntry.FromString(entry.envelope).entry)
