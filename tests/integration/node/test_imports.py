"""Imports over HTTP, by a client in the test and by one on a real connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import uvicorn

from bri_kit.trust import Ledger, Standing
from bri_node.lines import MAX_LINE_BYTES
from tests.integration.node.running import (
    RunningNode,
    a_document,
    fields,
    log_of,
    ndjson,
    read,
)
from tests.integration.node.test_log import envelope_of
from tests.support.waiting import eventually

PATH = "/api/v1/imports"


def line(**changes: Any) -> bytes:
    return orjson.dumps(a_document(**changes)) + b"\n"


async def test_records_come_in_as_drafts_unless_they_are_to_be_published(
    node: RunningNode,
) -> None:
    drafts = ndjson(await node.editor.post(PATH, content=line() * 3))
    assert [answer["line"] for answer in drafts[:3]] == [1, 2, 3]
    assert drafts[3]["summary"]["imported"] == 3
    record = read(await node.editor.get(f"/api/v1/records/{drafts[0]['id']}"))
    assert (record["state"], record["revision"]) == ("draft", 1)
    assert read(await node.reader.get("/api/v1/log"))["items"] == []

    published = ndjson(await node.editor.post(f"{PATH}?publish=true", content=line()))
    record = read(await node.reader.get(f"/api/v1/records/{published[0]['id']}"))
    assert record["dates"]["published"].endswith("Z")
    history = read(await node.editor.get(f"/api/v1/records/{record['id']}/revisions"))["items"]
    assert [(step["action"], step["by"]) for step in history] == [("publish", "Editor")]


async def test_a_bad_line_rejects_that_line_alone(node: RunningNode) -> None:
    lines = [
        b"\xef\xbb\xbf" + line().replace(b"\n", b"\r\n"),
        b"\n",
        line()[:200] + b"\n",
        line(topics=["magic"]),
        b'{"title": "\xff\xfe"}\n',
        b'{"kind": "\\ud800"}\n',
        b"[" * 100_000 + b"\n",
        b"7\n",
        b"x" * (MAX_LINE_BYTES + 1) + b"\n",
        line(),
        line()[:300],
    ]
    answers = ndjson(await node.editor.post(f"{PATH}?publish=true", content=b"".join(lines)))
    *told, last = answers
    assert [answer["line"] for answer in told] == [1, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    statuses = {answer["line"]: answer["error"]["status"] for answer in told if "error" in answer}
    assert statuses == {3: 400, 4: 422, 5: 400, 6: 400, 7: 400, 8: 422, 9: 413, 11: 400}
    assert told[2]["error"]["errors"][0]["field"] == "topics.0"
    assert last["summary"] | {"took_ms": 0} == {"imported": 2, "rejected": 8, "took_ms": 0}
    listed = read(await node.reader.get("/api/v1/records"))["items"]
    assert {item["id"] for item in listed} == {each["id"] for each in told if "id" in each}


async def test_many_records_make_one_unbroken_log_and_are_found(node: RunningNode) -> None:
    await node.publish()
    data = b"".join(line(editions={"zh": {"title": f"第{n}条", "body": "b"}}) for n in range(1200))
    answers = ndjson(await node.editor.post(f"{PATH}?publish=true", content=data))
    identifiers = [answer["id"] for answer in answers[:-1]]
    assert identifiers == sorted(identifiers)
    items = [item async for item in log_of(node.reader)]
    assert [item["record"] for item in items[1:]] == identifiers
    ledger = Ledger("sco", await node.public_key())
    judgements = ledger.judge([envelope_of(item) for item in items], lambda _: None)
    assert {each.standing for each in judgements} == {Standing.ACCEPTED}

    async def total() -> int:
        return int(read(await node.reader.get("/api/v1/search"))["total"])

    await eventually(total, lambda it: it == 1201, seconds=60)


async def test_only_an_editor_imports(node: RunningNode) -> None:
    answer = await node.contributor.post(PATH, content=line())
    assert (answer.status_code, fields(answer)) == (403, [])


@asynccontextmanager
async def served(node: RunningNode) -> AsyncIterator[int]:
    """The node on a real port."""
    config = uvicorn.Config(node.app, port=0, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: asyncio.sleep(0, server.started))
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


class Sender:
    """A client that sends an import piece by piece over a connection of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def to(cls, port: int, authorization: str) -> "Sender":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"POST {PATH}?publish=true HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        return cls(reader, writer)

    async def send(self, data: bytes) -> None:
        self.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self.writer.drain()

    async def told(self, wanted: bytes) -> bytes:
        async with asyncio.timeout(15):
            return await self.reader.readuntil(wanted)

    async def leave(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


async def test_lines_are_answered_while_the_rest_is_still_to_come(node: RunningNode) -> None:
    async with served(node) as port:
        sender = await Sender.to(port, node.editor.headers["Authorization"])
        await sender.send(line() + line()[:100])
        assert b'"line":1,"id"' in await sender.told(b"}\n")
        await sender.send(line()[100:])
        assert b'"line":2,"id"' in await sender.told(b"}\n")
        await sender.send(b"")
        assert b'"imported":2,"rejected":0' in await sender.told(b"0\r\n\r\n")
        await sender.leave()


async def test_what_was_answered_stays_when_the_client_leaves(node: RunningNode) -> None:
    async with served(node) as port:
        sender = await Sender.to(port, node.editor.headers["Authorization"])
        await sender.send(line() * 3)
        await sender.told(b'"line":3')
        await sender.send(line()[:100])
        await sender.leave()
        await node.publish()
        listed = read(await node.reader.get("/api/v1/records"))["items"]
        assert len(listed) == 4


async def test_a_client_that_reads_nothing_until_it_has_sent_everything_is_served(
    node: RunningNode,
) -> None:
    """The answers are more than sockets hold, so they must not keep us from reading on."""
    count = 60_000
    bad = b'{"' + b"x" * 150 + b'":1}\n'
    async with served(node) as port:
        sender = await Sender.to(port, node.editor.headers["Authorization"])
        sender.reader._transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(count // 1000):
            async with asyncio.timeout(30):
                await sender.send(bad * 1000)
        await sender.send(b"")
        sender.reader._transport.resume_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(60):
            rest = await _rest(sender.reader)
        assert f'"imported":0,"rejected":{count}'.encode() in rest
        await sender.leave()


async def _rest(reader: asyncio.StreamReader) -> bytes:
    tail = b""
    while b'"summary"' not in tail:
        tail = tail[-200:] + await reader.read(65536)
    return tail
