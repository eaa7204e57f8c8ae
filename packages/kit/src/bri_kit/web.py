"""The edge of every HTTP service: request ids, limits, measurements, health, errors as problems.

Rules:
- a request carries an X-Request-ID (the client's where it is sane) and every log line keeps it;
- a body larger than the limit is refused before it is read whole;
- `/docs` loads nothing from another host: a centre's line may be bad, or not there;
- `/healthz` says the process lives, `/readyz` says whether it can serve, and if not why.
"""

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Response
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from ulid import ULID

from bri_kit import metrics
from bri_kit.errors import TooLarge, Unavailable
from bri_kit.problems import Problem, problem_response, problem_responses, render_problems

MAX_BODY_BYTES = 32 * 1024 * 1024
_REQUEST_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)

ReadinessCheck = Callable[[], Awaitable[str | None]]
"""Answers None where all is well, else what is missing, in words."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class JSON(Response):
    """A JSON answer by orjson."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


def create_app(
    *,
    title: str,
    description: str,
    lifespan: Lifespan,
    readiness: Sequence[ReadinessCheck] = (),
    unlimited_paths: Sequence[str] = (),
) -> FastAPI:
    """An application with the edges on; `unlimited_paths` stream bodies and limit themselves."""
    app = FastAPIOffline(
        title=title,
        description=description,
        version="1",
        lifespan=lifespan,
        default_response_class=JSON,
        redirect_slashes=False,
        responses={422: {"model": Problem}},
    )
    render_problems(app)
    app.add_middleware(BodyLimit, limit=MAX_BODY_BYTES, unlimited_paths=tuple(unlimited_paths))
    app.add_middleware(RequestContext)
    _add_health(app, readiness)
    return app


def _add_health(app: FastAPI, readiness: Sequence[ReadinessCheck]) -> None:
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
        reasons = [reason for check in readiness if (reason := await check())]
        if reasons:
            raise Unavailable("; ".join(reasons))
        return JSON({"status": "ready"})

    @app.get("/metrics", tags=["operations"], summary="Measurements as OpenMetrics text")
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
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
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


class BodyLimit:
    """Refuses bodies beyond `limit` bytes: by their announced length, or as they arrive."""

    def __init__(self, app: ASGIApp, limit: int, unlimited_paths: tuple[str, ...]) -> None:
        self.app = app
        self.limit = limit
        self.unlimited_paths = unlimited_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.unlimited_paths:
            await self.app(scope, receive, send)
            return
        error = TooLarge(f"A request may carry at most {self.limit // 1024 // 1024} MiB.")
        if _announced_length(scope) > self.limit:
            await problem_response(error)(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise error
            return message

        await self.app(scope, receive_within_limit, send)


def _announced_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
