"""`bri source` and `bri import --mapping` against a node that harvests."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bri_cli import application
from bri_cli.outcome import DONE, NEGATIVE, NOT_BEGUN
from bri_kit.ending import end
from bri_node.harvesting import running
from tests.integration.harvesting.harvesting import Harvester, here, item, publish
from tests.integration.node.desk_servers import serving
from tests.support.publisher import Answer, Publisher
from tests.support.readings import QUICK

Bri = Callable[..., Awaitable[int]]

MAPPING = """
[fields]
identity = "№"
title = "Название"
body = "Описание"
countries = "Страна"
[constants]
kind = "case"
language = "ru"
"""


@pytest.fixture
async def bri(node: Harvester) -> AsyncIterator[Bri]:
    """The command line, by an editor of a node that reads what is due."""
    reading = asyncio.create_task(running.run(node.app.state.node, here, QUICK, every=0.02))
    token = node.editor.headers["authorization"].removeprefix("Bearer ")
    async with serving(node.app) as address:

        async def bri(*words: str, to: bool = True) -> int:
            told = ["--to", address, "--token", token] if to else []
            return await asyncio.to_thread(application.call, [*words, *told])

        yield bri
    await end(reading)


async def test_a_source_from_being_added_to_being_removed(
    publisher: Publisher, bri: Bri, node: Harvester, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is added, read, listed with how that went, and removed; its records stay."""
    url = publish(publisher, item(1), item(2))
    added = await bri("source", "add", "news", "--url", url, "--paused", "--country", "KZ")
    assert added == DONE
    assert "news is added; it is read when asked to" in capsys.readouterr().out
    assert await bri("source", "run", "news") == DONE
    assert "2 records, read" in capsys.readouterr().out
    publisher.routes["/feed"] = Answer(b"", 500)
    assert await bri("source", "run", "news") == NEGATIVE
    assert "bad-status" in capsys.readouterr().out
    assert await bri("source", "list", "--json") == NEGATIVE
    [listed] = json.loads(capsys.readouterr().out)["items"]
    assert (listed["name"], listed["countries"], listed["failures"]) == ("news", ["KZ"], 1)
    assert await bri("source", "remove", "news") == DONE
    assert await bri("source", "remove", "news") == NEGATIVE
    assert len(await node.records()) == 2


async def test_proposals_are_listed_and_decided(
    publisher: Publisher, bri: Bri, node: Harvester, capsys: pytest.CaptureFixture[str]
) -> None:
    """One is accepted and one is refused, and nothing is left."""
    mapping = publisher.url("/table")
    publisher.put("/table", "№;Название\n1;Один\n2;Два\n3;Три", "text/csv")
    text = '[fields]\nidentity = "№"\ntitle = "Название"\n[constants]\nlanguage = "ru"'
    await node.add(mapping, "table", mapping=text, publish=True, paused=True)
    assert await bri("source", "run", "news") == DONE
    publisher.put("/table", "№;Название\n1;Один", "text/csv")
    assert await bri("source", "run", "news") == DONE
    capsys.readouterr()
    assert await bri("source", "proposals") == DONE
    assert capsys.readouterr().out.count("does not list it any more") == 2
    assert await bri("source", "proposals", "--accept", "1", "--refuse", "2") == DONE
    assert await bri("source", "proposals") == DONE
    assert "nothing is proposed" in capsys.readouterr().out
    assert len(await node.records("retracted")) == 1


async def test_wrong_usage_is_told_before_anything_is_asked(
    bri: Bri, capsys: pytest.CaptureFixture[str]
) -> None:
    """No token, no such interval, no such mapping."""
    words = ("source", "add", "x", "--url", "https://example.org/")
    assert await bri(*words, "--every", "soon") == NOT_BEGUN
    assert await bri(*words, "--to", "http://127.0.0.1:1", to=False) == NOT_BEGUN
    assert await bri(*words, "--kind", "table", "--mapping", "/nowhere.toml") == NOT_BEGUN
    assert await bri(*words, "--kind", "ftp") == NEGATIVE
    told = capsys.readouterr().err
    assert "30m, 6h or 1d" in told
    assert "a token is needed" in told
    assert "/nowhere.toml cannot be read" in told


async def test_a_table_is_imported_whole_and_twice_without_effect(
    bri: Bri, node: Harvester, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In Windows-1251 with semicolons; a file with a fault is told by row and column and leaves
    nothing behind."""
    mapping, table = tmp_path / "m.toml", tmp_path / "Кейсы 2026.csv"
    mapping.write_text(MAPPING)
    rows = "№;Название;Описание;Страна\r\n1;Отходы;Текст;KZ\r\n2;Вода;Текст 2;Казахстан"
    table.write_bytes(rows.encode("cp1251"))
    words = ("import", str(table), "--mapping", str(mapping), "--source", "cases")
    assert await bri(*words) == DONE
    assert "cases: 2 new, 0 revised" in capsys.readouterr().out
    assert await bri(*words, "--json") == DONE
    assert json.loads(capsys.readouterr().out)["unchanged"] == 2
    records = await node.records("published")
    assert [each["kind"] for each in records] == ["case", "case"]
    assert {each["countries"][0] for each in records} == {"KZ"}
    table.write_bytes((rows + "\r\n3;;Текст;KZ\r\n4;Воздух;Текст;XX").encode("cp1251"))
    assert await bri(*words) == NEGATIVE
    told = capsys.readouterr().err
    assert "row 4, column 2 (Название): the title is missing" in told
    assert "row 5, column 4 (Страна): 'XX' is no known country" in told
    assert len(await node.records("published")) == 2
    mapping.write_text("[fields]")
    assert await bri(*words) == NOT_BEGUN
