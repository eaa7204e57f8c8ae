"""What a reader sees where there is no page: in words, with a way on, and the right status.

What nobody expected is told with the request's id, by which its log lines are found, and asks
nothing of anybody: what failed may be what would be asked.
"""

from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.types import Scope
from structlog.contextvars import get_contextvars

from bri_kit.errors import BriError, NotFound, Retracted, Unavailable
from bri_pages import languages
from bri_pages.messages import messages
from bri_pages.rendering import Page, Renderer
from bri_pages.site import Site
from bri_pages.visit import Visit

_FAILED = 500


async def show_problem(visit: Visit, error: BriError) -> HTMLResponse:
    """A page that tells an error."""
    heading, detail = _words(visit, error)
    retracted = isinstance(error, Retracted)
    centres = await visit.source.centres() if retracted else ()
    path = visit.request.url.path.strip("/").partition("/")[2]
    page = Page(path=path, title=heading, is_indexed=False)
    values = {
        "status": error.status,
        "heading": heading,
        "detail": detail,
        "tombstone": dict(error.members) if retracted else None,
        "names": visit.names(centres),
        "request_id": "",
    }
    return visit.show("problem.html", page, values, status=error.status)


def show_failure(site: Site, renderer: Renderer, scope: Scope) -> HTMLResponse:
    """A page for what nobody expected."""
    request = Request(scope)
    first, _, path = request.url.path.strip("/").partition("/")
    accepted = request.headers.get("accept-language", "")
    language = first if first in site.languages else languages.preferred(accepted, site.languages)
    say = messages(language).gettext
    values = {
        "status": _FAILED,
        "heading": say("Something went wrong"),
        "detail": say("It was noted. Please try again."),
        "tombstone": None,
        "names": {},
        "request_id": request_id(),
    }
    page = Page(path=path, title=say("Something went wrong"), is_indexed=False)
    origin = site.address or str(request.base_url).rstrip("/")
    return renderer.render(origin, "problem.html", language, page, values, _FAILED)


def request_id() -> str:
    """The id that the answer to this request carries, and its log lines."""
    return str(get_contextvars().get("request_id", ""))


def _words(visit: Visit, error: BriError) -> tuple[str, str]:
    if isinstance(error, Retracted):
        return (
            visit.say("This record was withdrawn"),
            visit.say("Its centre took it back. Here is what it said."),
        )
    if isinstance(error, NotFound):
        detail = error.detail or visit.say("There is nothing at this address, or not any more.")
        return visit.say("Not found"), detail
    if isinstance(error, Unavailable):
        return visit.say("Not available at the moment"), visit.say("Please try again in a minute.")
    return visit.say("Something went wrong"), visit.say("It was noted. Please try again.")
