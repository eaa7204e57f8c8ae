"""The story of a record: who else tells the same. Everyone reads it, editors of the hub decide."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlmodel import Session

from bri_hub import service, stories
from bri_hub.api.deciding import Editor, Reason, carry_out
from bri_hub.api.reaching import PartsNeeded
from bri_hub.parts import Parts
from bri_hub.stories import Decision
from bri_kit import database
from bri_kit.guards import GuardedRoute
from bri_kit.problems import problem_responses
from bri_kit.web import JSON
from bri_retrieval.web import Language

router = APIRouter(
    prefix="/api/v1/records/{record_id}/story", tags=["stories"], route_class=GuardedRoute
)


class About(BaseModel):
    """The other record, and why; the reason is kept with who decided and when."""

    model_config = ConfigDict(extra="forbid")

    other: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    reason: Reason


@router.get(
    "", summary="Other records that tell the same", responses=problem_responses(404, 410, 503)
)
async def read_story(record_id: str, parts: PartsNeeded, lang: Language = "en") -> JSON:
    """Records of other centres or languages about the same. `linked` says whether they were `found`
    to tell the same, or an editor `decided` so; titles are in `lang` where there is an edition."""
    await asyncio.to_thread(
        _reading, parts, lambda session: service.read_record(session, record_id)
    )
    others, decided = await parts.search.story(record_id)
    items = await asyncio.to_thread(
        _reading,
        parts,
        lambda session: stories.read_story(session, others, decided, lang, parts.settings.address),
    )
    return JSON({"items": items, "cursor": None})


_DECIDED = problem_responses(401, 403, 404, 409, 410)


@router.post("/join", summary="Decide that two records tell the same", responses=_DECIDED)
async def join(record_id: str, about: About, parts: PartsNeeded, editor: Editor) -> JSON:
    """They are shown on one card from now on, whatever search finds, unless one is withdrawn."""
    decision = Decision(record_id, about.other, editor, about.reason)
    return JSON(await carry_out(parts, stories.join, decision))


@router.post("/part", summary="Decide that two records do not tell the same", responses=_DECIDED)
async def part(record_id: str, about: About, parts: PartsNeeded, editor: Editor) -> JSON:
    """They are never shown on one card from now on, whatever search finds."""
    decision = Decision(record_id, about.other, editor, about.reason)
    return JSON(await carry_out(parts, stories.part, decision))


def _reading(parts: Parts, read: Callable[[Session], Any]) -> Any:
    with database.reading(parts.engine) as session:
        return read(session)
