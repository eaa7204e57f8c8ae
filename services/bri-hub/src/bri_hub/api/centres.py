"""Who takes part, and how everything stands."""

import asyncio
from typing import Any

from fastapi import APIRouter

from bri_hub import service
from bri_hub.api.reaching import PartsNeeded, SessionNeeded
from bri_hub.parts import Parts
from bri_kit import database
from bri_kit.errors import Unavailable
from bri_kit.problems import problem_responses
from bri_kit.web import JSON

router = APIRouter(prefix="/api/v1", tags=["centres"])


@router.get("/centres", summary="All centres")
def list_centres(session: SessionNeeded) -> JSON:
    """Everyone who takes part, with their public keys."""
    return JSON(service.list_centres(session))


@router.get("/centres/{code}", summary="A centre", responses=problem_responses(404))
def read_centre(code: str, session: SessionNeeded) -> JSON:
    """Its names, languages, countries, key and address."""
    return JSON(service.read_centre(session, code))


@router.get("/status", summary="How every centre's log and search stand")
async def read_status(parts: PartsNeeded) -> JSON:
    """`lag` and `gaps` are of now; `rejected` and `refused` count from the beginning."""
    document = await asyncio.to_thread(_read_status, parts)
    document["search"] = await _search_status(parts, document["head"])
    document["broker"] = "connected" if parts.nats and parts.nats.is_connected else "away"
    return JSON(document)


def _read_status(parts: Parts) -> dict[str, Any]:
    with database.reading(parts.engine) as session:
        return service.read_status(session)


async def _search_status(parts: Parts, head: int) -> dict[str, Any]:
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
    }
