"""Where feeds are followed by WebSub: a form, taken at once and verified afterwards."""

from fastapi import APIRouter, Request, Response

from bri_hub.api.reaching import PartsNeeded
from bri_kit.errors import NotFound
from bri_kit.guards import GuardedRoute
from bri_kit.problems import problem_responses
from bri_pages.site import FEED_HUB
from bri_pages.views.subscribing import read_form

# WebSub describes its own form, and whoever reads a feed finds the address in it.
router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.post(FEED_HUB, status_code=202, responses=problem_responses(404, 413, 422))
async def take(request: Request, parts: PartsNeeded) -> Response:
    """Keep a request to begin or to end until its callback has confirmed it."""
    if parts.feed_hub is None or not parts.settings.alerts_webhooks:
        raise NotFound("Feeds are not followed by WebSub here.")
    await parts.feed_hub.take(await read_form(request), request.scope)
    return Response(status_code=202)
