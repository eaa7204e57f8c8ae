"""Letting centres in, and showing them the door, for the hub's admins alone."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from bri_hub import credentials, joining
from bri_hub.accounts import Accounts, Untold
from bri_hub.administration import Decision
from bri_hub.api.administration import Why
from bri_hub.api.deciding import Admin, carry_out
from bri_hub.api.reaching import PartsNeeded, SessionNeeded
from bri_hub.joining import Door
from bri_hub.parts import Parts
from bri_kit import clock
from bri_kit.errors import IllegalTransition
from bri_kit.guards import GuardedRoute
from bri_kit.problems import problem_responses
from bri_kit.sealing import MAX_CHARACTERS
from bri_kit.web import JSON

LONGEST_DAYS = 3_650

router = APIRouter(
    prefix="/api/v1/admin",
    tags=["joining"],
    responses=problem_responses(401, 403, 409),
    route_class=GuardedRoute,
)

Step = Callable[[Session, Decision], dict[str, Any]]


class Asked(BaseModel):
    """The text of a join request, as `bri node init` wrote it."""

    model_config = ConfigDict(extra="forbid")

    request: Annotated[str, Field(max_length=MAX_CHARACTERS)]


class Admitted(Asked):
    """A join request that is granted, and for how many days; 0 is until it is revoked."""

    days: Annotated[int, Field(ge=0, le=LONGEST_DAYS)] = 0


@router.post(
    "/joining/consider", summary="Look at a join request", responses=problem_responses(422)
)
def consider(asked: Asked, session: SessionNeeded, _admin: Admin) -> JSON:
    """Whether it could be granted, and what it says; nothing is changed."""
    return JSON(joining.consider(session, asked.request, clock.now()).document())


@router.post("/joining", summary="Grant a join request", responses=problem_responses(422))
async def admit(asked: Admitted, parts: PartsNeeded, admin: Admin) -> JSON:
    """Answers the letter of admission, a file for the centre that holds no secret."""
    accounts = _accounts(parts)
    door = _door(parts)

    def grant(session: Session) -> dict[str, Any]:
        considered = joining.consider(session, asked.request, clock.now())
        text = joining.admit(session, considered, accounts.authority, door, admin, asked.days)
        return considered.document() | {"letter": text}

    answer = await carry_out(parts, grant)
    accounts.tell_soon()
    return JSON(answer)


@router.post(
    "/centres/{code}/revoke",
    summary="End a centre's credentials, and suspend it",
    responses=problem_responses(404),
)
async def revoke(code: str, why: Why, parts: PartsNeeded, admin: Admin) -> JSON:
    """Its connections are cut at once; `told` says whether the broker knows already."""
    return await _decide(parts, Decision(code, admin, why.reason), credentials.revoke)


@router.post(
    "/centres/{code}/restore",
    summary="Have a centre's credentials hold again",
    responses=problem_responses(404),
)
async def restore(code: str, why: Why, parts: PartsNeeded, admin: Admin) -> JSON:
    """The ones that it was given last; it is active again."""
    return await _decide(parts, Decision(code, admin, why.reason), credentials.restore)


async def _decide(parts: Parts, decision: Decision, step: Step) -> JSON:
    accounts = _accounts(parts)
    answer = await carry_out(parts, step, decision)
    return JSON(answer | {"told": await _tell(accounts)})


async def _tell(accounts: Accounts) -> bool:
    try:
        await accounts.tell()
    except Untold:
        accounts.tell_soon()
        return False
    return True


def _accounts(parts: Parts) -> Accounts:
    if parts.accounts is None:
        raise IllegalTransition(
            "This hub's broker asks nobody who they are, so there are no credentials to give or "
            "to end: make its keys with 'bri hub init'."
        )
    return parts.accounts


def _door(parts: Parts) -> Door:
    settings = parts.settings
    ca = settings.nats_ca.read_text() if settings.nats_ca else ""
    return Door(settings.nats_public_url or settings.nats_url, settings.address, ca)
