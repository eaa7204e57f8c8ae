"""Authentication before the body: who may send, and how much, is settled before anything is read.

FastAPI reads and decodes a body before it resolves a route's dependencies, the one that
authenticates among them. A `GuardedRoute` resolves the guards among its dependencies first.

Rules:
- a guard is declared by depending on it, and how much a route takes by depending on `Takes`: there
  is no second list of routes to be kept;
- a route without `Takes` takes a body of at most 64 KiB;
- every request is authenticated against the database, in a thread: a token that was revoked is
  refused at the next request;
- a body of JSON is decoded in a thread where it is large, within the bounds of `json_bounds`.
"""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Generic, TypeVar

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from bri_kit import json_bounds
from bri_kit.bodies import DEFAULT, DEFAULT_BYTES, Allowance, allow

_CALLERS = "bri.callers"

Caller = TypeVar("Caller")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Guard(Generic[Caller]):
    """A dependency whose value is who sent the request, as `identify` finds it, in a thread, from
    the request's head. What `identify` raises is answered before the body is read."""

    def __init__(self, identify: Callable[[Request], Caller]) -> None:
        self._identify = identify

    async def __call__(self, request: Request) -> Caller:
        callers: dict[int, Caller] = request.scope.setdefault(_CALLERS, {})
        if id(self) not in callers:
            callers[id(self)] = await run_in_threadpool(self._identify, request)
        return callers[id(self)]


class Takes:
    """A dependency without effect that says how large a body its route takes; see `Allowance`."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance

    async def __call__(self) -> None:
        """Nothing: the route has read the allowance before."""


class GuardedRoute(APIRoute):
    """A route whose guards are asked before its body is read."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        calls = list(_calls(self.dependant))
        guards = [call for call in calls if isinstance(call, Guard)]
        allowance = next((call.allowance for call in calls if isinstance(call, Takes)), DEFAULT)
        if self.body_field is not None and allowance.values is None:
            allowance = Allowance(allowance.size, values=json_bounds.MAX_VALUES)

        async def guarded(request: Request) -> Response:
            for guard in guards:
                await guard(request)
            allow(request.scope, allowance)
            return await handle(_JSONRequest(request.scope, request.receive, request._send))

        return guarded


class _JSONRequest(Request):
    """A request whose JSON is decoded as `json_bounds` says."""

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            body = await self.body()
            if len(body) > DEFAULT_BYTES:
                self._json = await run_in_threadpool(json_bounds.decode, body)
            else:
                self._json = json_bounds.decode(body)
        return self._json


def _calls(dependant: Dependant) -> Iterator[object]:
    """The callables that a route depends on, however indirectly."""
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)
