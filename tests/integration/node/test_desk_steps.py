"""Review, publishing at a time, withdrawing, and what the hub answered."""

from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import time_machine
from bri.log.v1 import log_pb2

from bri_kit import clock, log
from bri_kit.auth import Role
from bri_node import delivery
from bri_node.desk import scheduling, users
from tests.integration.node.desk import Editor, a_browser, add_user
from tests.integration.node.running import RunningNode, read
from tests.support.waiting import eventually


@pytest.fixture
async def editor(node: RunningNode) -> AsyncIterator[Editor]:
    add_user(node, "li", Role.EDITOR, "Li Wei")
    async with a_browser(node) as browser:
        editor = Editor(browser)
        await editor.sign_in("li")
        yield editor


async def state_of(node: RunningNode, record_id: str) -> str:
    answer = await node.editor.get(f"/api/v1/records/{record_id}")
    return "retracted" if answer.status_code == 410 else str(read(answer)["state"])


async def test_comments_are_said_and_settled(node: RunningNode, editor: Editor) -> None:
    """A comment stands beside the record with its author, and is marked when it is dealt with;
    markup in it is text, and an empty one is refused."""
    record = await node.create()
    page = await editor.get(f"/records/{record['id']}")
    said = await editor.send(page, f"/records/{record['id']}/comments", comment="Источник <b>?</b>")
    assert "Источник <b>?</b>" in said.text
    assert "1 open comment" in (await editor.get("/?list=draft")).text
    assert "Источник" in (await editor.get(f"/records/{record['id']}/edit")).text
    settled = await editor.send(said, f"/records/{record['id']}/comments/1", resolved="yes")
    assert "Settled by Li Wei" in settled.text
    assert "open comment" not in (await editor.get("/?list=draft")).text
    empty = await editor.send(page, f"/records/{record['id']}/comments", comment=" ")
    assert empty.status == 422


async def test_a_record_is_withdrawn_with_a_reason_and_published_again(
    node: RunningNode, editor: Editor
) -> None:
    """Withdrawing asks why, tells readers, and can be undone by publishing again."""
    record = await node.publish()
    where = f"/records/{record['id']}/retract"
    page = await editor.get(where)
    assert (await editor.send(page, where, reason=" ")).status == 422
    withdrawn = await editor.send(page, where, reason="Ошибка в тексте")
    assert withdrawn.status == 200
    assert (
        read(await node.reader.get(f"/api/v1/records/{record['id']}"))["reason"]
        == "Ошибка в тексте"
    )
    again = await editor.send(page, where, reason="Ошибка в тексте")
    assert again.path == withdrawn.path
    step = f"/records/{record['id']}/step"
    await editor.send(withdrawn, step, action="publish")
    assert await state_of(node, record["id"]) == "published"
    assert (await node.delivery())["written"] == 3


async def test_a_record_is_published_at_its_time_though_the_node_was_away(
    node: RunningNode, editor: Editor
) -> None:
    """What is due while the node is stopped is published when it starts again, once."""
    record = await node.create()
    page = await editor.get(f"/records/{record['id']}")
    soon = clock.now() + timedelta(hours=8, minutes=2)
    local = soon.strftime("%Y-%m-%dT%H:%M")
    step = f"/records/{record['id']}/step"
    page = await editor.send(page, step, action="schedule", at=local, offset="480")
    assert "To be published on" in page.text
    assert "Scheduled 1" in (await editor.get("/?list=scheduled")).text
    await node.stop()
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=True):
        await node.start()

        async def published() -> bool:
            return await state_of(node, record["id"]) == "published"

        await eventually(published)
    assert (await node.delivery())["written"] == 1


@pytest.mark.parametrize("at", ["", "yesterday", "2020-01-01T00:00", "2999-01-01T00:00"])
async def test_times_that_cannot_be_are_refused(node: RunningNode, editor: Editor, at: str) -> None:
    """A time that has passed, is too far, or is none is told beside the field."""
    record = await node.create()
    page = await editor.get(f"/records/{record['id']}")
    answer = await editor.send(page, f"/records/{record['id']}/step", action="schedule", at=at)
    assert answer.status == 422
    assert answer.soup.select_one("#fault-at") is not None


async def test_what_was_edited_since_is_not_published_unseen(
    node: RunningNode, editor: Editor
) -> None:
    """A record that changed after its time was set stays a draft, and the desk says why; so does
    one whose editor may not publish any more."""
    for change in ("edit", "role"):
        record = await node.create()
        page = await editor.get(f"/records/{record['id']}")
        tomorrow = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
        await editor.send(page, f"/records/{record['id']}/step", action="schedule", at=tomorrow)
        if change == "edit":
            where = f"/records/{record['id']}/edit"
            edit = await editor.get(where)
            await editor.send(edit, where, action="save", editions__zh__title="改了")
        else:
            with users.store_of(node.data, "sco") as store, store.writing() as session:
                users.find(session, "li").role = Role.CONTRIBUTOR.value
        with time_machine.travel(clock.now() + timedelta(days=2), tick=True):
            assert scheduling.publish_due(node.app.state.node) == 0
        assert await state_of(node, record["id"]) == "draft"
        assert "was not" in (await editor.get(f"/records/{record['id']}")).text
    assert "Problems 2" in (await editor.get("/?list=problems")).text


async def test_the_hubs_answer_is_told_in_plain_words(node: RunningNode, editor: Editor) -> None:
    """Each line says whether the hub has the record, and why not; rejections are under problems."""
    record = await node.publish()
    assert "Waits to be sent" in (await editor.get("/?list=published")).text
    entry = read(await node.reader.get("/api/v1/log"))["items"][0]
    hash_ = log.entry_hash(b64decode(entry["entry"]))
    receipt = log_pb2.Receipt(
        number=1,
        hash=hash_,
        verdict=log_pb2.VERDICT_REJECTED,
        reason="invalid-content",
        detail="editions.zh.title is blank",
        at=clock.timestamp(),
    )
    with node.app.state.node.store.writing() as session:
        assert delivery.apply_receipts(session, [receipt]) == 1
    page = await editor.get("/?list=problems")
    assert "it breaks a rule of the federation" in page.text
    assert "editions.zh.title is blank" in page.text
    assert record["id"] in str(page.soup)


async def test_a_search_finds_titles_and_texts_of_every_state(
    node: RunningNode, editor: Editor
) -> None:
    """Drafts, withdrawn and published records are found by words of title or text; none by words
    that none has."""
    draft = await node.create(editions={"zh": {"title": "草稿题目", "body": "<p>独特词语</p>"}})
    published = await node.publish(editions={"zh": {"title": "已发布题目", "body": "<p>其他</p>"}})

    async def found(words: str) -> str:
        return str((await editor.get(f"/?q={words}")).soup.select_one("main"))

    assert draft["id"] in await found("独特词语")

    async def indexed() -> bool:
        return published["id"] in await found("已发布题目")

    await eventually(indexed)
    assert "No record holds these words" in await found("zzzzqqqq")
    assert (await editor.get("/?list=nonsense&sort=nonsense&page=-3")).status == 200
    assert (await editor.get("/?list=draft&sort=date&page=999")).status == 200
