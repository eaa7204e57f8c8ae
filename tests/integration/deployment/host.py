"""docker-compose.yml played without containers: each service's own command and environment, its
volumes folders, its ports others, and the names of hosts this machine.

PostgreSQL is a real server of the tests', and search uses the engine that needs no server.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bri_cli.child import tie_to_parent
from tests.contract.deployment.documents import ROOT, compose
from tests.support import postgres
from tests.support.site import free_port

SECONDS = 120
_PAUSE_SECONDS = 0.5
_SETTINGS = {"BRI_SEARCH_ENGINE": "embedded"}
_MORE = {"search": {"BRI_SEARCH_EMBEDDER": "off"}}
_SPEAKS_FOR = {"setup": "nats"}
"""Whose addresses are meant in the configuration that a service writes."""

_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
_TARGETS = re.compile(r"(?<![\w.])/(data|broker|centres/\w+|run/secrets)(?![\w-])")
_PLACES = re.compile(r"\b(0\.0\.0\.0|127\.0\.0\.1|[a-z]+):(\d{4,5})\b")


class Host:
    """A machine on which services of docker-compose.yml are started one by one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services: Mapping[str, Any] = compose()["services"]
        self._ports: dict[tuple[str, str], int] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._database = postgres.server().partition("@")[2].rstrip("/")

    def make_databases(self) -> None:
        """As `deploy/postgres/databases.sql` does."""
        statements = (ROOT / "deploy/postgres/databases.sql").read_text()
        for name in re.findall(r"^CREATE DATABASE (\w+);$", statements, re.MULTILINE):
            postgres.new_database(name)

    def url(self, service: str, port: int = 8000) -> str:
        """Where a service answers."""
        return f"http://127.0.0.1:{self._port(service, str(port))}"

    def run(self, service: str, *command: str) -> str:
        """What a command in the container of a service prints, or the service's own command."""
        done = subprocess.run(
            self._command(service, command),
            env=self._environment(service),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, service: str) -> None:
        """Start a service that lasts; returns once its own health check passes."""
        self.begin(service)
        self.await_health(service)

    def begin(self, service: str) -> None:
        """Start a service that lasts, and wait for nothing."""
        with (self.folder / f"{service}.log").open("wb") as output:
            self._running[service] = subprocess.Popen(
                self._command(service),
                env=self._environment(service),
                cwd=self.folder,
                stdout=output,
                stderr=output,
                preexec_fn=tie_to_parent(),
            )

    def await_health(self, service: str) -> None:
        """Returns once a service's own health check passes."""
        check = self.services[service]["healthcheck"]["test"][1:]
        deadline = time.monotonic() + SECONDS
        while not self._passes(service, check):
            log = (self.folder / f"{service}.log").read_text()
            assert self._running[service].poll() is None, f"{service} ended: {log}"
            assert time.monotonic() < deadline, f"{service} is not well: {log}"
            time.sleep(_PAUSE_SECONDS)

    def stop(self) -> dict[str, int]:
        """Stop all, the last first, as Compose does; answers how each ended."""
        for process in reversed(self._running.values()):
            process.terminate()
        return {name: process.wait(15) for name, process in self._running.items()}

    def kill(self) -> None:
        """Whatever still runs."""
        for process in self._running.values():
            process.kill()
            process.wait()

    def _passes(self, service: str, check: list[str]) -> bool:
        command = [self._here(service, part) for part in check]
        environment = self._environment(service)
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, timeout=10, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def _command(self, service: str, command: tuple[str, ...] = ()) -> list[str]:
        return [self._here(service, part) for part in command or self.services[service]["command"]]

    def _environment(self, service: str) -> dict[str, str]:
        """What the container has, and nothing of ours."""
        each = self.services[service]
        told = {"BRI_DATA": "/data", **each.get("environment", {}), **_MORE.get(service, {})}
        found = {name: self._here(service, value) for name, value in told.items()}
        for name, value in found.items():
            if name.endswith("_PORT"):
                found[name] = str(self._port(service, value))
        self._write_secrets(service)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.folder), "MALLOC_ARENA_MAX": "2"} | found

    def _write_secrets(self, service: str) -> None:
        folder = self._volume(service, "run/secrets")
        for secret in self.services[service].get("secrets", ()):
            text = (self.folder / "secrets" / secret["source"]).read_text()
            here = text.replace("postgres:5432", self._database)
            (folder / secret["target"]).write_text(here)

    def _here(self, service: str, text: str) -> str:
        text = _VARIABLE.sub(lambda found: _SETTINGS.get(found[1], found[2]), text)
        text = _TARGETS.sub(lambda found: str(self._volume(service, found[1])), text)
        return _PLACES.sub(lambda found: self._place(service, found[1], found[2]), text)

    def _place(self, service: str, host: str, port: str) -> str:
        other = host if host in self.services else _SPEAKS_FOR.get(service, service)
        return f"127.0.0.1:{self._port(other, port)}"

    def _port(self, service: str, port: str) -> int:
        return self._ports.setdefault((service, port), free_port())

    def _volume(self, service: str, target: str) -> Path:
        mounts = dict(
            reversed(each.split(":")[:2]) for each in self.services[service].get("volumes", ())
        )
        name = mounts.get(f"/{target}", f"{service}-{target.replace('/', '-')}")
        folder: Path = self.folder / "volumes" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@contextmanager
def host(folder: Path) -> Iterator[Host]:
    """A machine for the block, with the secrets that `deploy/secrets.sh` makes."""
    (folder / "secrets.sh").write_bytes((ROOT / "deploy/secrets.sh").read_bytes())
    subprocess.run(["sh", str(folder / "secrets.sh")], check=True, capture_output=True)
    machine = Host(folder)
    try:
        yield machine
    finally:
        machine.kill()
