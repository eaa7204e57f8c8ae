"""Decisions about centres, for the hub's admins alone; every one needs a reason and is written
down."""

from base64 import b64decode
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bri_hub import administration
from bri_hub.administration import Decision
from bri_hub.api.deciding import Admin, Reason, carry_out
from bri_hub.api.reaching import PartsNeeded, SessionNeeded
from bri_kit import signing
from bri_kit.guards import GuardedRoute
from bri_kit.problems import problem_responses
from bri_kit.web import JSON

router = APIRouter(
    prefix="/api/v1/admin",
    tags=["administration"],
    responses=problem_responses(401, 403),
    route_class=GuardedRoute,
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
    decision = Decision(code, admin, why.reason)
    return JSON(await carry_out(parts, administration.set_state, decision, "limit"))


@router.post("/centres/{code}/suspend", summary="Neither accept nor show", responses=_DECIDED)
async def suspend(code: str, why: Why, parts: PartsNeeded, admin: Admin) -> JSON:
    """Nothing of the centre is shown any more, and its entries wait."""
    decision = Decision(code, admin, why.reason)
    return JSON(await carry_out(parts, administration.set_state, decision, "suspend"))


@router.post("/centres/{code}/resume", summary="Accept and show again", responses=_DECIDED)
async def resume(code: str, why: Why, parts: PartsNeeded, admin: Admin) -> JSON:
    """Everything is shown again, and what waited is taken in."""
    decision = Decision(code, admin, why.reason)
    return JSON(await carry_out(parts, administration.set_state, decision, "resume"))


@router.post(
    "/centres/{code}/brake/release", summary="Let through what the brake holds", responses=_DECIDED
)
async def release(code: str, why: Why, parts: PartsNeeded, admin: Admin) -> JSON:
    """What came so far applies."""
    decision = Decision(code, admin, why.reason)
    return JSON(await carry_out(parts, administration.release, decision))


@router.post(
    "/centres/{code}/brake/refuse", summary="Refuse what the brake holds", responses=_DECIDED
)
async def refuse(code: str, why: Why, parts: PartsNeeded, admin: Admin) -> JSON:
    """Records stay as they were, and the log goes on."""
    decision = Decision(code, admin, why.reason)
    return JSON(await carry_out(parts, administration.refuse, decision))


@router.post("/centres/{code}/keys/revoke", summary="Revoke a key", responses=_DECIDED)
async def revoke_key(code: str, why: Revocation, parts: PartsNeeded, admin: Admin) -> JSON:
    """Nothing that it signs from the next entry on is accepted."""
    decision, key = Decision(code, admin, why.reason), _key(why.key) if why.key else None
    return JSON(await carry_out(parts, administration.revoke_key, decision, key))


@router.post("/centres/{code}/keys", summary="Enter the next key", responses=_DECIDED)
async def enter_key(code: str, why: NextKey, parts: PartsNeeded, admin: Admin) -> JSON:
    """The key that follows a revoked one, as the centre told it by another way."""
    decision = Decision(code, admin, why.reason)
    return JSON(await carry_out(parts, administration.enter_key, decision, _key(why.key)))
