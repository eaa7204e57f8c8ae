"""Pages for following a list: its feeds, and alerts by e-mail and webhook where a site sends them.

Rules:
- nobody signs in: whoever sends the form from another site gets a letter sent, no more than by
  asking here, and only who reads that letter can begin; so no form needs a token of its own;
- a link in a letter shows a page with a button: programs that open links confirm nothing;
- a link shows and ends what it is about, and never another subscription of the same target;
- what is said of an address is the same whether it follows something or not;
- pages whose address holds a secret are kept by no cache and found by no search engine.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from bri_kit.errors import InvalidInput, NotFound, TooManyRequests
from bri_pages.alerts import RHYTHMS, Alerts, Followed, Wish
from bri_pages.asking import Question
from bri_pages.feeds import FORMATS
from bri_pages.rendering import Page
from bri_pages.telling import RHYTHMS as RHYTHM_NAMES
from bri_pages.telling import say_search
from bri_pages.views.following import read_list
from bri_pages.visit import Visit
from bri_pages.wishes import question_of, standing

_LARGEST_FORM = 16 * 1024
_LONGEST_SEARCH = 2_000
_NEVER_KEPT = {"Cache-Control": "no-store"}

Form = Mapping[str, str]


async def read_form(request: Request) -> Form:
    """The fields of a form, each by its last value.

    Raises:
        InvalidInput: it is larger than any of ours.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_FORM:
            raise InvalidInput("The form is too large.")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def show_follow(visit: Visit, alerts: Alerts | None, path: str) -> HTMLResponse:
    """How a list can be followed.

    Raises:
        NotFound: there is no such list.
    """
    return await _follow_page(visit, alerts, path, {}, "")


async def take_wish(visit: Visit, alerts: Alerts | None, path: str) -> HTMLResponse:
    """A form that was sent from the page of `show_follow`.

    Raises:
        NotFound: there is no such list, or this site sends no alerts.
    """
    form = await read_form(visit.request)
    _, question = read_list(visit, path)
    channel = form.get("channel", "")
    if alerts is None or channel not in alerts.channels:
        raise NotFound
    wish = Wish(
        standing(question),
        visit.language,
        form.get("target", "").strip(),
        form.get("rhythm", RHYTHMS[0]),
    )
    if len(wish.asked) > _LONGEST_SEARCH:
        problem = visit.say("This search is too long to be followed.")
        return await _follow_page(visit, alerts, path, form, problem, InvalidInput.status)
    try:
        if channel == "webhook":
            return await _accept_hook(visit, alerts, wish)
        await alerts.ask(wish, visit.request.scope)
    except (InvalidInput, TooManyRequests) as error:
        return await _follow_page(visit, alerts, path, form, visit.say(error.detail), error.status)
    return _done(
        visit,
        visit.say("A letter is on its way"),
        visit.say("If the address is right, it gets a letter with a link. Following begins there."),
    )


async def show_confirmation(visit: Visit, alerts: Alerts, secret: str) -> HTMLResponse:
    """What a letter's link leads to: one button."""
    wish = await alerts.read_wish(secret)
    question = question_of(wish.asked)
    return _private(
        visit,
        "alerts/confirm.html",
        f"following/confirm/{secret}",
        visit.say("Follow this list?"),
        {"wish": wish, "search": await _search(visit, question), "rhythms": RHYTHM_NAMES},
    )


async def confirm(visit: Visit, alerts: Alerts, secret: str) -> HTMLResponse:
    """The button of that page."""
    try:
        followed = await alerts.confirm(secret)
    except InvalidInput as error:
        return _done(visit, visit.say("Not possible"), visit.say(error.detail), error.status)
    return await _manage_page(visit, [followed], visit.say("You follow this list now."))


async def show_managing(visit: Visit, alerts: Alerts, secret: str) -> HTMLResponse:
    """A subscription, with ways to change it."""
    return await _manage_page(visit, [await alerts.find_followed(secret)], "")


async def manage(visit: Visit, alerts: Alerts, secret: str) -> HTMLResponse | RedirectResponse:
    """A button of that page."""
    form = await read_form(visit.request)
    action = form.get("action", "")
    if action == "leave":
        return await leave(visit, alerts, secret)
    followed = await alerts.find_followed(secret)
    if action in ("overview", "challenge"):
        return await _ask_further(visit, alerts, followed, action)
    if action == "resume":
        await alerts.resume(secret)
    elif action == "rhythm" and form.get("rhythm") in RHYTHMS:
        await alerts.change(secret, form["rhythm"])
    return RedirectResponse(f"/{visit.language}/following/{secret}", status_code=303)


async def show_leaving(visit: Visit, alerts: Alerts, secret: str) -> HTMLResponse:
    """Where a letter's link for leaving leads: one button. Who has left already is told so."""
    try:
        followed = await alerts.find_followed(secret)
    except NotFound:
        return _left(visit)
    return _private(
        visit,
        "alerts/leave.html",
        f"unsubscribe/{secret}",
        visit.say("Stop following?"),
        {"search": await _search(visit, question_of(followed.asked)), "followed": followed},
    )


async def leave(visit: Visit, alerts: Alerts, secret: str) -> HTMLResponse:
    """Ends a subscription at once: the button, and a mail program's own (RFC 8058)."""
    await alerts.leave(secret)
    return _left(visit)


async def show_all(visit: Visit, alerts: Alerts, secret: str) -> HTMLResponse:
    """All that an address follows, by a link that its mailbox was sent."""
    followed = await alerts.list_followed(secret)
    if not followed:
        return _left(visit)
    return await _manage_page(visit, followed, "", f"following/all/{secret}")


async def leave_all(visit: Visit, alerts: Alerts, secret: str) -> HTMLResponse:
    """The button of that page that ends everything."""
    await alerts.leave_all(secret)
    return _left(visit)


async def _ask_further(
    visit: Visit, alerts: Alerts, followed: Followed, action: str
) -> HTMLResponse | RedirectResponse:
    """Have a letter with everything sent, or a webhook's service challenged."""
    secret, scope = followed.secret, visit.request.scope
    try:
        if action == "challenge":
            await alerts.prove_hook(secret, scope)
            return RedirectResponse(f"/{visit.language}/following/{secret}", status_code=303)
        await alerts.ask_overview(secret, scope)
    except (InvalidInput, TooManyRequests) as error:
        return await _manage_page(visit, [followed], visit.say(error.detail), "", error.status)
    return _done(
        visit,
        visit.say("A letter is on its way"),
        visit.say("It has a link to everything that your address follows."),
    )


async def _accept_hook(visit: Visit, alerts: Alerts, wish: Wish) -> HTMLResponse:
    hook = await alerts.add_hook(wish, visit.request.scope)
    values = {"hook": hook, "target": wish.target}
    title = visit.say("Give your service its key")
    return _private(visit, "alerts/hook.html", f"following/{hook.secret}", title, values)


async def _follow_page(
    visit: Visit,
    alerts: Alerts | None,
    path: str,
    form: Form,
    problem: str,
    status: int = 200,
) -> HTMLResponse:
    title, question = read_list(visit, path)
    asked = question.at(1).encoded()
    page = Page(path=f"follow/{path}{asked}", title=visit.say("Follow this list"), is_indexed=False)
    feeds = {form: f"/{visit.language}/{path}.{form}{asked}" for form in FORMATS}
    values = {
        "back": f"{path}{asked}",
        "heading": title,
        "search": await _search(visit, question),
        "addresses": feeds,
        "channels": alerts.channels if alerts else (),
        "form": {"target": "", "rhythm": "daily", "channel": "", **form},
        "rhythms": RHYTHM_NAMES,
        "problem": problem,
    }
    return visit.show("alerts/follow.html", page, values, status)


async def _manage_page(
    visit: Visit,
    followed: Sequence[Followed],
    note: str,
    everything: str = "",
    status: int = 200,
) -> HTMLResponse:
    searches = [await _search(visit, question_of(each.asked)) for each in followed]
    values = {
        "followed": list(zip(followed, searches, strict=True)),
        "note": note,
        "rhythms": RHYTHM_NAMES,
        "everything": everything,
    }
    path = everything or f"following/{followed[0].secret}"
    title = visit.say("What you follow")
    return _private(visit, "alerts/manage.html", path, title, values, status)


async def _search(visit: Visit, question: Question) -> str:
    return say_search(question, visit.language, visit.names(await visit.source.centres()))


def _left(visit: Visit) -> HTMLResponse:
    told = visit.say("You get nothing more about this list, and your address is forgotten here.")
    return _done(visit, visit.say("Done"), told)


def _done(visit: Visit, title: str, text: str, status: int = 200) -> HTMLResponse:
    return _private(visit, "alerts/done.html", "", title, {"text": text}, status)


def _private(
    visit: Visit,
    template: str,
    path: str,
    title: str,
    values: Mapping[str, Any],
    status: int = 200,
) -> HTMLResponse:
    page = Page(path=path, title=title, is_indexed=False)
    answer = visit.show(template, page, values, status)
    answer.headers.update(_NEVER_KEPT)
    return answer
