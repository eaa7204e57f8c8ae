"""How everything stands now: every centre's log, search, and the broker."""

import asyncio
from typing import Any

from bri_hub import service
from bri_hub.mapping import healing_json, reach_json
from bri_hub.parts import Parts
from bri_kit import database
from bri_kit.database_health import health_of
from bri_kit.errors import Unavailable
from bri_kit.set_aside import count_set_aside


async def read_standing(parts: Parts) -> dict[str, Any]:
    """The state of the federation as `/status` and the portal tell it."""
    document = await asyncio.to_thread(_read_centres, parts)
    document["storage"] = await asyncio.to_thread(_storage, parts)
    for centre in document["centres"]:
        number = centre["last_entry"]["number"]
        centre["unstored"] = parts.backlog.waiting(centre["code"], number)
        asked = parts.reminders.asked(centre["code"])
        head = centre["last_entry"]["number"]
        centre["resending"] = healing_json(asked, head) if asked else None
        reaches = parts.reaches.of(centre["code"])
        centre["reaches"] = [reach_json(each) for each in reaches]
    document["set_aside"] = count_set_aside()
    document["search"] = await _search(parts, document["head"])
    document["broker"] = "connected" if parts.nats and parts.nats.is_connected else "away"
    return document


def _storage(parts: Parts) -> dict[str, Any]:
    """Whether entries can be stored; `waiting_since` is since when they wait, for whatever
    reason."""
    document = health_of(parts.engine).document(parts.settings.data)
    backlog = parts.backlog
    if backlog.is_full and document["state"] in ("ok", "low"):
        document |= {"state": "full", "since": backlog.since}
    return document | {"waiting_since": backlog.since or None, "reason": backlog.reason or None}


def _read_centres(parts: Parts) -> dict[str, Any]:
    with database.reading(parts.engine) as session:
        return service.read_status(session)


async def _search(parts: Parts, head: int) -> dict[str, Any]:
    try:
        status = await parts.search.status()
    except Unavailable as error:
        return {"state": "away", "detail": error.detail, "cursor": None, "lag": None}
    return {
        "state": "answering",
        "engine": status.engine,
        "records": status.records,
        "cursor": status.cursor,
        "lag": max(0, head - status.cursor),
        "embedding_backlog": status.embedding_backlog,
        # The model that says what records mean; null where search works in words alone.
        "meaning": status.meaning or None,
        # Records that the embedder crashed over: they are found by their words alone.
        "set_aside_meaning": status.set_aside_meaning,
        # Records that could not be indexed, and the newest few of them by name.
        "set_aside": {"count": status.set_aside, "newest": list(status.set_aside_newest)},
        "not_linked": status.not_linked,
        "remarks": list(status.remarks),
    }
