"""Hub and search as processes of their own, on a replica's folder, without anything else.

The hub knows of no record; searches it hands on to the replica, as ever. The replica looks in vain
for a change log: what it holds stays as it is.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bri_cli.services import MEMORY
from tests.bench.waits import Client
from tests.support.site import free_port

_START_SECONDS = 180.0
_NOBODY = "127.0.0.1:1"


@dataclass(frozen=True, slots=True)
class Served:
    """The hub's address, and the processes' numbers by name."""

    hub: str
    processes: dict[str, int]


@contextmanager
def served(data: Path, most: int) -> Iterator[Served]:
    """Both, answering, inside the block.

    Raises:
        TimeoutError: they did not begin to answer.
    """
    port, changes, search, operations = (free_port() for _ in range(4))
    searching = _started(
        "bri_search",
        BRI_SEARCH_DATA=str(data),
        BRI_SEARCH_PORT=str(search),
        BRI_SEARCH_HTTP_PORT=str(operations),
        BRI_SEARCH_HUB_URL=_NOBODY,
        BRI_SEARCH_EMBEDDER_PASSAGES=str(most),
    )
    hub = _started(
        "bri_hub",
        BRI_HUB_DATA=str(data / "hub"),
        BRI_HUB_PORT=str(port),
        BRI_HUB_CHANGES_PORT=str(changes),
        BRI_HUB_SEARCH_URL=f"127.0.0.1:{search}",
        BRI_HUB_NATS_URL=f"nats://{_NOBODY}",
    )
    try:
        address = f"http://127.0.0.1:{port}"
        asyncio.run(_answering(address))
        yield Served(address, {"search": searching.pid, "hub": hub.pid})
    finally:
        for process in (searching, hub):
            process.terminate()
        for process in (searching, hub):
            process.wait(30)


def memory(process: int) -> tuple[float, float]:
    """MB that a process has for itself, and its proportional set size: with the pages of mapped
    files that happen to be in memory, which the system takes back when it needs them."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    own, shared = (int(rollup.split(f"{name}:")[1].split()[0]) for name in ("Anonymous", "Pss"))
    return own / 1024, shared / 1024


def _started(module: str, **settings: str) -> subprocess.Popen[bytes]:
    environment = os.environ | MEMORY | settings
    return subprocess.Popen(
        [sys.executable, "-m", module], env=environment, stderr=subprocess.DEVNULL
    )


async def _answering(hub: str) -> None:
    """Wait for the first answer in which meaning has a say."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        client = Client(hub)
        try:
            status, body = await client.get("/api/v1/search", {"q": "water"})
            if status == 200 and b'"mode":"hybrid"' in body:
                return
        except (OSError, EOFError):
            pass
        finally:
            client.close()
        await asyncio.sleep(0.2)
    raise TimeoutError("hub and search did not begin to answer")
