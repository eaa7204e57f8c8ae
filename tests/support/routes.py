"""All routes of an application, those of included routers among them."""

import re

from fastapi import FastAPI
from fastapi.routing import APIRoute

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
