"""What the former version wrote is opened, brought to this version, and served; at PostgreSQL
too, where its tables were moved there as they were."""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from asean_platform.profile import PROFILE as ASEAN
from bri_cli import application
from bri_cli.outcome import DONE, NOT_BEGUN
from bri_hub.tokens import tokens_of as tokens_of_hub
from bri_kit import log, signing
from bri_kit.auth import Role
from sco_platform.profile import PROFILE as SCO
from tests.integration.hub.running import RunningHub, running_hub
from tests.integration.node.running import RunningNode, log_of, read
from tests.support import former
from tests.support.nats import NatsServer
from tests.support.waiting import eventually


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return former.unpack_served(tmp_path / "data", monkeypatch)


async def test_nodes_and_hub_go_on_where_they_were(data: Path, tmp_path: Path) -> None:
    """All logs are whole and the same on both sides; what is published next is delivered; the
    tokens of before let in whom they let in, and a draft of before can be published."""
    broker = NatsServer(tmp_path / "nats")
    broker.start()
    nodes = [RunningNode(each, data / each.code, broker.url) for each in (SCO, ASEAN)]
    try:
        async with running_hub(data / "hub", broker.url) as hub:
            for node in nodes:
                await node.start()
                await _goes_on(node, hub)
            [draft] = read(await nodes[0].editor.get("/api/v1/records?state=draft"))["items"]
            answer = await nodes[0].editor.post(f"/api/v1/records/{draft['id']}/publish")
            assert answer.status_code == 200, answer.text
            await hub.has(draft["id"])
            gone = read(await nodes[0].editor.get("/api/v1/records?state=retracted"))["items"]
            await hub.has(gone[0]["id"], 410)
    finally:
        for node in nodes:
            await node.stop()
        broker.stop()
    with tokens_of_hub(data / "hub") as tokens:
        assert [(each.name, each.role, each.state) for each in tokens.listed()] == [
            ("Admin", Role.ADMIN, "valid")
        ]


async def _goes_on(node: RunningNode, hub: RunningHub) -> None:
    lines = [each async for each in log_of(node.reader)]
    previous = log.GENESIS
    key = signing.load_or_create(node.data / "key")
    for number, line in enumerate(lines, 1):
        entry, signature = b64decode(line["entry"]), b64decode(line["signature"])
        assert (line["number"], line["previous"]) == (number, previous.hex())
        assert signing.is_signed(signing.public_key(key), entry, signature)
        previous = log.entry_hash(entry)
    record = await node.publish()
    await hub.has(record["id"])
    report = await eventually(
        node.delivery,
        lambda report: (report["waiting"], report["hub_head"]) == (0, len(lines) + 1),
        seconds=40,
    )
    assert report["rejected"] == 0


def test_all_of_it_can_be_brought_here_and_back_by_hand(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`bri upgrade` steps every database and says so; `--to 1` leads back to what the former
    version opens."""
    assert _bri("upgrade", data, "--json") == DONE
    stepped = json.loads(capsys.readouterr().out)
    assert {name: before for name, (before, _) in stepped.items()} == {
        "hub": "0001",
        "asean": "0001",
        "sco": "0001",
    }
    assert (data / "VERSION").read_text() == "2\n"
    assert _bri("upgrade", data) == DONE
    assert "already" in capsys.readouterr().out
    assert _bri("upgrade", data, "--to", "1") == DONE
    assert (data / "VERSION").read_text() == "1\n"
    assert _bri("upgrade", data, "--to", "7") == NOT_BEGUN
    assert "known are 1, 2" in capsys.readouterr().err


def test_commands_open_it_too(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A token is all that is printed, whatever was stepped on the way."""
    whose = ("--centre", "sco", "--role", "editor", "--name", "Li Wei")
    assert application.call(["token", "create", "--data", str(data), *whose]) == DONE
    printed = capsys.readouterr()
    assert printed.out.startswith("bri_sco_")
    assert printed.out.count("\n") == 1
    assert printed.err == ""


def test_a_newer_database_is_refused_in_a_line(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By every command that opens it, with exit status 2."""
    assert _bri("upgrade", data) == DONE
    engine = former.database_of(data / "sco/node.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    capsys.readouterr()
    whose = ("--centre", "sco", "--role", "editor", "--name", "Li Wei")
    for words in (["token", "create", *whose], ["upgrade"], ["backup", str(data.parent / "b")]):
        assert application.call([*words, "--data", str(data)]) == NOT_BEGUN
        [line] = capsys.readouterr().err.splitlines()
        assert "newer than this software" in line


def _bri(command: str, data: Path, *options: str) -> int:
    return application.call([command, "--data", str(data), *options])
