"""The desk where readers reach it by HTTPS, and what it logs of those who come and go."""

from collections.abc import AsyncIterator

import pytest
import structlog

from bri_kit.auth import Role
from tests.integration.node.desk import PASSWORD, Editor, a_browser, add_user
from tests.integration.node.running import RunningNode


@pytest.fixture
async def visitor(node: RunningNode) -> AsyncIterator[Editor]:
    """A browser at a desk that is published under an https address."""
    public = {"public_url": "https://centre.example"}
    node.settings = node.settings.model_copy(update=public)
    await node.stop()
    await node.start()
    add_user(node, "li", Role.EDITOR)
    async with a_browser(node) as browser:
        browser.base_url = "https://centre.example"
        yield Editor(browser)


async def test_cookies_are_bound_to_the_host(visitor: Editor) -> None:
    """Every cookie has the prefix by which browsers keep other hosts of the domain from setting it,
    and what that asks for: Secure, the whole host, no Domain."""
    page = await visitor.sign_in("li")
    answers = [await visitor.browser.get("/desk/sign-in"), *page.answer.history, page.answer]
    signed_out = await visitor.browser.post("/desk/sign-out", data=page.form("/sign-out"))
    given = [
        cookie
        for answer in [*answers, *signed_out.history]
        for cookie in answer.headers.get_list("set-cookie")
    ]
    assert {cookie.partition("=")[0] for cookie in given} == {
        "__Host-bri_desk",
        "__Host-bri_desk_device",
        "__Host-bri_desk_door",
    }
    for cookie in given:
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "path=/", "httponly", "samesite=lax"} <= parts, cookie
        assert not any(part.startswith("domain") for part in parts)


async def test_a_cookie_without_the_prefix_is_not_read(visitor: Editor) -> None:
    """What another host of the domain, or a page by plain HTTP, could have set opens nothing."""
    await visitor.sign_in("li")
    value = visitor.browser.cookies["__Host-bri_desk"]
    visitor.browser.cookies.clear()
    visitor.browser.cookies.set("bri_desk", value)
    assert (await visitor.get("/")).status == 401
    visitor.browser.cookies.set("__Host-bri_desk", value)
    assert (await visitor.get("/")).status == 200


async def test_signing_out_clears_what_pages_kept(visitor: Editor) -> None:
    """What was typed is in the browser's storage until the server has it; the next person at the
    same computer does not find it."""
    page = await visitor.sign_in("li")
    answer = await visitor.browser.post(
        "/desk/sign-out", data=page.form("/sign-out"), follow_redirects=False
    )
    assert answer.headers["clear-site-data"] == '"storage"'


async def test_who_comes_and_goes_is_logged(visitor: Editor) -> None:
    """Failures too; without the password, and without what was typed as a name."""
    with structlog.testing.capture_logs() as lines:
        await visitor.sign_in("li", "wrong password")
        await visitor.sign_in("typed in the wrong field")
        page = await visitor.sign_in("li")
        await visitor.browser.post("/desk/sign-out", data=page.form("/sign-out"))
    told = [
        {key: line[key] for key in ("event", "user", "by") if key in line}
        for line in lines
        if line["event"].startswith("desk.sign")
    ]
    assert told == [
        {"event": "desk.sign_in_failed", "user": 1},
        {"event": "desk.sign_in_failed", "user": None},
        {"event": "desk.signed_in", "user": 1, "by": "password"},
        {"event": "desk.signed_out", "user": 1},
    ]
    assert all(line["client"] for line in lines if line["event"] == "desk.sign_in_failed")
    assert PASSWORD not in str(lines)
    assert "wrong field" not in str(lines)
