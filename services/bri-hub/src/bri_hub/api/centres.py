"""Who takes part, and how everything stands."""

from fastapi import APIRouter

from bri_hub import service
from bri_hub.api.reaching import PartsNeeded, SessionNeeded
from bri_hub.standing import read_standing
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
    """`lag` and `gaps` are of now; `rejected` and `refused` count from the beginning, `set_aside`
    (revisions of records that cannot be shown or given out) from the start of this process."""
    return JSON(await read_standing(parts))
