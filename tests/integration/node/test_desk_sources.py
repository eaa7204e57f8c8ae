"""Sources at the desk: how they go, in words, and what they propose."""

from collections.abc import AsyncIterator

import pytest

from bri_kit.auth import Role
from tests.integration.node.desk import Editor, a_browser, add_user
from tests.integration.node.running import RunningNode, read
from tests.support.waiting import eventually

ITEMS = [
    {"identity": str(n), "language": "en", "title": f"Case {n}", "body": f"<p>Text {n}</p>"}
    for n in range(3)
]


@pytest.fixture
async def visitor(node: RunningNode) -> AsyncIterator[Editor]:
    add_user(node, "li", Role.EDITOR, "Li Wei")
    add_user(node, "min", Role.CONTRIBUTOR, "Nguyễn Thị Minh")
    async with a_browser(node) as browser:
        yield Editor(browser)


async def bring(node: RunningNode, *numbers: int) -> None:
    sent = {"items": [ITEMS[n] for n in numbers], "publish": True, "whole": True}
    answer = await node.editor.post("/api/v1/sources/cases/items", json=sent)
    assert answer.status_code == 200, answer.text


async def test_an_editor_sees_sources_and_decides_proposals(
    node: RunningNode, visitor: Editor
) -> None:
    """What a source no longer has is shown with two buttons, and nothing happens by itself."""
    await bring(node, 0, 1, 2)
    await bring(node, 0)
    await visitor.sign_in("li")
    page = await visitor.get("/sources")
    assert "Imported file" in page.text
    assert page.text.count("The source no longer has this record. Withdraw it?") == 2
    page = await visitor.send(page, "/proposals/1", decision="accept")
    assert "It was done." in page.text
    page = await visitor.send(page, "/proposals/2", decision="refuse")
    assert "The record stays as it is." in page.text
    assert "Nothing is proposed." in page.text
    published = read(await node.reader.get("/api/v1/records"))["items"]
    assert {each["editions"]["en"]["title"] for each in published} & {"Case 0"}
    assert len(published) == 2


async def test_a_proposal_about_a_record_that_changed_meanwhile_is_not_done(
    node: RunningNode, visitor: Editor
) -> None:
    """What was not seen is not decided."""
    await bring(node, 0, 1)
    await bring(node, 0)
    await visitor.sign_in("li")
    page = await visitor.get("/sources")
    stale = await visitor.send(page, "/proposals/1", decision="accept", revision="7")
    assert stale.status == 412
    assert "Somebody saved a newer revision" in stale.text


async def test_contributors_look_and_do_not_decide(node: RunningNode, visitor: Editor) -> None:
    """They are offered no button, and a forged one does nothing."""
    await bring(node, 0, 1)
    await bring(node, 0)
    await visitor.sign_in("min")
    page = await visitor.get("/sources")
    assert page.soup.find("form", action="/desk/proposals/1") is None
    token = page.form("/sign-out")["token"]
    for place in ("/desk/proposals/1", "/desk/sources/cases/run"):
        fields = {"token": token, "decision": ["accept"]}
        assert (await visitor.browser.post(place, data=fields)).status_code == 403
    assert len(read(await node.reader.get("/api/v1/records"))["items"]) == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ("来源", "导入的文件", "来源中已没有这条记录")), ("ru", ("Источники", "Предложения"))],
)
async def test_the_page_speaks_the_editors_language(
    node: RunningNode, visitor: Editor, language: str, words: tuple[str, ...]
) -> None:
    """Codes of sources and of proposals too."""
    await bring(node, 0, 1)
    await bring(node, 0)
    page = await visitor.sign_in("li")
    await visitor.send(page, "/language", language=language)
    page = await visitor.get("/sources")
    assert page.status == 200
    for word in words:
        assert word in page.text


async def test_faults_are_told_in_words(node: RunningNode, visitor: Editor) -> None:
    """A source that cannot be read says why; the address of this machine is refused."""
    source = {"name": "news", "kind": "feed", "url": "http://127.0.0.1:9/rss", "paused": True}
    await node.editor.post("/api/v1/sources", json=source)
    await visitor.sign_in("li")
    page = await visitor.get("/sources")
    assert "Not read yet" in page.text
    page = await visitor.send(page, "/sources/news/run")
    assert "The source will be read in a moment." in page.text

    async def shown() -> str:
        return (await visitor.get("/sources")).text

    await eventually(shown, lambda text: "Failed" in text, seconds=60)
    assert "The address is not one of the public internet." in await shown()
