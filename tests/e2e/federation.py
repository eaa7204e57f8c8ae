"""A federation as a person runs it: `bri up` in a process of its own, everything else by HTTP."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from bri_cli.layout import Layout
from tests.support.waiting import eventually

BRI = str(Path(sys.executable).with_name("bri"))


class Federation:
    """One data folder and its ports. Start it before anything else."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._process: subprocess.Popen[str] | None = None
        self._tokens: dict[str, str] = {}

    def start(self, *options: str, **settings: str) -> None:
        """Start `bri up`, with settings of the environment; returns at once."""
        command = [BRI, "up", "--data", str(self.layout.data), *options]
        command += ["--port-base", str(self.layout.port_base)]
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Embedding would take a core for minutes; it has tests of its own.
            env={"BRI_SEARCH_EMBEDDER": "off", **os.environ, **settings},
        )

    def wait_for(self, *beginnings: str) -> list[str]:
        """The printed lines up to the one by which each of these has begun a line."""
        assert self._process is not None
        assert self._process.stdout is not None
        seen: list[str] = []
        waiting = set(beginnings)
        for line in self._process.stdout:
            seen.append(line)
            waiting = {beginning for beginning in waiting if not line.startswith(beginning)}
            if not waiting:
                return seen
        raise AssertionError(f"bri up ended and never said {waiting}:\n{''.join(seen)}")

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def ended(self) -> int:
        """The exit status, once it has ended."""
        assert self._process is not None
        assert self._process.stdout is not None
        status = self._process.wait(timeout=20)
        self._process.stdout.close()
        return status

    def stop(self) -> int:
        """Stop it, unless it has ended already; answers the exit status."""
        if self._process is not None and self._process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.ended()

    def url(self, service: str, path: str) -> str:
        return f"{self.layout.url(service)}/api/v1{path}"

    def token(self, centre: str) -> str:
        """An editor's token."""
        if centre not in self._tokens:
            whose = ("--centre", centre, "--role", "editor", "--name", "Li Wei")
            self._tokens[centre] = self.run("token", "create", *whose).stdout.strip()
        return self._tokens[centre]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another `bri` command on this federation, told where it is by the environment."""
        environment = {
            **os.environ,
            "BRI_DATA": str(self.layout.data),
            "BRI_PORT_BASE": str(self.layout.port_base),
        }
        return subprocess.run([BRI, *words], capture_output=True, text=True, env=environment)

    async def publish(self, centre: str, record: dict[str, Any]) -> str:
        """Publish a record at a node; answers its identifier."""
        headers = {"Authorization": f"Bearer {self.token(centre)}"}
        async with httpx.AsyncClient(headers=headers) as client:
            url = self.url(centre, "/records")
            answer = await client.post(url, json=record, params={"publish": "true"})
        assert answer.status_code == 201, answer.text
        identifier: str = answer.json()["id"]
        return identifier

    async def arrived(self, identifier: str, revision: int) -> None:
        """Returns once the hub has a revision of a record."""
        async with httpx.AsyncClient() as client:
            await eventually(
                lambda: client.get(self.url("hub", f"/records/{identifier}")),
                lambda got: got.is_success and got.json()["revision"] >= revision,
            )

    async def search(self, **params: Any) -> dict[str, Any]:
        """The hub's answer; one without hits while it does not answer."""
        try:
            async with httpx.AsyncClient(timeout=10) as client:
                answer = await client.get(self.url("hub", "/search"), params=params)
        except httpx.HTTPError:
            return {"hits": [], "total": 0}
        document: dict[str, Any] = answer.json()
        return document if answer.is_success else {"hits": [], "total": 0}

    async def found(self, identifier: str, **params: Any) -> dict[str, Any]:
        """The hit of a record, as soon as a search has it."""

        async def probe() -> list[dict[str, Any]]:
            hits: list[dict[str, Any]] = (await self.search(**params))["hits"]
            return [hit for hit in hits if hit["id"] == identifier]

        return (await eventually(probe))[0]

    async def gone(self, identifier: str, **params: Any) -> None:
        """Returns once an answered search lacks a record."""

        async def probe() -> bool:
            answer = await self.search(**params)
            return "facets" in answer and identifier not in [hit["id"] for hit in answer["hits"]]

        await eventually(probe)


def processes_of(data: Path) -> Sequence[int]:
    """The processes that know of a data folder, by their command or environment (Linux)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(data).encode() in told and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found
