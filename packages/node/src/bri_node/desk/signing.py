"""Signing in and out.

Rules:
- a failure is answered alike whatever was wrong; failures and verifications are limited as
  `throttle` says, and a device on which the user has signed in before is counted by itself;
- no database session is open while a password is verified or waits to be;
- a new session has a new cookie, and ends the one that the browser had; the sign-in form itself
  carries a token too (login CSRF);
- who signs in or out, and who fails to, is logged: the user's number, never the name that was
  typed, which may be a password;
- at the end of a session the browser is asked to forget what pages have kept in it;
- what somebody sent when their session was over waits in the sign-in form, and is what they find in
  the editor afterwards.
"""

import re
from functools import partial

import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bri_node.desk import drafts, form, sessions, users
from bri_node.desk.form import Form
from bri_node.desk.turn import (
    DEVICE,
    DOOR,
    LANGUAGES,
    SESSION,
    YEAR,
    Body,
    ForeignForm,
    Sent,
    Turn,
    Visitor,
)
from bri_node.desk.users import Credentials, User

router = APIRouter()
logger = structlog.get_logger()

_EDITING = re.compile(r"/records/([^/?#]+)/(?:edit|autosave)")


@router.get("/sign-in")
def show_sign_in(turn: Visitor, next: str = "/") -> Response:  # noqa: A002 - a name in addresses
    """The form, or the desk where somebody is signed in already."""
    if turn.user is not None:
        return turn.go(inside(next))
    return form_page(turn, next)


def form_page(
    turn: Turn, place: str, kept: str = "", problem: str = "", status: int = 200
) -> Response:
    """The sign-in form; afterwards it leads to `place`, with the form that was `kept`."""
    values = {
        "place": inside(place),
        "kept": kept,
        "problem": problem,
        "oidc": bool(turn.desk.settings.oidc_issuer),
    }
    return turn.show("sign_in.html", turn.say("Sign in"), values, status)


def inside(place: str) -> str:
    """`place` if it is a page of the desk, else the first one: no form leads to another site."""
    good = place.startswith("/") and not place.startswith("//") and "\\" not in place
    return place if good and place.isprintable() and len(place) < 500 else "/"


@router.post("/sign-in")
async def sign_in(turn: Visitor, body: Body) -> Response:
    """Begin a session for whoever has the password."""
    sent = await run_in_threadpool(form.read, body)
    place, kept = sent.text("place", "/"), sent.text("kept")
    if not sessions.is_form_token(turn.secret, sent.text("token")):
        return await run_in_threadpool(form_page, turn, place, kept, "again", 403)
    user = await _verified(turn, sent.text("name"), sent.text("password"))
    if user is None:
        return await run_in_threadpool(form_page, turn, place, kept, "wrong", 401)
    return await run_in_threadpool(let_in, turn, user, place, kept, by="password")


async def _verified(turn: Turn, name: str, password: str) -> User | None:
    """The user with this name and password. Raises TooManyRequests."""
    desk = turn.desk
    found = await run_in_threadpool(_credentials, turn, name)
    known = (
        turn.device if found.user and turn.device and found.user.id in turn.device.users else None
    )
    address = turn.address
    device = known.name if known else None
    with desk.throttle.attempt(address, users.folded(name[:500]), device) as attempt:
        is_right = await desk.verifications.run(
            partial(users.is_password, found, password), is_known=known is not None
        )
        attempt.has_succeeded = is_right and found.user is not None
    if not attempt.has_succeeded:
        number = found.user.id if found.user else None
        logger.warning(
            "desk.sign_in_failed", user=number, client=address, is_known_device=device is not None
        )
    return found.user if attempt.has_succeeded else None


def _credentials(turn: Turn, name: str) -> Credentials:
    with turn.node.store.reading() as session:
        return users.find_credentials(session, name)


def let_in(turn: Turn, user: User, place: str, kept: str = "", *, by: str) -> Response:
    """Begin a session, and lead to where somebody wanted to go; `by` says what vouched for them."""
    leads = inside(place)
    with turn.node.store.writing() as session:
        if turn.user is not None:
            sessions.end(session, turn.secret)
        secret = sessions.begin(session, user, turn.desk.lasting)
        if kept and (editing := _EDITING.fullmatch(leads)):
            drafts.keep(session, user, editing[1], _typed(kept))
            leads = editor_of(editing[1])
    logger.info("desk.signed_in", user=user.id, by=by, client=turn.address)
    answer = turn.go(leads)
    turn.cookies.give(answer, SESSION, secret, turn.desk.settings.session_hours * 3_600)
    turn.cookies.give(answer, DEVICE, turn.desk.devices.cookie(turn.device, user.id), YEAR)
    turn.cookies.take(answer, DOOR)
    return answer


def editor_of(key: str) -> str:
    """Where a record, or one to be, is edited with what was typed."""
    return f"/records/{key}/edit?restore=1"


def _typed(kept: str) -> Form:
    return form.read(kept.encode("ascii", "replace"))


@router.post("/sign-out")
def sign_out(sent: Sent) -> Response:
    """End this session, or all of this person's."""
    turn, typed = sent
    with turn.node.store.writing() as session:
        if typed.has("everywhere"):
            users.end_sessions(session, turn.me.id)
        else:
            sessions.end(session, turn.secret)
    logger.info("desk.signed_out", user=turn.me.id, everywhere=typed.has("everywhere"))
    answer = turn.go("/sign-in")
    answer.headers["Clear-Site-Data"] = '"storage"'
    turn.cookies.take(answer, SESSION)
    return answer


@router.post("/language")
def choose_language(turn: Visitor, body: Body) -> Response:
    """Keep the language that somebody chose for their desk."""
    typed = form.read(body)
    language, place = typed.text("language"), inside(typed.text("place", "/"))
    if not sessions.is_form_token(turn.secret, typed.text("token")):
        raise ForeignForm(place)
    answer = turn.go(place)
    if language in LANGUAGES:
        turn.set_language(answer, language)
        if turn.user is not None:
            with turn.node.store.writing() as session:
                users.choose_language(session, turn.user, language)
    return answer
