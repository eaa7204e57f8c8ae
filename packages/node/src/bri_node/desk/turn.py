"""One request at the desk: who asks, in which language, and how it is answered.

Rules:
- whoever is not signed in is asked to, and what they have sent is kept for them meanwhile;
- what changes something is a POST from a page of ours: it carries that page's token, and a browser
  that says that another site sent it (Sec-Fetch-Site, Origin) is refused;
- pages of the desk are kept by no cache.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from bri_kit.addresses import Network, client_of
from bri_kit.bodies import DEFAULT_BYTES, Allowance, allow
from bri_kit.errors import BriError, Forbidden, MalformedRequest
from bri_node.desk import form, sessions
from bri_node.desk.cookies import ROOT, Cookies, cookies_of
from bri_node.desk.devices import Device, Devices
from bri_node.desk.form import Form
from bri_node.desk.sessions import Lasting
from bri_node.desk.throttle import Throttle, Verifications
from bri_node.desk.users import User
from bri_node.node import Node
from bri_node.profile import NodeSettings
from bri_pages import desk as words
from bri_pages import languages
from bri_pages.messages import messages
from bri_pages.rendering import Page, Renderer
from bri_pages.site import Site

LANGUAGES = ("zh", "en", "ru")
SESSION, DOOR, LANGUAGE = "bri_desk", "bri_desk_door", "bri_desk_language"
DEVICE = "bri_desk_device"
Answer = TypeVar("Answer", bound=Response)
_FORM = "application/x-www-form-urlencoded"
YEAR = 365 * 86_400


class NeedsSignIn(BriError):
    """Nobody is signed in; `kept` is the form that was sent, and `place` where to."""

    status = 401
    title = "Sign in first"

    def __init__(self, place: str, kept: str = "") -> None:
        super().__init__("Sign in first.")
        self.place = place
        self.kept = kept


class ForeignForm(Forbidden):
    """The form does not come from a page that this session was given; `again` may be sent once
    more by whoever reads it, where it comes from this site."""

    def __init__(self, place: str, again: str = "") -> None:
        super().__init__("The form is not of this session.")
        self.place = place
        self.again = again


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of one node, for as long as it runs."""

    find_node: Callable[[], Node]
    settings: NodeSettings
    site: Site
    renderer: Renderer
    trusted: tuple[Network, ...]
    devices: Devices
    throttle: Throttle
    verifications: Verifications = field(default_factory=Verifications)

    @property
    def node(self) -> Node:
        return self.find_node()

    @property
    def lasting(self) -> Lasting:
        return Lasting(
            timedelta(minutes=self.settings.session_idle_minutes),
            timedelta(hours=self.settings.session_hours),
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """A request; `secret` is the value of the session's cookie, or where nobody is signed in, of
    the cookie that a sign-in form is bound to."""

    request: Request
    desk: Desk
    user: User | None
    secret: str
    language: str

    @property
    def node(self) -> Node:
        return self.desk.node

    @property
    def me(self) -> User:
        """Who is signed in; routes that ask for a `Writer` or a `Sent` have somebody."""
        assert self.user is not None
        return self.user

    @property
    def address(self) -> str:
        """Where the request came from, as limits and logs have it."""
        return client_of(self.request.scope, self.desk.trusted).key

    @property
    def device(self) -> Device | None:
        """The browser, if somebody has signed in on it before."""
        return self.desk.devices.read(self.cookies.read(DEVICE))

    @property
    def token(self) -> str:
        """What forms of the answer carry."""
        return sessions.form_token(self.secret)

    @property
    def cookies(self) -> Cookies:
        """What the browser keeps for the desk."""
        return _cookies(self.request)

    def say(self, text: str) -> str:
        """A text of ours in the person's language."""
        return messages(self.language).gettext(text)

    def show(
        self, template: str, title: str, values: Mapping[str, Any], status: int = 200
    ) -> HTMLResponse:
        """A page of the desk."""
        page = Page(path="", title=title, is_indexed=False)
        known = {
            "turn": self,
            "user": self.user,
            "token": self.token,
            "tongues": LANGUAGES,
            "word": partial(words.word, self.say),
            "explain": partial(words.explain, self.say),
            "field_name": partial(words.field_name, self.say),
        }
        origin = str(self.request.base_url).rstrip("/")
        answer = self.desk.renderer.render(
            origin, f"desk/{template}", self.language, page, known | dict(values), status
        )
        return self._own(answer)

    def go(self, path: str) -> Response:
        """Lead to another page of the desk, by GET."""
        return self._own(RedirectResponse(f"{ROOT}{path}", status_code=303))

    def _own(self, answer: Answer) -> Answer:
        answer.headers["Cache-Control"] = "no-store"
        if self.user is None and self.cookies.read(DOOR) != self.secret:
            self.cookies.give(answer, DOOR, self.secret, 3_600)
        return answer

    def set_language(self, answer: Response, language: str) -> None:
        """Have the browser keep the language for the time before the next sign-in."""
        self.cookies.give(answer, LANGUAGE, language, YEAR)


def begin(request: Request) -> Turn:
    """The request, with who is signed in."""
    desk: Desk = request.app.state.desk
    cookies = _cookies(request)
    secret = cookies.read(SESSION)
    user = sessions.recognise(desk.node.store, secret, desk.lasting)
    if user is None:
        secret = cookies.read(DOOR) or sessions.new_secret()
    return Turn(request, desk, user, secret, _language(request, user))


def begin_unknown(request: Request) -> Turn:
    """The request of somebody whom nobody looks up, for where that cannot be done."""
    secret = _cookies(request).read(DOOR) or sessions.new_secret()
    return Turn(request, request.app.state.desk, None, secret, _language(request, None))


def _cookies(request: Request) -> Cookies:
    desk: Desk = request.app.state.desk
    return cookies_of(request, desk.settings.public_url)


def _language(request: Request, user: User | None) -> str:
    for chosen in (user.language if user else "", _cookies(request).read(LANGUAGE)):
        if chosen in LANGUAGES:
            return chosen
    return languages.preferred(request.headers.get("accept-language", ""), LANGUAGES)


def _writer(turn: Annotated[Turn, Depends(begin)]) -> Turn:
    if turn.user is None:
        raise NeedsSignIn(place_of(turn.request))
    return turn


def place_of(request: Request) -> str:
    """Where a request goes to, below the desk, with its query."""
    path = request.url.path.removeprefix(ROOT) or "/"
    return f"{path}?{request.url.query}" if request.url.query else path


async def read_body(request: Request, turn: Annotated[Turn, Depends(begin)]) -> bytes:
    """The body of a form. One that is large is taken of those alone who are signed in, or have been
    on this device: their session may have ended while they wrote.

    Raises:
        MalformedRequest: it is no form.
        ForeignForm: it is another site's.
        NeedsSignIn: it is large, and nobody has signed in here.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise MalformedRequest(f"A form is sent as {_FORM}; files are not taken.")
    refuse_other_sites(request)
    if turn.user is not None or turn.device is not None:
        allow(request.scope, Allowance(size=None))
    elif int(request.headers.get("content-length", "0")) > DEFAULT_BYTES:
        raise NeedsSignIn("/")
    return await request.body()


Body = Annotated[bytes, Depends(read_body)]


def _sent(turn: Annotated[Turn, Depends(begin)], body: Body) -> tuple[Turn, Form]:
    sent = form.read(body)
    place = turn.request.url.path.removeprefix(ROOT)
    if turn.user is None:
        raise NeedsSignIn(place, body.decode())
    if not sessions.is_form_token(turn.secret, sent.text("token")):
        raise ForeignForm(place, body.decode())
    return turn, sent


def refuse_other_sites(request: Request) -> None:
    """Refuse what a browser says that another site has sent. Raises ForeignForm."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    # Where pages tell no referrer, as ours do, browsers send Origin: null with their own forms too.
    origin = request.headers.get("origin", "null")
    host = request.headers.get("host", "")
    if site not in ("same-origin", "none") or (
        origin != "null" and urlsplit(origin).netloc != host
    ):
        raise ForeignForm("/")


Visitor = Annotated[Turn, Depends(begin)]
"""Anybody."""
Writer = Annotated[Turn, Depends(_writer)]
"""Somebody who is signed in, and reads."""
Sent = Annotated[tuple[Turn, Form], Depends(_sent)]
"""Somebody who is signed in, and what they sent by a form of theirs."""
