"""Errors as problem documents."""

from typing import Any

import pytest

from bri_kit.errors import (
    BriError,
    FieldError,
    InvalidInput,
    MalformedRequest,
    NotFound,
    Retracted,
    RevisionRequired,
    StaleRevision,
    Unauthenticated,
)
from bri_kit.problems import problem_body, problem_response


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (StaleRevision("The newest revision is 3, not 2."), "If-Match"),
        (RevisionRequired("Say which."), "If-Match"),
        (Unauthenticated("Send a token."), "Authorization"),
        (MalformedRequest("Not JSON."), "body"),
        (
            InvalidInput("Wrong.", [FieldError("editions.zh.title", "is blank")]),
            "editions.zh.title",
        ),
    ],
)
def test_a_problem_names_what_is_at_fault(error: BriError, field: str) -> None:
    """A header or the body as a whole where no field of it is at fault."""
    document = problem_body(error)
    assert [each["field"] for each in document["errors"]] == [field]
    assert document["status"] == error.status


def test_a_problem_without_a_field_names_none() -> None:
    """What is not there is nobody's field."""
    assert problem_body(NotFound("There is no such record."))["errors"] == []


def test_a_tombstone_is_part_of_its_problem() -> None:
    """Programs find when, why and by whom a record was withdrawn beside the words for people."""
    tombstone: dict[str, Any] = {"centre": "sco", "reason": "a mistake", "retracted_at": "now"}
    assert problem_body(Retracted(tombstone)).items() >= (tombstone | {"status": 410}).items()


def test_a_missing_token_says_how_to_show_one() -> None:
    """HTTP wants to know the scheme (RFC 9110, 11.6.1)."""
    assert problem_response(Unauthenticated("…")).headers["WWW-Authenticate"] == "Bearer"
