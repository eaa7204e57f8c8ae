"""What `/openapi.json` says of every route alike, so that no route has to say it.

Rules: each error is a problem document and nothing else; any request may be too many (429); one
with a body may be unreadable (400), too slow (408) or too large (413); one with a body or
parameters may break rules (422). What a route alone can answer, it tells itself.
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from bri_kit.problems import MEDIA_TYPE, Problem

_ANY = (429,)
_WITH_BODY = (400, 408, 413)
_WITH_INPUT = (422,)
_METHODS = ("get", "put", "post", "delete", "patch")
_OWN_WORDS = ("HTTPValidationError", "ValidationError")
"""FastAPI's own forms of errors, which no route answers with."""


def describe(app: FastAPI) -> None:
    """Have the application's OpenAPI document tell what this module's rules say."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(plain())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _OWN_WORDS:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for path in document["paths"].values():
        for method in _METHODS:
            if method in path:
                _complete(path[method])
    return document


def _complete(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    body, parameters = "requestBody" in operation, operation.get("parameters")
    expected = [*_ANY, *(_WITH_BODY if body else ()), *(_WITH_INPUT if body or parameters else ())]
    if not (body or parameters):
        responses.pop("422", None)
    for status in expected:
        responses.setdefault(str(status), {})
    for status, response in responses.items():
        if int(status) >= 400:
            response["description"] = HTTPStatus(int(status)).phrase
            response["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"] = dict(sorted(responses.items()))
