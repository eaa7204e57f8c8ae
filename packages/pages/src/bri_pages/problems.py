"""What a reader sees where there is no page: in words, with a way on, and the right status.

What nobody expected is told with the request's id, by which its log lines are found, and asks
nothing of anybody: what failed may be what would be asked.
"""

from collections.abc import Callable

from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.types import Scope
from structlog.contextvars import get_contextvars

from bri_kit.errors import (
    BriError,
    DatabaseDamaged,
    NotFound,
    Retracted,
    StorageFull,
    Unavailable,
)
from bri_pages import languages
from bri_pages.messages import messages
from bri_pages.rendering import Page, Renderer
from bri_pages.site import Site
from bri_pages.visit import Visit


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


def show_failure(site: Site, renderer: Renderer, scope: Scope, fact: BriError) -> HTMLResponse:
    """A page for what nobody expected; `fact` is what a reader is told of it."""
    request = Request(scope)
    first, _, path = request.url.path.strip("/").partition("/")
    accepted = request.headers.get("accept-language", "")
    language = first if first in site.languages else languages.preferred(accepted, site.languages)
    heading, detail = _fact_words(messages(language).gettext, fact)
    values = {
        "status": fact.status,
        "heading": heading,
        "detail": detail,
        "tombstone": None,
        "names": {},
        "request_id": request_id(),
    }
    page = Page(path=path, title=heading, is_indexed=False)
    origin = site.address or str(request.base_url).rstrip("/")
    return renderer.render(origin, "problem.html", language, page, values, fact.status)


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
    return _fact_words(visit.say, error)


def _fact_words(say: Callable[[str], str], error: BriError) -> tuple[str, str]:
    """The words for what hangs on neither record nor address."""
    if isinstance(error, StorageFull):
        return say("No room to store this"), say(
            "Nothing was changed. The site has to make room first; reading goes on."
        )
    if isinstance(error, DatabaseDamaged):
        return say("Not available at the moment"), say(
            "The site's database is damaged and has to be restored. Its operator can see this."
        )
    if isinstance(error, Unavailable):
        return say("Not available at the moment"), say("Please try again in a minute.")
    return say("Something went wrong"), say("It was noted. Please try again.")
