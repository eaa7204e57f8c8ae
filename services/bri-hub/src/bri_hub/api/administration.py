"""Decisions about centres, for the hub's admins alone; every one needs a reason and is written
down. A decision is committed before it is answered, and followers of the change log are woken."""

import asyncio
from base64 import b64decode
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Security
from fastapi.security import HTTPBearer
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from sqlmodel import Session

from bri_hub import administration
from bri_hub.administration import Decision
from bri_hub.api.reaching import PartsNeeded, SessionNeeded
from bri_hub.tokens import identify
from bri_kit import database, signing
from bri_kit.auth import Role
from bri_kit.errors import Forbidden
from bri_kit.problems import problem_responses
from bri_kit.web import JSON

_BEARER = HTTPBearer(auto_error=False, description="bri token create --hub …")


def _admin(
    request: Request, parts: PartsNeeded, _documented: Annotated[object, Security(_BEARER)]
) -> str:
    """The name of the admin who asks."""
    bearer = identify(parts.engine, request.headers.get("authorization"))
    if bearer.role < Role.ADMIN:
        raise Forbidden("Only an admin of the hub may do this.")
    return bearer.name


Admin = Annotated[str, Depends(_admin)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]

router = APIRouter(
    prefix="/api/v1/admin", tags=["administration"], responses=problem_responses(401, 403)
)


class Why(BaseModel):
    """Why something is decided; it is kept, and the centre may be told."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


def _check_key(text: str) -> str:
    if len(_key(text)) != signing.KEY_BYTES:
        raise ValueError(f"must be {signing.KEY_BYTES} bytes in base64")
    return text


def _key(text: str) -> bytes:
    return b64decode(text, validate=True)


Key = Annotated[str, Field(max_length=64), AfterValidator(_check_key)]


class Revocation(Why):
    """Which key is revoked, the one in use where none is named, and why."""

    key: Key | None = None


class NextKey(Why):
    """The public key that follows a revoked one, 32 bytes in base64, and how it was told."""

    key: Key


Step = Callable[[Session, Decision], dict[str, Any]]


async def _decide(parts: PartsNeeded, decision: Decision, step: Step) -> JSON:
    def decide() -> dict[str, Any]:
        with database.writing(parts.engine) as session:
            return step(session, decision)

    answer = await asyncio.to_thread(decide)
    parts.announcements.announce()
    return JSON(answer)


@router.get("/centres", summary="All centres with their standing")
def list_centres(session: SessionNeeded, _admin: Admin) -> JSON:
    """State, log, keys, what the brake holds, and how many forks there is evidence of."""
    return JSON(administration.list_centres(session))


@router.get(
    "/centres/{code}/evidence",
    summary="Both sides of every fork of a centre's history",
    responses=problem_responses(404),
)
def list_evidence(code: str, session: SessionNeeded, _admin: Admin) -> JSON:
    """Signed entries that contradict each other, as they came."""
    return JSON(administration.list_evidence(session, code))


@router.get("/audit", summary="What was decided, the newest first")
def list_audit(
    session: SessionNeeded,
    _admin: Admin,
    centre: Annotated[str, Query(max_length=64)] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JSON:
    """Who, when, what and why; nothing is ever changed in it."""
    return JSON(administration.list_audit(session, centre, cursor, limit))


_DECIDED = problem_responses(404, 409)


@router.post("/centres/{code}/limit", summary="Accept, but do not show", responses=_DECIDED)
async def limit(code: str, why: Why, parts: PartsNeeded, admin: Admin) -> JSON:
    """Nothing of the centre is shown any more; its entries are still taken."""
    return await _set_state(parts, Decision(code, admin, why.reason), "limit")


@router.post("/centres/{code}/suspend", summary="Neither accept nor show", responses=_DECIDED)
async def suspend(code: str, why: Why, parts: PartsNeeded, admin: Admin) -> JSON:
    """Nothing of the centre is shown any more, and its entries wait."""
    return await _set_state(parts, Decision(code, admin, why.reason), "suspend")


@router.post("/centres/{code}/resume", summary="Accept and show again", responses=_DECIDED)
async def resume(code: str, why: Why, parts: PartsNeeded, admin: Admin) -> JSON:
    """Everything is shown again, and what waited is taken in."""
    return await _set_state(parts, Decision(code, admin, why.reason), "resume")


async def _set_state(parts: PartsNeeded, decision: Decision, action: str) -> JSON:
    def step(session: Session, decision: Decision) -> dict[str, Any]:
        return administration.set_state(session, decision, action)

    return await _decide(parts, decision, step)


@router.post(
    "/centres/{code}/brake/release", summary="Let through what the brake holds", responses=_DECIDED
)
async def release(code: str, why: Why, parts: PartsNeeded, admin: Admin) -> JSON:
    """What came so far applies."""
    return await _decide(parts, Decision(code, admin, why.reason), administration.release)


@router.post(
    "/centres/{code}/brake/refuse", summary="Refuse what the brake holds", responses=_DECIDED
)
async def refuse(code: str, why: Why, parts: PartsNeeded, admin: Admin) -> JSON:
    """Records stay as they were, and the log goes on."""
    return await _decide(parts, Decision(code, admin, why.reason), administration.refuse)


@router.post("/centres/{code}/keys/revoke", summary="Revoke a key", responses=_DECIDED)
async def revoke_key(code: str, why: Revocation, parts: PartsNeeded, admin: Admin) -> JSON:
    """Nothing that it signs from the next entry on is accepted."""

    def step(session: Session, decision: Decision) -> dict[str, Any]:
        return administration.revoke_key(session, decision, _key(why.key) if why.key else None)

    return await _decide(parts, Decision(code, admin, why.reason), step)


@router.post("/centres/{code}/keys", summary="Enter the next key", responses=_DECIDED)
async def enter_key(code: str, why: NextKey, parts: PartsNeeded, admin: Admin) -> JSON:
    """The key that follows a revoked one, as the centre told it by another way."""

    def step(session: Session, decision: Decision) -> dict[str, Any]:
        return administration.enter_key(session, decision, _key(why.key))

    return await _decide(parts, Decision(code, admin, why.reason), step)
