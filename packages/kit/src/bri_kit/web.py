"""The edge of every HTTP service: request ids, limits, measurements, health, errors as problems.

Rules:
- a request carries an X-Request-ID (the client's where it is sane) and every log line keeps it;
- whatever leaves passes here, the answer to a failure included, and carries the browsers' policy;
- a client beyond its rate is refused before anything is read (`limits`), a sender who is not
  authenticated before the body is read (`guards`), and a body when it passes what its route takes
  or stops coming (`bodies`);
- `/healthz` says the process lives, `/readyz` says whether it can serve, and if not why; what its
  operator should know although it serves is a remark.

From the outside in: request context, browsers' policy, other sites' pages, failures, heads, limits,
bodies.
"""

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from ulid import ULID

from bri_kit import metrics
from bri_kit.addresses import parse_networks
from bri_kit.bodies import BodyLimit
from bri_kit.denials import Denials
from bri_kit.description import describe
from bri_kit.documentation import add_documentation
from bri_kit.errors import Unavailable
from bri_kit.guards import GuardedRoute
from bri_kit.heads import HeadLimit
from bri_kit.json_text import encode
from bri_kit.limits import Limits
from bri_kit.policy import BrowserPolicy
from bri_kit.problems import Failures, problem_responses, render_problems
from bri_kit.redaction import redact
from bri_kit.security_txt import add_security_txt
from bri_kit.settings import ServiceSettings

_REQUEST_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)
_MIB = 1024 * 1024

ReadinessCheck = Callable[[], Awaitable[str | None]]
"""Answers None where all is well, else what is missing, in words."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class JSON(JSONResponse):
    """A JSON answer, by orjson."""

    def render(self, content: Any) -> bytes:
        return encode(content)


def create_app(
    *,
    title: str,
    description: str,
    lifespan: Lifespan,
    settings: ServiceSettings,
    readiness: Sequence[ReadinessCheck] = (),
    remarks: Sequence[ReadinessCheck] = (),
    languages: Sequence[str] = ("en",),
    open_to_sites: bool = False,
) -> FastAPI:
    """An application with the edges on; `languages` are those of its site, and `open_to_sites` lets
    pages of any other site read what anybody may read."""
    app = FastAPI(
        title=title,
        description=description,
        version="1",
        lifespan=lifespan,
        default_response_class=JSON,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.router.route_class = GuardedRoute
    render_problems(app, Denials(parse_networks(settings.trusted_proxies)))
    describe(app)
    app.add_middleware(
        BodyLimit,
        limit=settings.max_body_mib * _MIB,
        idle_seconds=settings.body_idle_seconds,
    )
    app.add_middleware(Limits, settings=settings)
    app.add_middleware(HeadLimit)
    app.add_middleware(Failures)
    if open_to_sites:
        app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET"])
    app.add_middleware(
        BrowserPolicy,
        hsts_seconds=settings.hsts_seconds,
        hsts_subdomains=settings.hsts_subdomains,
    )
    app.add_middleware(RequestContext)
    _add_health(app, readiness, remarks)
    add_security_txt(app, settings, languages)
    add_documentation(app)
    return app


def add_routes(app: FastAPI, *routers: APIRouter) -> None:
    """Serve what these routers do. The routes are the routers' own, made once in a process:
    `include_router` makes each anew for every application, at a request that waits for it."""
    for router in routers:
        app.router.routes.extend(router.routes)


def _add_health(
    app: FastAPI, readiness: Sequence[ReadinessCheck], remarks: Sequence[ReadinessCheck]
) -> None:
    async def heard(checks: Sequence[ReadinessCheck]) -> list[str]:
        return [redact(said) for check in checks if (said := await check())]

    @app.get("/healthz", tags=["operations"], summary="Whether the process lives")
    async def healthz() -> JSON:
        return JSON({"status": "alive"})

    @app.get(
        "/readyz",
        tags=["operations"],
        summary="Whether the service can serve",
        responses=problem_responses(503),
    )
    async def readyz() -> JSON:
        if reasons := await heard(readiness):
            raise Unavailable("; ".join(reasons))
        told = await heard(remarks)
        return JSON({"status": "ready"} | ({"remarks": told} if told else {}))

    @app.get(
        "/metrics",
        tags=["operations"],
        summary="Measurements as OpenMetrics text",
        response_class=Response,
        responses={200: {"content": {metrics.CONTENT_TYPE: {"schema": {"type": "string"}}}}},
    )
    def measurements() -> Response:
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)


class RequestContext:
    """Gives each request its id and measures it, by route and not by path: paths are unbounded."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                identity = (b"x-request-id", request_id.encode())
                message["headers"] = [*message["headers"], identity]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            taken = time.perf_counter() - began
            metrics.REQUEST_SECONDS.labels(scope["method"], route, str(status)).observe(taken)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            if _REQUEST_ID.fullmatch(text):
                return text
    return str(ULID())
