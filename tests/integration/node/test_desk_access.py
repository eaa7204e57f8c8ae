"""Who gets in at the desk, and what they may do there."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from bri_kit import clock
from bri_kit.auth import Role
from bri_node.desk import users
from bri_node.desktables import DeskSessionRow, DeskUserRow
from tests.integration.node.desk import PASSWORD, Editor, a_browser, add_user
from tests.integration.node.running import RunningNode, read


@pytest.fixture
async def visitor(node: RunningNode) -> AsyncIterator[Editor]:
    add_user(node, "li", Role.EDITOR, "Li Wei")
    add_user(node, "min", Role.CONTRIBUTOR, "Nguyễn Thị Minh")
    async with a_browser(node) as browser:
        yield Editor(browser)


async def test_a_session_is_kept_by_a_hash_and_its_cookie_is_bound(
    node: RunningNode, visitor: Editor
) -> None:
    """The cookie is HttpOnly, SameSite=Lax and of the desk alone; what is kept does not open it."""
    page = await visitor.sign_in("LI")
    cookie = page.answer.history[0].headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "Path=/desk" in cookie
    assert "Secure" not in cookie
    value = visitor.browser.cookies["bri_desk"]
    with users.store_of(node.data, "sco") as store, store.reading() as session:
        kept = [row.hash for row in session.exec(select(DeskSessionRow))]
        passwords = [row.password or "" for row in session.exec(select(DeskUserRow))]
    assert value not in kept
    assert all(password.startswith("$argon2id$") for password in passwords)
    assert page.answer.headers["cache-control"] == "no-store"


async def test_signing_in_again_ends_the_session_before(visitor: Editor) -> None:
    """The browser gets a new cookie, and the old one opens nothing any more."""
    await visitor.sign_in("li")
    old = visitor.browser.cookies["bri_desk"]
    page = await visitor.get("/")
    token = page.form("/sign-out")["token"][0]
    values = {"token": token, "name": "li", "password": PASSWORD}
    assert (await visitor.browser.post("/desk/sign-in", data=values)).status_code == 200
    assert visitor.browser.cookies["bri_desk"] != old
    visitor.browser.cookies.clear()
    visitor.browser.cookies.set("bri_desk", old, path="/desk")
    assert (await visitor.get("/")).status == 401


async def test_a_password_is_taken_whole(node: RunningNode) -> None:
    """The longest one opens; what only begins with it does not."""
    longest = "pass word " * 100
    with users.store_of(node.data, "sco") as store, store.writing() as session:
        users.create(session, "long", "Long", Role.EDITOR, longest)
    async with a_browser(node) as browser:
        visitor = Editor(browser)
        assert (await visitor.sign_in("long", f"{longest}x")).status == 401
        assert (await visitor.sign_in("long", longest)).status == 200


async def test_wrong_passwords_and_unknown_names_are_told_alike(visitor: Editor) -> None:
    """Nobody learns which names there are."""
    wrong = await visitor.sign_in("li", "wrong password")
    unknown = await visitor.sign_in("nobody", "wrong password")
    assert wrong.status == unknown.status == 401
    assert wrong.text == unknown.text


async def test_guessing_is_slowed(node: RunningNode) -> None:
    """After some failures the name has to wait, with the right password too."""
    node.settings = node.settings.model_copy(update={"failures_per_minute": 3})
    await node.stop()
    await node.start()
    add_user(node, "li", Role.EDITOR)
    async with a_browser(node) as browser:
        visitor = Editor(browser)
        for _ in range(3):
            assert (await visitor.sign_in("li", "wrong password")).status == 401
        page = await visitor.sign_in("li")
        assert page.status == 429
        assert int(page.answer.headers["retry-after"]) > 0


async def test_the_desk_is_closed_to_those_who_are_not_signed_in(visitor: Editor) -> None:
    """Every page leads to the sign-in form, which leads back."""
    for path in ("/", "/new", "/records/sco:01JD4X00000000000000000000/edit", "/session"):
        page = await visitor.get(path)
        assert page.status == 401, path
        assert page.form("/sign-in")["place"] == [path]
    elsewhere = await visitor.get("/sign-in?next=https://evil.example/")
    assert elsewhere.form("/sign-in")["place"] == ["/"]


async def test_forms_of_other_pages_are_refused(node: RunningNode, visitor: Editor) -> None:
    """A form without this session's token, or from another site, changes nothing."""
    await visitor.sign_in("li")
    record = await node.create()
    step = f"/desk/records/{record['id']}/step"
    page = await visitor.get(f"/records/{record['id']}")
    values = page.form("/step") | {"action": ["publish"]}
    forged = await visitor.browser.post(step, data=values | {"token": ["0" * 64]})
    assert forged.status_code == 403
    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = await visitor.browser.post(step, data=values, headers=header)
        assert answer.status_code == 403
    assert (await node.delivery())["written"] == 0
    files = await visitor.browser.post(step, files={"picture": b"GIF89a"})
    assert files.status_code == 400
    assert (await visitor.browser.post(step, data=values)).status_code == 200
    assert (await node.delivery())["written"] == 1


async def test_contributors_draft_and_editors_publish(node: RunningNode, visitor: Editor) -> None:
    """A contributor is offered neither publishing nor withdrawing, and is refused both."""
    await visitor.sign_in("min")
    page = await visitor.write(action="submit")
    record_id = page.path.rpartition("/")[2]
    assert read(await node.editor.get(f"/api/v1/records/{record_id}"))["state"] == "in-review"
    assert "Publish now" not in page.text
    fields = {"token": page.form("/sign-out")["token"], "revision": ["1"]}
    for action in ("publish", "schedule", "retract"):
        answer = await visitor.browser.post(
            f"/desk/records/{record_id}/step",
            data=fields | {"action": [action], "at": ["2027-01-01T10:00"], "reason": ["x"]},
        )
        assert answer.status_code in (403, 409), action
    assert (await visitor.get(f"/records/{record_id}/retract")).status == 403
    refused = await visitor.write(action="publish")
    assert refused.status == 403
    assert refused.form("/edit")["editions.zh.title"] == ["固体废物管理"]


async def test_a_session_that_ran_out_loses_nothing(node: RunningNode, visitor: Editor) -> None:
    """A form that is sent after the session's end waits in the sign-in form, and is in the editor
    afterwards."""
    await visitor.sign_in("li")
    edit = await visitor.get((await visitor.get("/new")).path.removeprefix("/desk"))
    where = edit.path.removeprefix("/desk")
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=True):
        texts = {"editions__zh__title": "Сақталмаған", "editions__zh__body": "Мәтін."}
        page = await visitor.send(edit, where, action="save", original_language="zh", **texts)
        assert page.status == 401
        assert "What you typed waits here" in page.text
        page = await visitor.send(page, "/sign-in", name="li", password=PASSWORD)
        assert page.status == 200
        assert page.form("/edit")["editions.zh.title"] == ["Сақталмаған"]
        saved = await visitor.send(page, where, action="save")
        assert saved.status == 200
        assert "Сақталмаған" in saved.text


async def test_sessions_end_however_busy_and_wherever(node: RunningNode, visitor: Editor) -> None:
    """A session ends after its longest time though it was used, when its user is disabled, and when
    they sign out everywhere."""
    await visitor.sign_in("li")
    start = clock.now()
    for hours in range(1, 14):
        with time_machine.travel(start + timedelta(hours=hours), tick=True):
            assert (await visitor.get("/")).status == 200, hours
    with time_machine.travel(start + timedelta(hours=14, minutes=1), tick=True):
        assert (await visitor.get("/")).status == 401
    async with a_browser(node) as other:
        elsewhere = Editor(other)
        await elsewhere.sign_in("li")
        page = await visitor.get("/")
        await visitor.send(page, "/sign-out", everywhere="yes")
        assert (await elsewhere.get("/")).status == 401
        await elsewhere.sign_in("li")
        with users.store_of(node.data, "sco") as store, store.writing() as session:
            users.disable(session, "li")
        assert (await elsewhere.get("/")).status == 401
        assert (await elsewhere.sign_in("li")).status == 401


async def test_the_desk_speaks_the_language_that_a_person_chose(visitor: Editor) -> None:
    """The choice holds for the session and for the next one; errors of fields are in it too."""
    page = await visitor.sign_in("li")
    page = await visitor.send(page, "/language", language="ru")
    assert page.soup.html is not None
    assert page.soup.html["lang"] == "ru"
    assert "Рабочее место редактора" in page.text
    page = await visitor.write(editions__zh__title="")
    assert "не должно быть пустым" in page.text


async def test_the_desk_is_at_its_short_address(node: RunningNode) -> None:
    """`/desk` leads to the desk, and the description of the API does not tell of it."""
    answer = await node.reader.get("/desk")
    assert answer.headers["location"] == "/desk/"
    paths = read(await node.reader.get("/openapi.json"))["paths"]
    assert not [path for path in paths if path.startswith("/desk")]
