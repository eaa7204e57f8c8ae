"""The one error tree. Raise the fact; `web` renders it as RFC 9457, the command line as a line.

A title names the fact and never varies; the detail tells this occurrence in words for the person
who can mend it; field errors name what was wrong with the input.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with one field, named by a path such as `editions.zh.title`."""

    field: str
    message: str


class BriError(Exception):
    """Something that a caller can be told. `status` is the HTTP status it is told with; `members`
    are further members of the problem document, for programs."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    field: ClassVar[str] = ""
    """What is at fault where `errors` says nothing else: a header, or the body as a whole."""

    def __init__(
        self,
        detail: str = "",
        errors: Sequence[FieldError] = (),
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        at_fault = [FieldError(self.field, detail)] if self.field else []
        self.errors = tuple(errors) or tuple(at_fault)
        self.members = members or {}


class MalformedRequest(BriError):
    """The request cannot be read at all."""

    status = 400
    title = "Malformed request"
    field = "body"


class Unauthenticated(BriError):
    """No token, or one that is not valid here."""

    status = 401
    title = "A valid token is needed"
    field = "Authorization"


class Forbidden(BriError):
    """The token's role does not allow this."""

    status = 403
    title = "Not allowed"


class NotFound(BriError):
    """Nothing of this name is here, or the caller may not know of it."""

    status = 404
    title = "Not found"


class TooSlow(BriError):
    """The request's body did not arrive in time."""

    status = 408
    title = "Too slow"


class IllegalTransition(BriError):
    """The record's state does not allow this step."""

    status = 409
    title = "Not possible in this state"


class AlreadyExists(BriError):
    """Something of this name is here already."""

    status = 409
    title = "Already exists"


class Retracted(BriError):
    """The record was withdrawn; `members` are its tombstone: when, why and by which centre."""

    status = 410
    title = "Retracted"

    def __init__(self, tombstone: Mapping[str, Any]) -> None:
        super().__init__(
            f"{tombstone['centre']} retracted this record: {tombstone['reason']}",
            members=tombstone,
        )


class StaleRevision(BriError):
    """Somebody saved a newer revision in the meantime."""

    status = 412
    title = "Changed in the meantime"
    field = "If-Match"


class TooLarge(BriError):
    """The input is larger than what is taken."""

    status = 413
    title = "Too large"


class AddressTooLong(BriError):
    """The request's address is longer than any of ours."""

    status = 414
    title = "Address too long"


class HeadTooLarge(BriError):
    """The request has more header fields than are taken."""

    status = 431
    title = "Header fields too large"


class InvalidInput(BriError):
    """The input was read and breaks rules; `errors` says which, field by field."""

    status = 422
    title = "Invalid input"


class RevisionRequired(BriError):
    """The request would overwrite without saying what."""

    status = 428
    title = "If-Match is needed"
    field = "If-Match"


class TooManyRequests(BriError):
    """A client asks more than it may; it may again after `retry_after` seconds."""

    status = 429
    title = "Too many requests"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(BriError):
    """A part that is needed does not answer; trying again later may help."""

    status = 503
    title = "Temporarily unavailable"


class DatabaseDamaged(Unavailable):
    """The database holds pages that are not as they were written; waiting does not help."""

    title = "The database is damaged"


class StorageFull(BriError):
    """There is no room for what was to be stored; nothing was changed."""

    status = 507
    title = "No room to store this"
