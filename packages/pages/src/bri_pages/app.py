"""A site as an application, to be mounted beside an API that answers first.

Rules:
- every page has an address of its own in each language, `/<language>/...`; the same address
  without a language leads to the one that the browser asks for, and so does one in a language that
  the site does not have;
- errors are pages, in the reader's language, with the status that the API would give them.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Scope

from bri_kit import vocabulary
from bri_kit.errors import BriError, NotFound, Unavailable
from bri_kit.problems import Failures, http_problem, problem_response
from bri_kit.web import JSON
from bri_pages import assets, languages
from bri_pages.caching import Conditional
from bri_pages.discovery import add_discovery, describe_search
from bri_pages.messages import PSEUDO
from bri_pages.problems import show_failure, show_problem
from bri_pages.rendering import Renderer
from bri_pages.site import MODULE_PATHS, Site
from bri_pages.source import Source
from bri_pages.subscribing import FindAlerts, add_following
from bri_pages.views import finding, following, home, places, reading, standing
from bri_pages.visit import Visit

_LEAST_COMPRESSED = 1_000
_COMPRESSION = 5
_MOST_SUGGESTIONS = 8


def create_site(
    site: Site, source: Callable[[Request], Source], alerts: FindAlerts | None = None
) -> FastAPI:
    """The pages of `site`; `source` finds what a request's page asks, `alerts` who sends alerts
    where the site does."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.add_middleware(Conditional)
    app.add_middleware(GZipMiddleware, minimum_size=_LEAST_COMPRESSED, compresslevel=_COMPRESSION)
    renderer = Renderer(site)
    app.add_middleware(Failures, answer=_failures(site, renderer))
    offered = (*site.languages, PSEUDO)

    async def visit(request: Request, language: str) -> Visit:  # a plain one would cost a thread
        if language not in offered:
            raise UnknownLanguage(language)
        return Visit(request, site, source(request), renderer, language)

    _add_files(app, site)
    add_discovery(app, site, source)
    _add_pages(app, site, Annotated[Visit, Depends(visit)])
    add_following(app, Annotated[Visit, Depends(visit)], alerts)
    _add_ways_in(app, site)
    _show_problems(app, site, source, renderer)
    return app


def _failures(site: Site, renderer: Renderer) -> Callable[[Scope, BriError], Awaitable[Response]]:
    async def answer(scope: Scope, fact: BriError) -> Response:
        return show_failure(site, renderer, scope, fact)

    return answer


class UnknownLanguage(NotFound):
    """The address begins with something that is no language of this site."""


def _add_pages(app: FastAPI, site: Site, visiting: Any) -> None:  # noqa: C901 - one line a page
    @app.get("/{language}/")
    async def show_home(visit: visiting) -> Response:
        return await home.show_home(visit)

    @app.get("/{language}/search")
    async def show_search(visit: visiting) -> Response:
        return await finding.show_search(visit)

    @app.get("/{language}/opensearch.xml")
    async def show_description(visit: visiting) -> Response:
        return describe_search(visit)

    @app.get("/{language}/{path}.{form}")
    async def follow_list(visit: visiting, path: str, form: str) -> Response:
        return await following.follow_list(visit, path, form)

    @app.get("/{language}/topics/{code}.{form}")
    async def follow_topic(visit: visiting, code: str, form: str) -> Response:
        return await following.follow_list(visit, f"topics/{code}", form)

    @app.get("/{language}/suggest")
    async def suggest(visit: visiting, q: str = "", form: str = "") -> Response:
        items = await _suggest(visit, q)
        # A browser's own search field takes a list (OpenSearch Suggestions 1.0).
        return JSON([q, [each["text"] for each in items]] if form == "list" else {"items": items})

    for kind, path in MODULE_PATHS.items():
        app.get(f"/{{language}}/{path}")(_module(kind, visiting))

    @app.get("/{language}/records/{record_id}")
    async def show_record(visit: visiting, record_id: str) -> Response:
        return await reading.show_record(visit, record_id)

    @app.get("/{language}/records/{record_id}/history")
    async def show_history(visit: visiting, record_id: str) -> Response:
        return await reading.show_history(visit, record_id)

    @app.get("/{language}/countries")
    async def show_countries(visit: visiting) -> Response:
        return await places.show_countries(visit)

    @app.get("/{language}/countries/{code}")
    async def show_country(visit: visiting, code: str) -> Response:
        return await places.show_country(visit, code)

    @app.get("/{language}/topics")
    async def show_topics(visit: visiting) -> Response:
        return await places.show_topics(visit)

    @app.get("/{language}/topics/{code}")
    async def show_topic(visit: visiting, code: str) -> Response:
        return await places.show_topic(visit, code)

    if site.is_hub:
        _add_federation(app, visiting)


def _add_federation(app: FastAPI, visiting: Any) -> None:
    @app.get("/{language}/centres")
    async def show_centres(visit: visiting) -> Response:
        return await places.show_centres(visit)

    @app.get("/{language}/centres/{code}")
    async def show_centre(visit: visiting, code: str) -> Response:
        return await places.show_centre(visit, code)

    @app.get("/{language}/federation")
    async def show_federation(visit: visiting) -> Response:
        return await standing.show_federation(visit)


def _module(kind: str, visiting: Any) -> Callable[..., Awaitable[Response]]:
    async def show_module(visit: visiting) -> Response:
        return await finding.show_module(visit, kind)

    return show_module


async def _suggest(visit: Visit, text: str) -> list[dict[str, str]]:
    """Completions with where each leads; none where search is away."""
    if not text.strip():
        return []
    try:
        found = await visit.source.suggest(text[:200], visit.language, _MOST_SUGGESTIONS)
    except Unavailable:
        return []
    notes = {"topic": visit.say("Topic"), "title": "", "country": visit.say("Country")}
    places = {"topic": "topics", "title": "records", "country": "countries"}
    return [
        {
            "text": each.text,
            "note": notes.get(each.source, ""),
            "href": f"/{visit.language}/{places[each.source]}/{each.code}"
            if each.source in places
            else "",
        }
        for each in found
    ]


def _add_files(app: FastAPI, site: Site) -> None:
    @app.get("/static/accent.css")
    async def serve_accent() -> Response:
        return Response(
            f":root{{--accent:{site.accent}}}",
            media_type="text/css",
            headers={"Cache-Control": "public, max-age=31536000"},
        )

    @app.get("/static/emblem.svg")
    async def serve_emblem() -> Response:
        return assets.serve_emblem(site.accent)

    @app.get("/static/{name}")
    async def serve_file(name: str) -> Response:
        return assets.serve(name)


def _add_ways_in(app: FastAPI, site: Site) -> None:
    @app.get("/{path:path}")
    async def lead_in(request: Request, path: str) -> Response:
        first, _, rest = path.partition("/")
        if first in ("api", "static", *site.languages, PSEUDO):
            raise NotFound
        language = languages.preferred(request.headers.get("accept-language", ""), site.languages)
        # A language that we do not have: the same page in one that we do.
        rest = rest if vocabulary.is_language(first) else path
        query = f"?{request.url.query}" if request.url.query else ""
        headers = {"Vary": "Accept-Language"}
        return RedirectResponse(f"/{language}/{rest}{query}", status_code=302, headers=headers)


def _show_problems(
    app: FastAPI, site: Site, source: Callable[[Request], Source], renderer: Renderer
) -> None:
    async def show(request: Request, error: Exception) -> Response:
        path = request.url.path
        if isinstance(error, HTTPException) and error.status_code != 404:
            return http_problem(error)
        if isinstance(error, HTTPException):
            error = NotFound()
        assert isinstance(error, BriError)
        if path.startswith("/api/"):
            return problem_response(error)
        first = path.split("/")[1]
        accepted = request.headers.get("accept-language", "")
        known = first in (*site.languages, PSEUDO)
        language = first if known else languages.preferred(accepted, site.languages)
        visit = Visit(request, site, source(request), renderer, language)
        return await show_problem(visit, error)

    async def lead_elsewhere(request: Request, error: Exception) -> Response:
        assert isinstance(error, UnknownLanguage)
        accepted = request.headers.get("accept-language", "")
        language = languages.preferred(accepted, site.languages)
        _, first, rest = request.url.path.split("/", 2)
        if not vocabulary.is_language(first):
            return await show(request, NotFound())
        query = f"?{request.url.query}" if request.url.query else ""
        headers = {"Vary": "Accept-Language"}
        return RedirectResponse(f"/{language}/{rest}{query}", status_code=302, headers=headers)

    app.add_exception_handler(UnknownLanguage, lead_elsewhere)
    app.add_exception_handler(BriError, show)
    app.add_exception_handler(HTTPException, show)
