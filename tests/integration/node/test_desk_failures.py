"""At the desk when something breaks that nobody expected."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bri_kit.auth import Role
from bri_node.desk import listing, sessions
from tests.integration.node.desk import Editor, a_browser, add_user
from tests.integration.node.running import RunningNode


def break_off(*_arguments: Any, **_options: Any) -> Any:
    raise RuntimeError("secret words")


def lose_database(*_arguments: Any, **_options: Any) -> Any:
    raise OperationalError("SELECT secret", None, Exception("disk I/O error"))


async def test_a_failure_is_a_page_with_the_requests_id(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the person's language; it tells nothing of what went wrong, and the log finds it."""
    add_user(node, "li", Role.EDITOR)
    async with a_browser(node) as browser:
        editor = Editor(browser)
        await editor.sign_in("li")
        await editor.send(await editor.get("/"), "/language", language="ru", place="/")
        monkeypatch.setattr(listing, "counts", break_off)
        page = await editor.get("/")
    assert page.status == 500
    assert "Что-то пошло не так" in page.text
    assert page.answer.headers["x-request-id"] in page.text
    assert "secret" not in page.answer.text
    assert page.answer.headers["cache-control"] == "no-store"


async def test_where_nobody_can_be_looked_up_there_is_a_page_still(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the browser's language; the desk's own script gets a problem document."""
    async with a_browser(node) as browser:
        browser.cookies.set("bri_desk", "x")
        monkeypatch.setattr(sessions, "recognise", lose_database)
        page = await Editor(browser).get("/")
        answer = await browser.get("/desk/session", headers={"Accept": "application/json"})
    assert page.status == answer.status_code == 500
    assert "Something went wrong" in page.text
    assert answer.json()["status"] == 500
    assert "secret" not in page.answer.text + answer.text


async def test_names_are_shown_and_codes_are_kept(node: RunningNode) -> None:
    """Countries and topics by name in the editor's language; what was only seen is no change."""
    add_user(node, "li", Role.EDITOR)
    async with a_browser(node) as browser:
        editor = Editor(browser)
        await editor.sign_in("li")
        written = await editor.write()
        record = written.path.removeprefix("/desk")
        await editor.send(written, "/language", language="ru", place="/")
        page = await editor.get(f"{record}/edit")
        shown = page.form(f"{record}/edit")
        assert [each for each in shown["countries"] if each] == ["Казахстан", "Китай"]
        assert [each for each in shown["topics"] if each] == ["Твёрдые отходы"]
        other = await editor.get(f"{record}/edit")
        await editor.send(other, f"{record}/edit", action="save", countries=["Узбекистан"])
        saved = await editor.send(
            page, f"{record}/edit", action="save", editions__zh__summary="摘要"
        )
        assert saved.status == 412
        assert "разные поля" in saved.text
        kept = await editor.send(saved, f"{record}/edit", action="save")
        assert kept.status == 200
        after = (await editor.get(f"{record}/edit")).form(f"{record}/edit")
    assert [each for each in after["countries"] if each] == ["Узбекистан"]
    assert after["editions.zh.summary"] == ["摘要"]
