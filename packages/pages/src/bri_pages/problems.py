"""What a reader sees where there is no page: in words, with a way on, and the right status."""

from fastapi.responses import HTMLResponse

from bri_kit.errors import BriError, NotFound, Retracted, Unavailable
from bri_pages.rendering import Page
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
    }
    return visit.show("problem.html", page, values, status=error.status)


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
