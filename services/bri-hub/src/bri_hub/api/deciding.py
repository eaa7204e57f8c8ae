"""Who may decide at the hub, and how what was decided is done: it is committed before it is
answered, and followers of the change log are woken. Every decision has its reason."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Concatenate, ParamSpec

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from pydantic import StringConstraints
from sqlmodel import Session

from bri_hub.parts import Parts
from bri_hub.tokens import identify
from bri_kit import database
from bri_kit.auth import Role
from bri_kit.errors import Forbidden
from bri_kit.guards import Guard

_BEARER = HTTPBearer(auto_error=False, description="bri token create --hub …")

Given = ParamSpec("Given")


def _guard(least: Role, refusal: str) -> Guard[str]:
    """Finds the caller's name. Refuses a role lesser than `least`."""

    def name_caller(request: Request) -> str:
        parts: Parts = request.app.state.parts
        bearer = identify(parts.engine, request.headers.get("authorization"))
        if bearer.role < least:
            raise Forbidden(refusal)
        return bearer.name

    return Guard(name_caller)


async def _admin(
    name: Annotated[str, Depends(_guard(Role.ADMIN, "Only an admin of the hub may do this."))],
    _documented: Annotated[object, Security(_BEARER)],
) -> str:
    return name


async def _editor(
    name: Annotated[
        str, Depends(_guard(Role.EDITOR, "Only an editor or an admin of the hub may do this."))
    ],
    _documented: Annotated[object, Security(_BEARER)],
) -> str:
    return name


Admin = Annotated[str, Depends(_admin)]
Editor = Annotated[str, Depends(_editor)]
"""The name of who asks."""

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]


async def carry_out(
    parts: Parts,
    step: Callable[Concatenate[Session, Given], dict[str, Any]],
    *given: Given.args,
    **named: Given.kwargs,
) -> dict[str, Any]:
    """What `step` answers, once all that it did is committed. Raises what `step` does."""

    def decide() -> dict[str, Any]:
        with database.writing(parts.engine) as session:
            return step(session, *given, **named)

    answer = await asyncio.to_thread(decide)
    parts.announcements.announce()
    return answer
