"""Dumps beside the daily ones, for the hub's admins."""

from dataclasses import asdict

from fastapi import APIRouter

from bri_hub.api.deciding import Admin
from bri_hub.api.reaching import PartsNeeded
from bri_kit.errors import Unavailable
from bri_kit.guards import GuardedRoute
from bri_kit.problems import problem_responses
from bri_kit.web import JSON

router = APIRouter(prefix="/api/v1", tags=["mirroring"], route_class=GuardedRoute)


@router.post(
    "/admin/dumps",
    status_code=201,
    summary="Make a dump now",
    responses=problem_responses(401, 403, 503),
)
async def make_dump(parts: PartsNeeded, _admin: Admin) -> JSON:
    """Beside the daily one; it is answered when it is there, which takes a while for much."""
    if parts.exchange is None or not parts.settings.dumps_kept:
        raise Unavailable("This hub makes no dumps.")
    try:
        dump = await parts.exchange.dumping.make()
    except OSError as reason:
        raise Unavailable(f"No dump was made: {reason.strerror or reason}") from reason
    return JSON(asdict(dump), status_code=201)
