"""What can go wrong, as one tree under `ClientError`.

What a service refuses is a `Refused`, made from its problem document (RFC 9457); each status that a
program may want to tell apart has a class of its own, named after the fact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson


class ClientError(Exception):
    """Asking did not lead to an answer."""


class Unreachable(ClientError):
    """The service cannot be reached, or does not answer in time."""


class AnswerNotUnderstood(ClientError):
    """What came is not what such a service answers."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one field, named by a dotted path."""

    field: str
    message: str


class Refused(ClientError):
    """The service answered with a problem. `request_id` finds it in the service's log; `document`
    is the whole of what was answered."""

    def __init__(self, url: str, status: int, document: Mapping[str, Any], request_id: str) -> None:
        self.url = url
        self.status = status
        self.title = str(document.get("title") or "")
        self.detail = str(document.get("detail") or "")
        self.faults = _faults(document.get("errors"))
        self.document = document
        self.request_id = request_id
        told = self.detail or self.title or f"status {status}"
        super().__init__(
            "; ".join([told, *(f"{each.field} {each.message}" for each in self.faults)])
        )


class Invalid(Refused):
    """The service does not take what was said; `faults` names the fields."""


class NotAuthenticated(Refused):
    """No token, or one that is not valid there."""


class Forbidden(Refused):
    """The token's role does not allow this."""


class NotFound(Refused):
    """Nothing of this name is there."""


class Conflict(Refused):
    """The state of what is there does not allow this step."""


class Retracted(Refused):
    """The record was withdrawn; `document` says when, why and by whom."""


class Stale(Refused):
    """Somebody saved a newer revision in the meantime."""


class TooLarge(Refused):
    """More was sent than is taken."""


class RevisionNeeded(Refused):
    """The request would overwrite without saying what."""


class TooManyRequests(Refused):
    """The client asked more than it may; it may again after `retry_after` seconds."""

    retry_after: float = 1.0


class Unavailable(Refused):
    """A part that is needed does not answer; trying again later may help."""


_BY_STATUS: Mapping[int, type[Refused]] = {
    400: Invalid,
    401: NotAuthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Retracted,
    412: Stale,
    413: TooLarge,
    422: Invalid,
    428: RevisionNeeded,
    429: TooManyRequests,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def refusal(url: str, status: int, headers: Mapping[str, str], body: bytes) -> Refused:
    """The error that an answer which is no success tells; it need not be a problem document, for a
    proxy may have answered."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        document = {"title": _phrase(status), "detail": f"it answers {status}"}
    kind = _BY_STATUS.get(status, Refused)
    error = kind(url, status, document, headers.get("x-request-id", ""))
    if isinstance(error, TooManyRequests):
        error.retry_after = _seconds(headers.get("retry-after", ""))
    return error


def _faults(errors: object) -> tuple[Fault, ...]:
    if not isinstance(errors, list):
        return ()
    return tuple(
        Fault(str(each.get("field", "")), str(each.get("message", "")))
        for each in errors
        if isinstance(each, dict)
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Not a success"


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else TooManyRequests.retry_after
