"""Writing at the desk, without JavaScript."""

from collections.abc import AsyncIterator

import pytest

from bri_kit.auth import Role
from tests.integration.node.desk import Editor, a_browser, add_user
from tests.integration.node.running import RunningNode, a_document, read


@pytest.fixture
async def editor(node: RunningNode) -> AsyncIterator[Editor]:
    add_user(node, "li", Role.EDITOR, "Li Wei")
    async with a_browser(node) as browser:
        editor = Editor(browser)
        assert (await editor.sign_in("li")).path == "/desk/"
        yield editor


@pytest.fixture
async def colleague(node: RunningNode) -> AsyncIterator[Editor]:
    add_user(node, "gulnara", Role.EDITOR, "Гүлнара Әбдіқадырова")
    async with a_browser(node) as browser:
        colleague = Editor(browser)
        await colleague.sign_in("gulnara")
        yield colleague


async def record_of(node: RunningNode, record_id: str) -> dict[str, object]:
    return read(await node.editor.get(f"/api/v1/records/{record_id}"))


async def test_a_draft_is_saved_translated_and_published(node: RunningNode, editor: Editor) -> None:
    """What is written in Markdown is a record by the rules of the API, and published by one step;
    the editor gets back what they typed."""
    page = await editor.write()
    record_id = page.path.rpartition("/")[2]
    where = f"/records/{record_id}/edit"
    edit = await editor.get(where)
    assert edit.form("/edit")["editions.zh.body"] == ["正文。第二句。"]
    typed = "Текст __важный__.\n\n* пункт"
    page = await editor.send(
        edit, where, action="publish", editions__ru__title="Отходы", editions__ru__body=typed
    )
    assert page.status == 200, page.text
    record = read(await node.reader.get(f"/api/v1/records/{record_id}"))
    assert record["state"] == "published"
    assert record["countries"] == ["KZ", "CN"]
    assert record["topics"] == ["solid-waste"]
    assert "<strong>важный</strong>" in record["editions"]["ru"]["body"]
    edit = await editor.get(f"{where}?right=ru")
    assert edit.form("/edit")["editions.ru.body"] == [typed]


async def test_what_breaks_rules_is_told_beside_the_field_and_nothing_is_lost(
    editor: Editor,
) -> None:
    """A title of 3 000 characters, an unknown country and a wrong address come back as typed, with
    what is wrong beside each."""
    title = "长" * 3_000
    page = await editor.write(
        editions__zh__title=title, countries=["Atlantis"], source__url="javascript:alert(1)"
    )
    assert page.status == 422
    form = page.form("/edit")
    assert form["editions.zh.title"] == [title]
    assert form["editions.zh.body"] == ["正文。第二句。"]
    assert "Atlantis" in form["countries"]
    faults = {each["id"] for each in page.soup.select(".fault")}
    assert {"fault-editions.zh.title", "fault-countries", "fault-source.url"} <= faults
    assert "must not be longer than 1000 characters" in page.text


async def test_an_edition_of_two_hundred_pages_is_taken(editor: Editor) -> None:
    """A long text is saved as any other, and comes back whole."""
    text = "\n\n".join(f"{number}. 这是一个很长的段落，" + "内容" * 250 for number in range(400))
    page = await editor.write(editions__zh__body=text)
    assert page.status == 200, page.text[:300]
    edit = await editor.get(page.path.removeprefix("/desk") + "/edit")
    assert edit.form("/edit")["editions.zh.body"] == [text]


async def test_hostile_text_is_shown_as_text(editor: Editor) -> None:
    """Scripts in titles and bodies run neither in the editor nor in the preview."""
    hostile = "</textarea><script>alert(1)</script><img src=x onerror=alert(1)>"
    page = await editor.write(
        action="preview", editions__zh__title=hostile, editions__zh__body=hostile + "字"
    )
    assert page.form("/edit")["editions.zh.body"] == [hostile + "字"]
    assert page.soup.select_one(".preview script") is None
    assert not page.soup.select("[onerror]")
    assert len(page.soup.select("script")) == 1
    assert "unsafe" not in page.answer.headers["content-security-policy"]


async def test_a_translation_that_was_only_seen_turns_stale(
    node: RunningNode, editor: Editor
) -> None:
    """Who changes the original with the translation beside it, untouched, has not translated the
    change; who says that it is right again has."""
    record = await node.create()
    where = f"/records/{record['id']}/edit"
    edit = await editor.get(where)
    await editor.send(edit, where, action="save", editions__zh__body="改过的正文。")
    changed = await record_of(node, record["id"])
    assert changed["editions"]["en"]["stale"] is True  # type: ignore[index]
    edit = await editor.get(where)
    assert "Out of date" in edit.text
    await editor.send(edit, where, action="save", fresh="en")
    assert (await record_of(node, record["id"]))["editions"]["en"]["stale"] is False  # type: ignore[index]


async def test_official_terms_and_sentences_are_compared(editor: Editor) -> None:
    """A translation without the official form of a term is told so, and saved all the same."""
    page = await editor.write(
        action="keep",
        editions__zh__body="推进一带一路建设。落实《巴黎协定》。第三句。第四句。",
        editions__ru__title="Отходы",
        editions__ru__body="Инициатива «Один пояс, один путь».",
    )
    terms = " ".join(each.get_text() for each in page.soup.select(".terms li"))
    assert "Парижское соглашение" in terms
    assert "Один пояс" not in terms
    assert "The original has another number" in page.text


async def test_a_double_click_on_publish_publishes_once(node: RunningNode, editor: Editor) -> None:
    """The same form sent twice leads to the same place and writes one entry."""
    edit = await editor.get((await editor.get("/new")).path.removeprefix("/desk"))
    where = edit.path.removeprefix("/desk")
    fields = {"action": "publish", "editions__zh__title": "标题", "editions__zh__body": "正文"}
    fields["original_language"] = "zh"
    first = await editor.send(edit, where, **fields)
    second = await editor.send(edit, where, **fields)
    assert first.path == second.path
    assert (await node.delivery())["written"] == 1
    third = await editor.send(edit, where, **fields | {"editions__zh__body": "别的正文"})
    assert third.status == 412
    assert (await node.delivery())["written"] == 1


async def test_two_editors_never_overwrite_each_other(
    node: RunningNode, editor: Editor, colleague: Editor
) -> None:
    """The second to save sees both texts, keeps what only they changed, and chooses the rest."""
    record = await node.create()
    where = f"/records/{record['id']}/edit"
    mine, theirs = await editor.get(where), await colleague.get(where)
    await colleague.send(
        theirs, where, action="save", editions__zh__title="他们的标题", source__name="新华社"
    )
    page = await editor.send(
        mine, where, action="save", editions__zh__title="我的标题", editions__en__title="Mine"
    )
    assert page.status == 412
    assert "Гүлнара Әбдіқадырова" in page.text
    assert "我的标题" in str(page.soup)
    assert "他们的标题" in str(page.soup)
    assert (await record_of(node, record["id"]))["editions"]["zh"]["title"] == "他们的标题"  # type: ignore[index]
    page = await editor.send(page, where, action="save", **{"take.editions.zh.title": "theirs"})
    assert page.status == 200, page.text
    merged = await record_of(node, record["id"])
    assert merged["editions"]["zh"]["title"] == "他们的标题"  # type: ignore[index]
    assert merged["editions"]["en"]["title"] == "Mine"  # type: ignore[index]
    assert merged["source"]["name"] == "新华社"  # type: ignore[index]


async def test_what_was_typed_is_offered_after_a_crash(node: RunningNode, editor: Editor) -> None:
    """What was autosaved and never saved survives the node, is offered, and touches no record."""
    record = await node.create()
    where = f"/records/{record['id']}/edit"
    edit = await editor.get(where)
    page = await editor.send(
        edit, f"/records/{record['id']}/edit", action="keep", editions__zh__title="未保存的标题"
    )
    values = page.form("/edit")
    answer = await editor.browser.post(
        f"/desk/records/{record['id']}/autosave",
        data=values | {"editions.zh.title": ["更新的标题"]},
    )
    assert answer.json()["revision"] == 1
    cookies = editor.browser.cookies
    await node.stop()
    await node.start()
    async with a_browser(node) as browser:
        browser.cookies = cookies
        again = Editor(browser)
        assert "did not save it" in (await again.get(where)).text
        assert (await again.get(where)).form("/edit")["editions.zh.title"] == ["固体废物管理"]
        assert "更新的标题" in (await again.get("/")).text
        restored = await again.get(f"{where}?restore=1")
        assert restored.form("/edit")["editions.zh.title"] == ["更新的标题"]
        assert (await record_of(node, record["id"]))["revision"] == 1
        await again.send(restored, where, action="save")
        assert (await record_of(node, record["id"]))["editions"]["zh"]["title"] == "更新的标题"  # type: ignore[index]
        assert "did not save it" not in (await again.get(where)).text


async def test_colleagues_see_who_is_editing(editor: Editor, colleague: Editor) -> None:
    """Whoever types at a record is seen by others who open it."""
    page = await editor.write()
    where = page.path.removeprefix("/desk") + "/edit"
    await editor.send(await editor.get(where), where, action="keep", editions__zh__title="新题")
    assert "Li Wei is editing this since" in (await colleague.get(where)).text
    assert "is editing this" not in (await editor.get(where)).text


async def test_a_paste_from_a_word_processor_is_made_clean(editor: Editor) -> None:
    """Scripts and pictures go, headings, lists, tables and links stay; 5 MB of pictures are no
    trouble, and 6 MB of text are refused."""
    token = (await editor.get("/new")).form("/edit")["token"][0]
    picture = "<img src='data:image/png;base64," + "A" * 5_000_000 + "'>"
    pasted = (
        "<html><head><style>p{}</style></head><body><h1>标题</h1><script>alert(1)</script>"
        "<p class=MsoListParagraph><span>·</span>&nbsp; 项目</p><p>Đường <b>đậm</b></p>" + picture
    )

    async def clean(html: str) -> tuple[int, dict[str, object]]:
        answer = await editor.browser.post(
            "/desk/clean",
            data={"token": token, "html": html},
            headers={"Accept": "application/json"},
        )
        return answer.status_code, answer.json()

    status, found = await clean(pasted)
    assert status == 200
    assert found == {"markdown": "## 标题\n\n- 项目\n\nĐường **đậm**", "pictures": 1}
    assert (await clean("<p>" + "字" * 2_100_000))[0] == 413
    assert (await clean("<" * 50_000))[0] == 200


async def test_fields_of_a_law_are_taken_for_policies_alone(
    node: RunningNode, editor: Editor
) -> None:
    """What was typed for a law is left out of a news item, and kept for a policy."""
    law = {"policy__jurisdiction": "Kazakhstan", "policy__amends": "No. 1\nNo. 2"}
    news = await editor.write(**law)
    policy = await editor.write(kind="policy", **law)
    document = await record_of(node, policy.path.rpartition("/")[2])
    assert document["policy"]["jurisdiction"] == "KZ"  # type: ignore[index]
    assert document["policy"]["amends"] == ["No. 1", "No. 2"]  # type: ignore[index]
    assert "policy" not in await record_of(node, news.path.rpartition("/")[2])


async def test_an_edition_made_blank_is_removed(node: RunningNode, editor: Editor) -> None:
    """A translation whose fields are all emptied is gone; the others stay."""
    record = await node.create(**a_document())
    where = f"/records/{record['id']}/edit"
    edit = await editor.get(where)
    blank = {f"editions__en__{name}": "" for name in ("title", "summary", "body")}
    page = await editor.send(edit, where, action="save", **blank)
    assert page.status == 200, page.text
    assert set((await record_of(node, record["id"]))["editions"]) == {"zh"}  # type: ignore[call-overload]
