"""Signing in and out.

Rules:
- who fails is told the same whatever was wrong, and after some failures within a minute has to
  wait, by address and by name, so that neither one address nor many can try passwords;
- a new session has a new cookie; the sign-in form itself carries a token too (login CSRF);
- what somebody sent when their session was over waits in the sign-in form, and is what they find in
  the editor afterwards.
"""

import math
import re

from fastapi import APIRouter
from starlette.responses import Response

from bri_kit.addresses import client_of
from bri_kit.errors import TooManyRequests
from bri_node.desk import drafts, form, sessions, users
from bri_node.desk.form import Form
from bri_node.desk.turn import (
    DOOR,
    LANGUAGES,
    ROOT,
    SESSION,
    Body,
    ForeignForm,
    Sent,
    Turn,
    Visitor,
    refuse_other_sites,
)
from bri_node.desk.users import User

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
def sign_in(turn: Visitor, body: Body) -> Response:
    """Let somebody in who has the password."""
    refuse_other_sites(turn.request)
    sent = form.read(body)
    place, kept = sent.text("place", "/"), sent.text("kept")
    if not sessions.is_form_token(turn.secret, sent.text("token")):
        return form_page(turn, place, kept, "again", 403)
    keys = _keys(turn, sent.text("name"))
    if wait := _wait(turn, keys):
        raise TooManyRequests(f"Try again in {wait} s.", retry_after=wait)
    with turn.node.store.reading() as session:
        user = users.verified(session, sent.text("name"), sent.text("password"))
    if user is None:
        _count(turn, keys)
        return form_page(turn, place, kept, "wrong", 401)
    return let_in(turn, user, place, kept)


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
    answer.delete_cookie(DOOR, path=ROOT)
    return answer


def editor_of(key: str) -> str:
    """Where a record, or one to be, is edited with what was typed."""
    return f"/records/{key}/edit?restore=1"


def _typed(kept: str) -> Form:
    return form.read(kept.encode("ascii", "replace"))


def _keys(turn: Turn, name: str) -> tuple[str, str]:
    client = client_of(turn.request.scope, turn.desk.trusted)
    return f"address {client.key}", f"name {users.folded(name[:500])}"


def _wait(turn: Turn, keys: tuple[str, str]) -> int:
    with turn.desk.lock:
        return math.ceil(max(turn.desk.failures.wait(key) for key in keys))


def _count(turn: Turn, keys: tuple[str, str]) -> None:
    with turn.desk.lock:
        for key in keys:
            turn.desk.failures.charge(key, 1)


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
    refuse_other_sites(turn.request)
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
