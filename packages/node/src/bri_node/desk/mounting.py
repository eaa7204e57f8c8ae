"""The desk as an application, to be mounted beside the node's API and its pages.

Errors are pages in the person's language; to the desk's own script they are problem documents.
"""

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import Scope

from bri_kit.addresses import parse_networks
from bri_kit.denials import Denials
from bri_kit.errors import BriError, NotFound, TooManyRequests
from bri_kit.problems import Failures, http_problem, problem_response
from bri_kit.web import add_routes
from bri_node.desk import acting, devices, form, lists, oidc, signing, sources, writing
from bri_node.desk.devices import Devices
from bri_node.desk.throttle import Throttle
from bri_node.desk.turn import Desk, ForeignForm, NeedsSignIn, Turn, begin, begin_unknown
from bri_node.node import Node
from bri_node.profile import NodeSettings
from bri_pages.problems import request_id
from bri_pages.rendering import Renderer
from bri_pages.site import Site

_LEAST_COMPRESSED = 1_000


def create_desk(settings: NodeSettings, site: Site, node: Callable[[], Node]) -> FastAPI:
    """The editor's desk of a centre; `node` finds the running one."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_middleware(GZipMiddleware, minimum_size=_LEAST_COMPRESSED)
    app.add_middleware(Failures, answer=_tell_failure)
    trusted = parse_networks(settings.trusted_proxies)
    app.state.desk = Desk(
        find_node=node,
        settings=settings,
        site=site,
        renderer=Renderer(site),
        trusted=trusted,
        devices=Devices(settings.data / devices.FILE),
        throttle=Throttle(settings.failures_per_minute),
    )
    for module in (signing, oidc, lists, sources, writing, acting):
        add_routes(app, module.router)
    _show_problems(app, Denials(trusted))
    return app


def _show_problems(app: FastAPI, denials: Denials) -> None:
    def show(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code != 404:
            return http_problem(error)
        fact = error if isinstance(error, BriError) else NotFound()
        denials.note(fact, request.scope)
        if request.headers.get("accept", "").startswith("application/json"):
            return problem_response(fact)
        return _page(begin(request), fact)

    for kind in (BriError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, show)


async def _tell_failure(scope: Scope, fact: BriError) -> Response:
    """What nobody expected, in the person's language as far as that can still be known; what was
    typed is in the browser and in the draft that is kept."""
    request = Request(scope)
    if request.headers.get("accept", "").startswith("application/json"):
        return problem_response(fact)
    try:
        turn = await run_in_threadpool(begin, request)
    except SQLAlchemyError:  # the database may be what failed
        turn = begin_unknown(request)
    return _page(turn, fact)


def _page(turn: Turn, fact: BriError) -> Response:
    """An error in words, with a way on and with everything that was typed."""
    if isinstance(fact, NeedsSignIn):
        return signing.form_page(turn, fact.place, fact.kept, status=401)
    again = fact.again if isinstance(fact, ForeignForm) and turn.user is not None else ""
    place = fact.place if isinstance(fact, ForeignForm) else ""
    fields = form.read(again.encode()).without("token") if again else []
    values = {
        "problem": type(fact).__name__,
        "detail": fact.detail,
        "status": fact.status,
        "place": place,
        "fields": fields,
        "wait": fact.retry_after if isinstance(fact, TooManyRequests) else 0,
        "request_id": request_id() if type(fact) is BriError else "",
    }
    answer = turn.show("problem.html", turn.say("That did not work"), values, fact.status)
    if isinstance(fact, TooManyRequests):
        answer.headers["Retry-After"] = str(fact.retry_after)
    return answer
