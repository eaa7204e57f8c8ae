"""`bri up`, as a person meets it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from bri_cli import running
from bri_cli.layout import Layout
from bri_retrieval.embedded import EmbeddedEngine
from tests.e2e.federation import Federation, processes_of
from tests.e2e.ports import free_port_base
from tests.support.modes import open_to_others
from tests.support.waiting import eventually

STOP_SECONDS = 3.0
SAMPLES = 30

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


def a_record(**editions: str) -> dict[str, Any]:
    original = next(iter(editions))
    return {
        "kind": "case",
        "original_language": original,
        "countries": ["KZ"],
        "topics": ["solid-waste"],
        "editions": {
            language: {
                "title": title,
                "body": f"<p>{title}</p>",
                "origin": "original" if language == original else "human",
            }
            for language, title in editions.items()
        },
    }


@pytest.mark.parametrize(("query", "lang"), [("固体废物", "zh"), ("waste", "en"), ("отходы", "ru")])
async def test_samples_are_found_in_three_languages(
    federation: Federation, query: str, lang: str
) -> None:
    """Asked in any of them; the match is marked in the reader's language."""
    answer = await federation.search(q=query, lang=lang)
    assert answer["total"] > 1
    assert "sco" in answer["facets"]["centre"]
    assert any("<mark>" in hit["snippet"] and hit["language"] == lang for hit in answer["hits"])


async def test_samples_of_both_platforms_are_at_the_hub(federation: Federation) -> None:
    """Everything that the nodes hold."""
    answer = await federation.search(limit=100)
    assert answer["total"] >= SAMPLES
    assert set(answer["facets"]["centre"]) >= {"sco", "asean"}
    assert set(answer["facets"]["kind"]) == {
        "news", "policy", "case", "cooperation", "technology",
    }  # fmt: skip
    status = json.loads(federation.run("status", "--json").stdout)
    rejected = {centre["code"]: centre["rejected"] for centre in status["centres"]}
    assert (rejected["sco"], rejected["asean"]) == (0, 0)


async def test_what_a_node_publishes_is_found_at_the_hub(federation: Federation) -> None:
    """In the edition of the reader's language; then withdrawn, it is gone from there."""
    record = a_record(zh="鄂尔多斯沙漠蚯蚓堆肥试点", en="Vermicompost pilot in the Ordos desert")
    identifier = await federation.publish("sco", record)
    hit = await federation.found(identifier, q="蚯蚓", lang="en")
    assert (hit["language"], hit["title"]) == ("en", "Vermicompost pilot in the Ordos desert")

    headers = {"Authorization": f"Bearer {federation.token('sco')}"}
    async with httpx.AsyncClient(headers=headers) as client:
        url = federation.url("sco", f"/records/{identifier}/retract")
        assert (await client.post(url, json={"reason": "sent too early"})).status_code == 200
        at_the_hub = federation.url("hub", f"/records/{identifier}")
        answer = await eventually(
            lambda: client.get(at_the_hub), lambda got: got.status_code == 410
        )
    assert answer.json()["reason"] == "sent too early"
    await federation.gone(identifier, q="蚯蚓")


async def test_a_record_can_be_verified(federation: Federation) -> None:
    """By its centre's key; by another key it is not genuine."""
    identifier = (await federation.search(centre="sco", limit=1))["hits"][0]["id"]
    genuine = federation.run("verify", identifier, "--json")
    assert genuine.returncode == 0, genuine.stderr
    assert [check["passed"] for check in json.loads(genuine.stdout)["checks"]] == [True] * 6
    other = federation.run("verify", identifier, "--key", "A" * 43 + "=")
    assert other.returncode == 1
    assert "NOT genuine" in other.stdout
    unknown = federation.run("verify", "sco:" + "0" * 26)
    assert (unknown.returncode, len(unknown.stderr.splitlines())) == (2, 1)


async def test_files_are_imported(federation: Federation, tmp_path: Path) -> None:
    """A bad line is told with its place, and the good ones are found at the hub."""
    records = tmp_path / "records.ndjson"
    good, bad = a_record(en="Kingfisher census at Lake Zaysan"), a_record(en="  ")
    records.write_text("".join(json.dumps(each) + "\n" for each in (good, bad)))
    to = ("--to", federation.layout.url("sco"), "--token", federation.token("sco"))
    told = federation.run("import", str(records), *to)
    assert told.returncode == 1
    assert told.stdout == "1 imported, 1 rejected\n"
    assert told.stderr.startswith(f"{records}:2: editions.en.title must not be blank")
    await eventually(
        lambda: federation.search(q="kingfisher Zaysan"), lambda got: got["total"] == 1
    )
    refused = federation.run("import", str(records), *to[:3], federation.token("asean"))
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)


async def test_the_doctor_finds_nothing(federation: Federation) -> None:
    """Where all is well; and the status tells what it takes in memory."""
    told = federation.run("doctor", "--json")
    assert told.returncode == 0, told.stdout
    assert "fail" not in {finding["level"] for finding in json.loads(told.stdout)}
    if sys.platform == "linux":
        memory = json.loads(federation.run("status", "--json").stdout)["memory"]
        assert len(memory["processes"]) == 6
        assert memory["total"] < 600 * 1024**2
        assert memory["processes"]["bri up"] < 45 * 1024**2


def refused_up(data: Path, port_base: int) -> str:
    """The one line of a `bri up` that must not begin."""
    told = subprocess.run(
        [shutil.which("bri") or str(Path(sys.executable).with_name("bri")), "up"],
        env={**os.environ, "BRI_DATA": str(data), "BRI_PORT_BASE": str(port_base)},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (told.returncode, told.stdout) == (2, "")
    [line] = told.stderr.splitlines()
    return line


def test_a_port_in_use_is_told(federation: Federation, tmp_path: Path) -> None:
    """One line, status 2, and nothing is started."""
    base = federation.layout.port_base
    line = refused_up(tmp_path / "data", base)
    assert f"port {base}" in line
    assert "hub" in line
    assert not (tmp_path / "data" / "nats").exists()


def test_one_data_folder_has_one_federation(federation: Federation) -> None:
    """One line, status 2."""
    assert "is running on" in refused_up(federation.layout.data, free_port_base())


def test_data_of_another_version_is_refused(tmp_path: Path) -> None:
    """One line, status 2, and the data is left alone."""
    (tmp_path / "VERSION").write_text("99\n")
    assert "version '99'" in refused_up(tmp_path, free_port_base())
    assert [path.name for path in tmp_path.iterdir()] == ["VERSION"]


async def test_children_that_are_killed_are_started_again(federation: Federation) -> None:
    """It is said, and what is published in the meantime is found as if nothing had been."""
    before = processes(federation)
    killed = ("search", "hub", "nats", "sco")
    for name in killed:
        os.kill(before[name], signal.SIGKILL)
    identifier = await federation.publish("asean", a_record(en="Pangolin refuge reopens"))
    lines = federation.wait_for(*(f"{name} answers again" for name in killed))
    assert sum("killed by SIGKILL" in line for line in lines) == len(killed)
    await federation.found(identifier, q="pangolin refuge")
    after = processes(federation)
    assert all(after[name] != before[name] for name in killed)
    assert after["asean"] == before["asean"]


def processes(federation: Federation) -> dict[str, int]:
    found = running.read(federation.layout)
    assert found is not None
    return dict(found.processes)


@on_linux
async def test_a_signal_ends_everything(own: Federation) -> None:
    """Soon, with status 0, and no process is left."""
    own.start("--no-samples")
    own.wait_for("ready")
    assert len(processes_of(own.layout.data)) == 6
    began = time.monotonic()
    own.signal(signal.SIGTERM)
    assert own.ended() == 0
    assert time.monotonic() - began < STOP_SECONDS
    assert processes_of(own.layout.data) == []
    assert (await own.search())["total"] == 0


def test_nothing_is_open_to_others(federation: Federation) -> None:
    """Databases, keys, logs, the broker's store and every index are for their owner alone."""
    assert open_to_others(federation.layout.data) == []


async def test_a_federation_comes_up_without_search(own: Federation) -> None:
    """It is said with the reason; everything else is served, and search joins by itself."""
    in_the_way = EmbeddedEngine(own.layout.folder("search") / "index")  # it has one writer
    own.start()
    lines = own.wait_for("ready")
    [why, *_] = [line for line in lines if line.startswith("search: not ready:")]
    assert "starting it again in" in why
    assert "without search" in lines[-1]
    async with httpx.AsyncClient(timeout=20) as client:
        ready = await client.get(f"{own.layout.url('hub')}/readyz")
        assert ready.status_code == 200
        assert "Search" in str(ready.json()["remarks"])
        page = await client.get(f"{own.layout.url('hub')}/en/search?q=waste")
        assert "Search does not answer at the moment" in page.text
        records = (await client.get(own.url("hub", "/records"))).json()["items"]
        assert (await client.get(own.url("hub", f"/records/{records[0]['id']}"))).is_success
    in_the_way.close()
    own.wait_for("search answers")
    await eventually(lambda: own.search(q="waste"), lambda answer: answer["total"] > 0, seconds=60)


async def test_a_federation_comes_up_without_one_of_its_centres(own: Federation) -> None:
    """What is wrong is said in one line, with what to do; once that is done the centre joins."""
    database = own.layout.folder("sco") / "node.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"nonsense " * 1_000)
    own.start("--no-samples")
    lines = own.wait_for("ready")
    [why, *_] = [line for line in lines if line.startswith("sco: not ready:")]
    assert f"{database} is damaged" in why
    assert "restore its newest backup" in why
    assert "without sco" in lines[-1]
    database.unlink()
    own.wait_for("sco answers")
    identifier = await own.publish("asean", a_record(en="Dugong meadows mapped"))
    await own.found(identifier, q="dugong")

    async def centres() -> list[str]:
        async with httpx.AsyncClient() as client:
            items = (await client.get(own.url("hub", "/centres"))).json()["items"]
        return [each["code"] for each in items]

    await eventually(centres, lambda codes: codes == ["asean", "sco"], seconds=60)


def test_a_hub_whose_database_is_damaged_is_told(tmp_path: Path) -> None:
    """One line names the file and says what to do; nothing is left running."""
    own = Federation(Layout(tmp_path / "data", free_port_base()))
    database = own.layout.folder("hub") / "hub.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"nonsense " * 1_000)
    told = own.run("up", "--no-samples")
    assert told.returncode == 1
    [line] = told.stderr.splitlines()
    assert f"{database} is damaged" in line
    assert "delete hub.db" in line
    assert processes_of(own.layout.data) == []


@on_linux
async def test_a_signal_while_starting_ends_everything(own: Federation) -> None:
    """Also before anything is ready."""
    own.start()
    await eventually(lambda: running_names(own.layout), lambda names: "asean" in names)
    own.signal(signal.SIGINT)
    assert own.ended() == 0
    assert processes_of(own.layout.data) == []


@on_linux
async def test_nothing_outlives_the_supervisor(own: Federation) -> None:
    """Though it was killed and could end nothing; and the folder can be used again."""
    own.start("--no-samples")
    await eventually(lambda: running_names(own.layout), lambda names: "asean" in names)
    own.signal(signal.SIGKILL)
    own.ended()

    async def left() -> Sequence[int]:
        return processes_of(own.layout.data)

    await eventually(left, lambda pids: not pids)
    assert running.read(own.layout) is None


async def running_names(layout: Layout) -> list[str]:
    found = running.read(layout)
    return list(found.processes) if found else []
