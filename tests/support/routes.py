"""All routes of an application, those of included routers among them."""

import re

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

_PARAMETER = re.compile(r"\{[^}]*\}")


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Every route that answers requests of ours, listed in the OpenAPI document or not."""
    found: list[APIRoute] = []
    pending = list(app.routes)
    while pending:
        route = pending.pop()
        if isinstance(route, APIRoute):
            found.append(route)
        pending.extend(getattr(getattr(route, "original_router", None), "routes", []))
    return found


def requests_of(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and path, parameters filled with something that is not there."""
    return sorted(
        (method, _PARAMETER.sub("sco:1", route.path))
        for route in routes_of(app)
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
    )


def writes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and path that may have a body, mounted applications' among them, parameters
    filled with something that is not there."""
    found: set[tuple[str, str]] = set()
    pending: list[tuple[str, BaseRoute]] = [("", route) for route in app.routes]
    while pending:
        prefix, route = pending.pop()
        if isinstance(route, Mount):
            pending.extend((prefix + route.path, each) for each in route.routes)
        original = getattr(route, "original_router", None)
        pending.extend((prefix, each) for each in getattr(original, "routes", []))
        if isinstance(route, Route | APIRoute):
            path = _PARAMETER.sub("en", prefix + route.path)
            methods = (route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
            found |= {(method, path) for method in methods}
    return sorted(found)
