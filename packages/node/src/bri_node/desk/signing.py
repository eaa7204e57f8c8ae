"""Signing in and out.

Rules:
- a failure is answered alike whatever was wrong; failures and verifications are limited as
  `throttle` says, and a device on which the user has signed in before is counted by itself;
- no database session is open while a password is verified or waits to be;
- a new session has a new cookie; the sign-in form itself carries a token too (login CSRF);
- what somebody sent when their session was over waits in the sign-in form, and is what they find in
  the editor afterwards.
"""

import re
from functools import partial

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bri_kit.addresses import client_of
from bri_node.desk import drafts, form, sessions, users
from bri_node.desk.form import Form
from bri_node.desk.turn import (
    DEVICE,
    DOOR,
    LANGUAGES,
    ROOT,
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
    return await run_in_threadpool(let_in, turn, user, place, kept)


async def _verified(turn: Turn, name: str, password: str) -> User | None:
    """The user with this name and password. Raises TooManyRequests."""
    desk = turn.desk
    found = await run_in_threadpool(_credentials, turn, name)
    known = (
        turn.device if found.user and turn.device and found.user.id in turn.device.users else None
    )
    address = client_of(turn.request.scope, desk.trusted).key
    device = known.name if known else None
    with desk.throttle.attempt(address, users.folded(name[:500]), device) as attempt:
        is_right = await desk.verifications.run(
            partial(users.is_password, found, password), is_known=known is not None
        )
        attempt.has_succeeded = is_right and found.user is not None
    return found.user if attempt.has_succeeded else None


def _credentials(turn: Turn, name: str) -> Credentials:
    with turn.node.store.reading() as session:
        return users.find_credentials(session, name)


def let_in(turn: Turn, user: User, place: str, kept: str = "") -> Response:
    """Begin a session, and lead to where somebody wanted to go."""
    leads = inside(place)
    with turn.node.store.writing() as session:
        secret = sessions.begin(session, user, turn.desk.lasting)
        if kept and (editing := _EDITING.fullmatch(leads)):
            drafts.keep(session, user, editing[1], _typed(kept))
            leads = editor_of(editing[1])
    answer = turn.go(leads)
    turn.set_cookie(answer, SESSION, secret, turn.desk.settings.session_hours * 3_600)
    turn.set_cookie(answer, DEVICE, turn.desk.devices.cookie(turn.device, user.id), YEAR)
    answer.delete_cookie(DOOR, path=ROOT)
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
    answer = turn.go("/sign-in")
    answer.delete_cookie(SESSION, path=ROOT)
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
