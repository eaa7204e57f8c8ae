"""The whole federation as an operator runs it: `bri up`, measured from outside.

Measured: start, memory at rest, publication to search hit at a steady rate, a large import from
the first byte to the last record searchable, and stop.
"""

import asyncio
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.bench.corpus import records

BRI = Path(sys.executable).with_name("bri")
PORT_BASE = int(os.environ.get("BRI_BENCH_PORT_BASE", "18000"))
RATE = 20
"""Records a second while latency is measured."""
STATUS_SECONDS = 0.25
WORK_SECONDS = 20


class NotReady(RuntimeError):
    """`bri up` ended before it was ready; it has said why."""


@dataclass(slots=True)
class Federation:
    """A running `bri up`; addresses, an editor's token, and how long the start took in seconds."""

    data: Path
    process: subprocess.Popen[str]
    token: str
    started_in: float

    hub = f"http://127.0.0.1:{PORT_BASE}"
    node = f"http://127.0.0.1:{PORT_BASE + 1}"


@contextlib.contextmanager
def federation(data: Path, *options: str) -> Iterator[Federation]:
    """`bri up` on a folder of its own, stopped at the end.

    Raises:
        NotReady: it could not start, or the machine was too busy for it.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        [BRI, "up", "--data", data, "--port-base", str(PORT_BASE), *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ready"):
            break
    else:
        raise NotReady("bri up ended before it was ready")
    started_in = time.perf_counter() - began
    options = ("--data", str(data), "--centre", "sco", "--role", "editor", "--name", "bench")
    token = subprocess.check_output([BRI, "token", "create", *options], text=True).strip()
    try:
        yield Federation(data, process, token, started_in)
    finally:
        stop(process)


def stop(process: subprocess.Popen[str]) -> float:
    """Seconds from SIGTERM to the end."""
    began = time.perf_counter()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    return time.perf_counter() - began


def memory(root: int) -> dict[str, float]:
    """Proportional set size in MB of a process and all below it, by command line's tail."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    sizes: dict[str, float] = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        with contextlib.suppress(OSError):
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            name = next((each for each in arguments if "_" in Path(each).name), arguments[0])
            sizes[f"{Path(name).name} {pid}"] = int(rollup.split("Pss:")[1].split()[0]) / 1024
    return sizes


async def until(probe: Callable[[], Awaitable[bool]], seconds: float, pause: float) -> float:
    """The time at which `probe` first held.

    Raises:
        TimeoutError: it did not within `seconds`.
    """
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        if await probe():
            return time.perf_counter()
        await asyncio.sleep(pause)
    raise TimeoutError


async def latency(running: Federation, seconds: int) -> list[float]:
    """Seconds from POST to the hit in the hub's search, at RATE records a second."""
    documents = list(records(RATE * seconds, seed=7))
    async with httpx.AsyncClient(timeout=30) as client:
        began = time.perf_counter()
        tasks = []
        for number, document in enumerate(documents):
            await asyncio.sleep(max(0, began + number / RATE - time.perf_counter()))
            tasks.append(asyncio.create_task(_publish_and_find(client, running, number, document)))
        return await asyncio.gather(*tasks)


async def _publish_and_find(
    client: httpx.AsyncClient, running: Federation, number: int, document: dict[str, Any]
) -> float:
    word = f"zq{os.getpid()}x{number}"
    edition = document["editions"][document["original_language"]]
    edition["title"] = f"{edition['title']} {word}"
    began = time.perf_counter()
    posted = await client.post(
        f"{running.node}/api/v1/records?publish=true",
        json=document,
        headers={"Authorization": f"Bearer {running.token}"},
    )
    posted.raise_for_status()

    async def found() -> bool:
        answer = await client.get(f"{running.hub}/api/v1/search", params={"q": word, "limit": 1})
        return answer.status_code == 200 and answer.json()["total"] > 0

    return await until(found, 30, 0.05) - began


@dataclass(slots=True)
class Imported:
    """Seconds from the first byte of an import until each stage had all of it."""

    count: int
    at_node: float
    at_hub: float
    searchable: float


async def import_many(running: Federation, count: int) -> Imported:
    """Import `count` records of 4 KB into one node and follow them to the hub's search."""
    body = b"".join(orjson.dumps(each) + b"\n" for each in records(count))
    async with httpx.AsyncClient(timeout=600) as client:
        before = await _status(client, running)
        began = time.perf_counter()
        sending = asyncio.create_task(_send(client, running, body))
        goals = {"sco": before["sco"] + count, "cursor": before["cursor"] + count}
        reached = await _watch(client, running, goals)
        at_node = await sending
    return Imported(count, at_node - began, reached["sco"] - began, reached["cursor"] - began)


async def _watch(
    client: httpx.AsyncClient, running: Federation, goals: dict[str, int]
) -> dict[str, float]:
    """When each number of the hub's status reached its goal; asked seldom, since asking costs."""
    reached: dict[str, float] = {}
    while len(reached) < len(goals):
        await asyncio.sleep(STATUS_SECONDS)
        status = await _status(client, running)
        for name in goals.keys() - reached.keys():
            if status[name] >= goals[name]:
                reached[name] = time.perf_counter()
    return reached


async def _send(client: httpx.AsyncClient, running: Federation, body: bytes) -> float:
    async def pieces() -> AsyncIterator[bytes]:
        for begin in range(0, len(body), 1 << 18):
            yield body[begin : begin + (1 << 18)]

    answer = await client.post(
        f"{running.node}/api/v1/imports?publish=true",
        content=pieces(),
        headers={
            "Authorization": f"Bearer {running.token}",
            "Content-Type": "application/x-ndjson",
        },
    )
    answer.raise_for_status()
    summary = orjson.loads(answer.content.splitlines()[-1])["summary"]
    if summary["rejected"]:
        raise RuntimeError(f"records were rejected: {summary}")
    return time.perf_counter()


async def _status(client: httpx.AsyncClient, running: Federation) -> dict[str, int]:
    status = (await client.get(f"{running.hub}/api/v1/status")).json()
    numbers = {centre["code"]: centre["last_entry"]["number"] for centre in status["centres"]}
    return numbers | {"cursor": status["search"]["cursor"]}


async def memory_at_rest(running: Federation) -> dict[str, float]:
    """Memory once the start's work is over."""
    await asyncio.sleep(5)
    return memory(running.process.pid)


async def memory_at_work(running: Federation) -> dict[str, float]:
    """Memory when there was most of it, of WORK_SECONDS in which what was loaded is embedded."""
    most: dict[str, float] = {}
    until = time.monotonic() + WORK_SECONDS
    while time.monotonic() < until:
        await asyncio.sleep(0.5)
        most = max(most, memory(running.process.pid), key=lambda sizes: sum(sizes.values()))
    return most


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    return statistics.quantiles(values, n=1_000, method="inclusive")[int(share * 1_000) - 1]
