"""Errors as RFC 9457 problem documents: the one place where they are rendered."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bri_kit import storage
from bri_kit.denials import Denials
from bri_kit.errors import (
    BriError,
    FieldError,
    InvalidInput,
    MalformedRequest,
    TooManyRequests,
    Unauthenticated,
)
from bri_kit.json_text import encode

Answer = Callable[[Scope, BriError], Awaitable[ASGIApp]]
"""Makes the answer to a request that failed: what a caller is told, as a page or a document."""

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 50
"""Field errors in one document; further ones are counted in `omitted_errors`."""
_MAX_FIELD_NAME = 200
"""Characters of a field's name that are repeated to its sender."""
logger = structlog.get_logger()


class FieldProblem(BaseModel):
    """One thing that is wrong with one field, named by a dotted path."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457: `title` names the fact, `detail` tells this occurrence. `omitted_errors` is the
    number of field errors beyond those in `errors`."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[FieldProblem] = []
    omitted_errors: int = 0


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a route that can answer with these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content, "model": Problem}
        for status in statuses
    }


def problem_body(error: BriError) -> dict[str, Any]:
    """The problem document of an error."""
    document: dict[str, Any] = {"type": "about:blank", "title": error.title, "status": error.status}
    document["detail"] = error.detail
    document["errors"] = [
        {"field": each.field, "message": each.message} for each in error.errors[:MAX_ERRORS]
    ]
    if len(error.errors) > MAX_ERRORS:
        document["omitted_errors"] = len(error.errors) - MAX_ERRORS
    return document | dict(error.members)


def problem_response(error: BriError) -> Response:
    """The HTTP answer that tells an error."""
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    body = encode(problem_body(error))
    return Response(body, status_code=error.status, headers=headers, media_type=MEDIA_TYPE)


def validation_error(errors: Sequence[Any]) -> BriError:
    """Pydantic's findings in our words; text that is not JSON is another fact than wrong fields."""
    if any(each["type"] == "json_invalid" for each in errors):
        return MalformedRequest("The body is not valid JSON.")
    return InvalidInput("Some fields are not as they should be.", field_errors(errors))


def field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """Pydantic's findings as field errors; where in the request a field stood is left out."""
    places = {"body", "query", "path", "header"}
    found = []
    for each in errors:
        parts = [str(part) for part in each["loc"]]
        field = ".".join(parts[1:] if parts and parts[0] in places else parts)
        found.append(FieldError(field[:_MAX_FIELD_NAME] or "body", _in_words(each)))
    return found


def _in_words(finding: Any) -> str:
    if finding["type"] == "missing":
        return "is missing"
    if finding["type"] == "extra_forbidden":
        return "is not a known field"
    return str(finding["msg"]).removeprefix("Value error, ")


def render_problems(app: FastAPI, denials: Denials | None = None) -> None:
    """Make `app` answer every error that it expects with a problem document; refusals for want of
    authentication or authorisation are noted."""
    noted = denials or Denials()

    async def told(request: Request, error: Exception) -> Response:
        assert isinstance(error, BriError)
        noted.note(error, request.scope)
        return problem_response(error)

    async def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(validation_error(error.errors()))

    async def plain(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return http_problem(error)

    app.add_exception_handler(BriError, told)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, plain)


def http_problem(error: HTTPException) -> Response:
    """The problem document of what the framework itself refuses, such as a method."""
    title = HTTPStatus(error.status_code).phrase
    detail = "" if error.detail == title else str(error.detail)
    document = {"type": "about:blank", "title": title, "status": error.status_code}
    body = encode(document | {"detail": detail, "errors": []})
    return Response(body, error.status_code, dict(error.headers or {}), MEDIA_TYPE)


async def tell_failure(_scope: Scope, fact: BriError) -> ASGIApp:
    """The problem document of a failure."""
    return problem_response(fact)


class Failures:
    """Answers what nobody expected by `answer`, which is handed a fact that tells nothing of it,
    and logs it. A disk that is full and a database that cannot be used are facts of their own
    (`storage`), wherever they are met. An answer that has begun cannot be taken back: there the
    failure goes on to the server."""

    def __init__(self, app: ASGIApp, answer: Answer = tell_failure) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = False

        async def sending(message: Message) -> None:
            nonlocal began
            began = began or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except ClientDisconnect:
            raise  # nobody is there to be answered, or `bodies` answers what is wrong with the body
        except Exception as error:
            if began or scope["type"] != "http":
                raise
            answer = await self.answer(scope, _fact_of(error, scope["path"]))
            await answer(scope, receive, send)


def _fact_of(error: Exception, path: str) -> BriError:
    """What a caller is told of an error that nobody expected, which is logged."""
    fact = storage.explain(error)
    if fact is None:
        logger.exception("request.failed", path=path)
        return BriError("The error was logged; its X-Request-ID finds it.")
    logger.error("request.refused", path=path, fact=fact.title, reason=storage.reason(error))
    return fact
