"""What the hub can be asked: everything that all centres published."""

from collections.abc import Sequence
from typing import Any

from bri_client.call import Call, Listing, get, listing, post, said, segment
from bri_client.documents import Kind, Record, Results, StoryMember, Suggestion
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
from bri_client.standings import Centre, Status

__all__ = [
    "alive",
    "centre",
    "centres",
    "countries",
    "join_story",
    "part_story",
    "proof",
    "ready",
    "record",
    "records",
    "related",
    "search",
    "status",
    "story",
    "suggest",
    "topics",
]


def suggest(q: str, lang: str = "en", limit: int = 8) -> Listing[dict[str, Any], Suggestion]:
    """Completions of what is typed, the best first."""
    return listing("/api/v1/suggest", {"q": q, "lang": lang, "limit": limit}, Suggestion)


def records(
    *, centre: Sequence[str] = (), kind: Sequence[Kind] = (), limit: int = 100
) -> Listing[dict[str, Any], Record]:
    """All published records, the last changed first."""
    params = said({"centre": centre, "kind": kind, "limit": limit})
    return listing("/api/v1/records", params, Record)


def related(record_id: str, lang: str = "en", limit: int = 5) -> Call[Results]:
    """Records about the same, in any language, the nearest first."""
    return get(f"{record_path(record_id)}/related", Results, {"lang": lang, "limit": limit})


def story(record_id: str, lang: str = "en") -> Listing[dict[str, Any], StoryMember]:
    """Other records that tell the same."""
    return listing(f"{record_path(record_id)}/story", {"lang": lang}, StoryMember)


def join_story(record_id: str, other: str, reason: str) -> Call[dict[str, Any]]:
    """Decide that two records tell the same (an editor's token of the hub)."""
    document = {"other": other, "reason": reason}
    return post(f"{record_path(record_id)}/story/join", document, dict[str, Any])


def part_story(record_id: str, other: str, reason: str) -> Call[dict[str, Any]]:
    """Decide that two records do not tell the same (an editor's token of the hub)."""
    document = {"other": other, "reason": reason}
    return post(f"{record_path(record_id)}/story/part", document, dict[str, Any])


def centres() -> Listing[dict[str, Any], Centre]:
    """Everyone who takes part, with their public keys."""
    return listing("/api/v1/centres", {}, Centre)


def centre(code: str) -> Call[Centre]:
    """One centre."""
    return get(f"/api/v1/centres/{segment(code)}", Centre)


def status() -> Call[Status]:
    """How every centre's log and search stand."""
    return get("/api/v1/status", Status)
