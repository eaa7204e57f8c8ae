"""A reader and an editor with nothing hostile about them, in a process of their own: they measure.

`python -m tests.chaos.probe ORDER` reads its order, a JSON file, and writes a line of JSON for each
answer and each publication to the file that the order names, until it gets SIGTERM.

Rules:
- each address has a connection of its own and is asked again after its interval, or when the last
  answer has come, whichever is later; an answer that is outstanding at the end counts as long as
  it has been waited for;
- a search counts as answered where it finds a record that was published before the measuring began;
- each publication is one request to a node, and then questions to the hub until one finds it;
- nothing is repeated: what was not answered is recorded as such;
- before measuring begins everything is asked WARM_UP times: the first answer of a process is slow,
  because it loads what it needs then;
- `control` is a server that does nothing, in a process of its own: how long it takes to answer is
  how busy the machine is.
"""

import asyncio
import json
import random
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

import httpx

from bri_cli.child import tie_to_parent
from tests.chaos import texts
from tests.chaos.observations import CONTROL, NO_ANSWER, Answered, Published, Writing
from tests.chaos.promises import new_mark

ANSWER_SECONDS = 30.0
FIND_SECONDS = 90.0
ANCHOR_SECONDS = 60.0
WARM_UP = 3
_CONTROL = """
import asyncio
async def serve(reader, writer):
    while await reader.readuntil(b"\\r\\n\\r\\n"):
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""
_OFTEN, _SELDOM = 0.25, 1.0
_LOOK_SECONDS = (0.05, 0.5)
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Order:
    """What is measured: the hub's address, each node's address and an editor's token of it, how
    many seconds are between two publications at a node, and the file that is written."""

    hub: str
    nodes: dict[str, str]
    tokens: dict[str, str]
    every: float
    seed: int
    out: str


@dataclass(frozen=True, slots=True)
class Target:
    """An address that is asked; `holds` is a text that a good answer holds."""

    name: str
    url: str
    every: float
    holds: str = ""


class Probe:
    """Belongs to one event loop."""

    def __init__(self, order: Order, out: TextIO) -> None:
        self._order = order
        self._out = out
        self._chance = random.Random(f"{order.seed} probe")
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Measure until stopped."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stopping.set)
        async with _client(max_connections=None) as client:
            targets = _targets(self._order, await self._anchor(client))
            control = await _start_control()
            targets.append(Target(CONTROL, await _address(control), _OFTEN))
            for _ in range(WARM_UP):
                await asyncio.gather(*(_warm_up(client, each.url) for each in targets))
            print("measuring", flush=True)
            works = [self._ask_on(each) for each in targets]
            works += [self._publish_on(client, code) for code in self._order.nodes]
            tasks = [asyncio.create_task(each) for each in works]
            await self._stopping.wait()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            control.kill()
            await control.wait()

    async def _anchor(self, client: httpx.AsyncClient) -> dict[str, Published]:
        """A record of each node that the hub and the node find."""
        anchors = {}
        async with asyncio.timeout(ANCHOR_SECONDS):
            for code in self._order.nodes:
                while code not in anchors:
                    published = await self._publish(client, code)
                    if published.found is not None:
                        anchors[code] = published
            for code, each in anchors.items():
                await self._find(client, self._order.nodes[code], each)
        return anchors

    async def _ask_on(self, target: Target) -> None:
        async with _client(max_connections=1) as client:
            while True:
                began = time.monotonic()
                status, good = 0, False
                try:
                    answer = await client.get(target.url)
                    status = answer.status_code
                    good = answer.is_success and target.holds in answer.text
                except httpx.HTTPError:
                    status = NO_ANSWER
                finally:
                    seconds = time.monotonic() - began
                    self._write(Answered(began, seconds, target.name, status, good))
                await asyncio.sleep(max(0.0, target.every - seconds))

    async def _publish_on(self, client: httpx.AsyncClient, code: str) -> None:
        async with asyncio.TaskGroup() as publishing:
            while True:
                publishing.create_task(self._publish(client, code))
                await asyncio.sleep(self._order.every)

    async def _publish(self, client: httpx.AsyncClient, code: str) -> Published:
        mark, began = new_mark(self._chance), time.monotonic()
        self._write(Writing(code, mark))
        published = Published(began, code, mark, "", 0, None, None)
        headers = {"Authorization": f"Bearer {self._order.tokens[code]}", "Idempotency-Key": mark}
        url = f"{self._order.nodes[code]}/api/v1/records?publish=true"
        document = texts.document(self._chance, mark, code)
        try:
            with suppress(httpx.HTTPError):
                answer = await client.post(url, json=document, headers=headers)
                if answer.status_code == 201:
                    said, published.acknowledged = answer.json(), time.monotonic()
                    published.record_id, published.revision = said["id"], said["revision"]
                    published.found = await self._find(client, self._order.hub, published)
        finally:
            published.ended = time.monotonic()
            self._write(published)
        return published

    async def _find(self, client: httpx.AsyncClient, url: str, wanted: Published) -> float | None:
        """When a search found it; None where none did in time."""
        began = time.monotonic()
        while (waited := time.monotonic() - began) < FIND_SECONDS:
            with suppress(httpx.HTTPError):
                answer = await client.get(f"{url}/api/v1/search?limit=1&q={wanted.mark}")
                if answer.is_success and wanted.record_id in answer.text:
                    return time.monotonic()
            await asyncio.sleep(_LOOK_SECONDS[waited > _PATIENCE])
        return None

    def _write(self, observation: Answered | Published | Writing) -> None:
        self._out.write(json.dumps({type(observation).__name__: asdict(observation)}) + "\n")
        self._out.flush()


def _client(max_connections: int | None) -> httpx.AsyncClient:
    # Certificates that nobody needs here take a tenth of a second to load, for every client.
    limits = httpx.Limits(max_connections=max_connections)
    return httpx.AsyncClient(timeout=ANSWER_SECONDS, limits=limits, verify=False, trust_env=False)


async def _warm_up(client: httpx.AsyncClient, url: str) -> None:
    with suppress(httpx.HTTPError):
        await client.get(url)


async def _start_control() -> Process:
    command = (sys.executable, "-I", "-c", _CONTROL)
    return await asyncio.create_subprocess_exec(
        *command, stdout=PIPE, stderr=DEVNULL, preexec_fn=tie_to_parent()
    )


async def _address(control: Process) -> str:
    assert control.stdout is not None
    return f"http://127.0.0.1:{int(await control.stdout.readline())}/"


def _targets(order: Order, anchors: dict[str, Published]) -> list[Target]:
    code, anchor = next(iter(anchors.items()))
    found = []
    for name, url in (("hub", order.hub), (code, order.nodes[code])):
        record = anchor.record_id
        found += [
            Target(f"{name} healthz", f"{url}/healthz", _OFTEN),
            Target(f"{name} search", f"{url}/api/v1/search?q={anchor.mark}", _OFTEN, record),
            Target(f"{name} list", f"{url}/en/news", _SELDOM),
            Target(f"{name} record", f"{url}/en/records/{record}", _SELDOM, anchor.mark),
            Target(f"{name} status", f"{url}/readyz", _SELDOM),
            Target(f"{name} feed", f"{url}/en/news.atom", _SELDOM),
            Target(f"{name} oai", f"{url}/oai?verb=ListRecords&metadataPrefix=oai_dc", _SELDOM),
        ]
    return [*found, Target("hub federation", f"{order.hub}/en/federation", _SELDOM)]


class Probing:
    """The process, from outside. Start it first; stop it once."""

    def __init__(self, order: Order, folder: Path) -> None:
        self._order = order
        self._folder = folder
        self._process: Process | None = None

    async def start(self) -> None:
        """Returns when it measures. Raises RuntimeError where it cannot."""
        file = self._folder / "probe.json"
        file.write_text(json.dumps(asdict(self._order)))
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.chaos.probe",
            str(file),
            stdout=PIPE,
            preexec_fn=tie_to_parent(),
        )
        assert self._process.stdout is not None
        if not await self._process.stdout.readline():
            raise RuntimeError("the probe found nothing that it had published")

    async def stop(self) -> None:
        """End it; the file is whole then."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            await self._process.wait()


def main() -> None:
    """Measure as the order in a file says."""
    order = Order(**json.loads(Path(sys.argv[1]).read_text()))
    with Path(order.out).open("w") as out:
        asyncio.run(_run(order, out))


async def _run(order: Order, out: TextIO) -> None:
    await Probe(order, out).run()


if __name__ == "__main__":
    main()
