"""Who may decide at the hub, and how what was decided is done: it is committed before it is
answered, and followers of the change log are woken. Every decision has its reason."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Concatenate, ParamSpec

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from pydantic import StringConstraints
from sqlmodel import Session

from bri_hub.api.reaching import PartsNeeded
from bri_hub.parts import Parts
from bri_hub.tokens import identify
from bri_kit import database
from bri_kit.auth import Role
from bri_kit.errors import Forbidden

_BEARER = HTTPBearer(auto_error=False, description="bri token create --hub …")

Given = ParamSpec("Given")


def _caller(least: Role, refusal: str) -> Callable[[Request, Parts, object], str]:
    """A dependency that refuses who has a lesser role than `least`."""

    def name_caller(
        request: Request, parts: PartsNeeded, _documented: Annotated[object, Security(_BEARER)]
    ) -> str:
        bearer = identify(parts.engine, request.headers.get("authorization"))
        if bearer.role < least:
            raise Forbidden(refusal)
        return bearer.name

    return name_caller


_admin = _caller(Role.ADMIN, "Only an admin of the hub may do this.")
_editor = _caller(Role.EDITOR, "Only an editor or an admin of the hub may do this.")

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
