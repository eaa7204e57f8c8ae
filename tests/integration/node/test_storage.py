"""A node whose disk is full, and one whose database is damaged, say so and go on reading."""

import asyncio
from pathlib import Path

import pytest

from sco_platform.profile import PROFILE
from tests.chaos.disks import filled
from tests.integration.node.running import RunningNode, a_document, ndjson, read
from tests.support import postgres
from tests.support.damage import Ceiling, overwrite, small_disk
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(postgres.is_wanted(), reason="about SQLite's files")

LARGE = {"zh": {"title": "固体废物管理", "body": f"<p>{'正文 ' * 20_000}</p>"}}


@pytest.fixture
def ceiling(node: RunningNode) -> Ceiling:
    return Ceiling(node.app.state.node.store._engine)


async def check_full(node: RunningNode) -> None:
    """What is written is refused as such; what is read is not."""
    posted = await node.editor.post("/api/v1/records", json=a_document(editions=LARGE))
    assert (posted.status_code, posted.headers["content-type"]) == (507, "application/problem+json")
    assert "no room" in read(posted)["detail"]
    document = a_document(editions=LARGE)
    imported = await node.editor.post("/api/v1/imports", json=document)
    assert "No room" in str(ndjson(imported)[0]["error"])
    assert (await node.reader.get("/api/v1/records")).status_code == 200
    ready = read(await node.reader.get("/readyz"))
    assert ready["status"] == "ready"
    assert any("no room" in said for said in ready["remarks"])
    measured = (await node.reader.get("/metrics")).text
    assert "\ndatabase_full 1.0" in measured


async def check_room(node: RunningNode) -> None:
    """Once there is room again everything is as before."""
    await node.publish()

    async def is_as_before() -> bool:
        return "no room" not in str(read(await node.reader.get("/readyz")))

    await eventually(is_as_before)  # the index tries again after a pause
    assert "\ndatabase_full 0.0" in (await node.reader.get("/metrics")).text


async def test_without_room_writing_is_refused_and_reading_goes_on(
    node: RunningNode, ceiling: Ceiling
) -> None:
    """SQLITE_FULL is 507, and the operator is told among the remarks and measurements."""
    await node.publish()
    ceiling.lower(node.data / "node.db")
    await check_full(node)
    ceiling.lift()
    await check_room(node)


async def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    """ENOSPC by a real file system."""
    with small_disk(tmp_path / "node", "24m") as folder:
        node = RunningNode(PROFILE, folder)
        await node.start()
        try:
            await node.publish()
            with filled(folder):
                await check_full(node)
            await check_room(node)
        finally:
            await node.stop()


@pytest.fixture
async def damaged(node: RunningNode) -> RunningNode:
    """A node whose table of records is damaged; it was started again."""
    await node.publish()
    await node.stop()
    await asyncio.to_thread(overwrite, node.data / "node.db", "record")
    await node.start()
    return node


async def test_a_damaged_database_is_found_at_the_start(damaged: RunningNode) -> None:
    """Before anybody asks for what is damaged; and the reason says what to do."""
    ready = await eventually(
        lambda: damaged.reader.get("/readyz"), lambda answer: answer.status_code == 503
    )
    detail = read(ready)["detail"]
    assert "node.db is damaged" in detail
    assert "restore its newest backup" in detail
    assert "\ndatabase_damaged 1.0" in (await damaged.reader.get("/metrics")).text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "database is damaged"), ("zh", "数据库已损坏"), ("ru", "База данных сайта повреждена")],
)
async def test_what_a_damaged_database_holds_is_not_available(
    damaged: RunningNode, language: str, words: str
) -> None:
    """503 for programs and people, and not an error that nobody expected."""
    answer = await damaged.reader.get("/api/v1/records")
    assert answer.status_code == 503
    assert read(answer)["title"] == "The database is damaged"
    record = read(await damaged.reader.get("/api/v1/log"))["items"][0]["record"]
    page = await damaged.reader.get(f"/{language}/records/{record}")
    assert page.status_code == 503
    assert words in page.text
