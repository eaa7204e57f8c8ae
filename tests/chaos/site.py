"""The federation under test: the processes that `bri up` runs, with every line between them spoilt
at will, and a second search replica.

Everything is under one folder that carries the seed: data, the processes' logs, copies of the hub's
database, the schedule and what came of it.
"""

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from bri_cli.acquaintance import introduce
from bri_cli.child import Child, Program
from bri_cli.layout import Layout
from bri_cli.probe import Probe
from bri_cli.services import broker, services
from bri_hub.admission import admit
from bri_hub.tokens import create_token as create_hub_token
from bri_kit.auth import Role
from bri_node.tokens import create_token
from tests.chaos.clocks import Clock
from tests.chaos.disks import Disks, NoDisks, leave
from tests.chaos.process import Process
from tests.chaos.schedule import LINKS, NODES, PROCESSES, SEARCHES
from tests.e2e.ports import free_port_base
from tests.support.faultproxy import HOST, FaultProxy

START_SECONDS = 60.0
_CLOCKED = ("hub", *NODES)

Say = Callable[[str], None]


class Site:
    """One federation. Belongs to one event loop; start it first."""

    def __init__(
        self, folder: Path, seed: int, say: Say, *, small_disks: bool, embedder: bool = False
    ) -> None:
        self.layout = Layout(folder, free_port_base())
        self.processes: dict[str, Process] = {}
        self.links: dict[str, FaultProxy] = {}
        self.clocks: dict[str, Clock] = {}
        self.tokens: dict[str, str] = {}
        self.admin = ""
        """The token of an admin of the hub."""
        self.skipped: dict[str, str] = {}
        """What cannot be done on this machine, and why."""
        self._disks = Disks()
        self._small_disks = small_disks
        self._embedder = embedder
        self._seed = seed
        self._say = say

    def folder(self, name: str) -> Path:
        """Where a process keeps its data."""
        return self.layout.folder(name)

    def search_port(self, name: str) -> int:
        """The port of a replica, without a proxy before it."""
        return self.layout.port("search") if name == "search-a" else self._port_of_second

    @property
    def _port_of_second(self) -> int:
        """Bases are ten apart, and the last two ports of a row are nobody's."""
        return self.layout.port_base + 8

    @property
    def nats_url(self) -> str:
        """The broker, without a proxy before it."""
        return self.layout.nats_url

    async def start(self) -> None:
        """Start everything on an empty folder; returns when it serves.

        Raises:
            TimeoutError: something does not come up.
        """
        await asyncio.to_thread(self._prepare_folder)
        await self._lay_lines()
        for program in self._programs():
            child = Child(program, self.layout.log(program.name))
            self.processes[program.name] = Process(child, self._say, self._seed)
        await asyncio.gather(*(each.start() for each in self.processes.values()))
        async with asyncio.timeout(START_SECONDS):
            await self._admit()
            await self._until_ready()

    async def stop(self, *, keep: bool) -> None:
        """End everything; the data is left on disk where it is to be kept."""
        await asyncio.gather(*(each.stop() for each in self.processes.values()))
        await asyncio.gather(*(each.stop() for each in self.links.values()))
        await asyncio.to_thread(self._disks.release, keep=keep)

    async def until_listening(self, seconds: float) -> None:
        """Wait until every process takes connections, or the time is over. One that is only busy
        takes them: the system does, in its place."""
        ports = [self.layout.port(each) for each in ("nats", "hub", *NODES)]
        ports += [self.search_port(name) for name in SEARCHES]
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for port in ports:
                    await _until(Probe(HOST, port))

    def mend(self) -> None:
        """Take back every fault that would last."""
        for link in self.links.values():
            link.mend()

    def _prepare_folder(self) -> None:
        for name in PROCESSES:
            leave(self.folder(name))
        shutil.rmtree(self.layout.data, ignore_errors=True)
        (self.layout.data / "copies").mkdir(parents=True)
        try:
            for name in PROCESSES if self._small_disks else ():
                self._disks.mount(self.folder(name))
        except NoDisks as reason:
            self.skipped["fill-disk"] = str(reason)
        for name in _CLOCKED:
            self.clocks[name] = Clock(self.layout.data / "clocks" / name)

    async def _lay_lines(self) -> None:
        changes, search = self.layout.port("change log"), self.search_port("search-a")
        for name in LINKS:
            targets = {"nats": self.layout.port("nats"), "hub": changes, "search": search}
            link = self.links[name] = FaultProxy(targets[name.rpartition("-")[2]])
            await link.start()

    def _programs(self) -> list[Program]:
        """What `bri up` runs, told to use our lines."""
        usual = {each.program.name: each.program for each in services(self.layout)}
        told: dict[str, tuple[str, dict[str, str]]] = {
            "hub": (
                "hub",
                {
                    "BRI_HUB_NATS_URL": self._line("hub-nats", "nats://"),
                    "BRI_HUB_SEARCH_URL": self._line("hub-search"),
                },
            )
        }
        for code in NODES:
            told[code] = (code, {"BRI_NODE_NATS_URL": self._line(f"{code}-nats", "nats://")})
        for name in SEARCHES:
            told[name] = (
                "search",
                {
                    "BRI_SEARCH_DATA": str(self.folder(name)),
                    "BRI_SEARCH_PORT": str(self.search_port(name)),
                    "BRI_SEARCH_HUB_URL": self._line(f"{name}-hub"),
                    "BRI_SEARCH_NAME": name,
                    "BRI_SEARCH_EMBEDDER": "off",  # it would take all the time there is
                },
            )
        if self._embedder:
            del told["search-a"][1]["BRI_SEARCH_EMBEDDER"]
        told["search-b"][1]["BRI_SEARCH_HTTP_PORT"] = str(self._port_of_second + 1)
        ours = [self._told(name, usual[like], added) for name, (like, added) in told.items()]
        return [broker(self.layout).program, *ours]

    def _told(self, name: str, program: Program, added: dict[str, str]) -> Program:
        ours = replace(program, name=name, environment={**program.environment, **added})
        return self.clocks[name].ruling(ours) if name in self.clocks else ours

    def _line(self, name: str, scheme: str = "") -> str:
        return f"{scheme}{HOST}:{self.links[name].port}"

    async def _admit(self) -> None:
        """Admit both centres at the hub, and make tokens: an editor's of each, an admin's of the
        hub."""
        await _until(Probe(HOST, self.layout.port("hub"), "/healthz"))
        self.admin = await asyncio.to_thread(create_hub_token, self.folder("hub"), "admin", "chaos")
        async with httpx.AsyncClient(timeout=5) as client:
            for code in NODES:
                await _until(Probe(HOST, self.layout.port(code), "/healthz"))
                url = self.layout.url(code)
                centre: dict[str, Any] = (await client.get(f"{url}/api/v1/centre")).json()
                await asyncio.to_thread(admit, self.folder("hub"), introduce(centre, url))
                self.tokens[code] = await asyncio.to_thread(
                    create_token, self.folder(code), code, Role.EDITOR, "chaos"
                )

    async def _until_ready(self) -> None:
        for name in ("hub", *NODES):
            await _until(Probe(HOST, self.layout.port(name), "/readyz"))
        for name in SEARCHES:
            await _until(Probe(HOST, self.search_port(name)))


async def _until(probe: Probe) -> None:
    while True:
        if await probe() is None:
            return
        await asyncio.sleep(0.1)
