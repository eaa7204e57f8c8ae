"""The whole of joining, by the commands that people type, between two machines.

The centre's machine accepts no connection: its site listens on its own loopback, and all that there
is between it and the hub it dialled itself.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.support.namespaces import Machine, NoNamespaces, one_machine, two_machines
from tests.support.site import free_port

BIN = Path(sys.executable).parent
DEADLINE_SECONDS = 60
GOAL_SECONDS = 60
RECORD = {
    "kind": "news",
    "original_language": "kk",
    "countries": ["KZ"],
    "topics": ["solid-waste"],
    "editions": {"kk": {"title": "Қалдықтар", "body": "<p>Алматы</p>", "origin": "original"}},
}
ASK = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1], timeout=3).read().decode())"
REACH = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)"


class Stage:
    """Both machines, what runs on them, and a folder for each."""

    def __init__(self, folder: Path, hub: Machine, centre: Machine, stack: ExitStack) -> None:
        self.folder, self.hub, self.centre = folder, hub, centre
        self.tls, self.wss = free_port(), free_port()
        self.api, self.site = free_port(), free_port()
        self._stack = stack
        for name in ("hub", "centre"):
            (folder / name).mkdir()

    def bri(self, machine: Machine, *words: str, status: int = 0, **environment: str) -> str:
        """What a command prints."""
        done = self.run(machine, str(BIN / "bri"), *words, **environment)
        assert done.returncode == status, (words, done.stdout, done.stderr)
        return done.stdout

    def run(
        self, machine: Machine, *words: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        where = self.folder / ("hub" if machine is self.hub else "centre")
        return subprocess.run(
            machine.command(*words),
            cwd=where,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )

    def serve(self, machine: Machine, *words: str, **environment: str) -> None:
        """Start a process, which ends with the test."""
        name = "hub" if machine is self.hub else "centre"
        log = self._stack.enter_context((self.folder / f"{name}.log").open("a"))
        process = subprocess.Popen(
            machine.command(*words),
            cwd=self.folder / name,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
        )

        def end() -> None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

        self._stack.callback(end)

    def until(self, machine: Machine, url: str, found: Callable[[str], bool] = bool) -> str:
        """What an address answers, as seen from a machine, once it is as wished."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            done = self.run(machine, sys.executable, "-c", ASK, url)
            if done.returncode == 0 and found(done.stdout):
                return done.stdout
            logs = "".join(path.read_text()[-3000:] for path in self.folder.glob("*.log"))
            assert time.monotonic() < deadline, (url, done.stdout, done.stderr[-500:], logs)
            time.sleep(0.1)  # between two processes; the deadline decides


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Two machines where they can be made, else both on the loopback."""
    with ExitStack() as stack:
        try:
            hub, centre = stack.enter_context(two_machines())
        except NoNamespaces as reason:
            print(f"played on the loopback: no network namespaces here ({reason})")
            hub, centre = stack.enter_context(one_machine())
        yield Stage(folder, hub, centre, stack)


def open_hub(stage: Stage) -> str:
    """A hub that the world may dial, as its operator sets it up; answers an admin's token."""
    folder, hub = stage.folder / "hub", stage.hub
    ca = trustme.CA()
    issued = ca.issue_cert(hub.address)
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    ca.cert_pem.write_to_path(folder / "ca.pem")
    stage.bri(hub, "hub", "init", "--data", "data")
    stage.bri(
        hub, "hub", "nats-config", "--data", "data", "--folder", str(folder / "nats"),
        "--listen", f"{hub.address}:{stage.tls}", "--websocket", f"{hub.address}:{stage.wss}",
        "--cert", str(folder / "cert.pem"), "--key", str(folder / "key.pem"), "--out", "nats.conf",
    )  # fmt: skip
    stage.serve(hub, str(BIN / "nats-server"), "-c", "nats.conf")
    stage.serve(
        hub, sys.executable, "-m", "bri_hub",
        BRI_HUB_DATA="data/hub",
        BRI_HUB_PORT=str(stage.api),
        BRI_HUB_CHANGES_PORT=str(free_port()),
        BRI_HUB_SEARCH_URL="127.0.0.1:1",
        BRI_HUB_NATS_URL=f"tls://{hub.address}:{stage.tls}",
        BRI_HUB_NATS_PUBLIC_URL=f"wss://{hub.address}:{stage.wss}",
        BRI_HUB_NATS_CREDENTIALS="data/hub/nats-hub.creds",
        BRI_HUB_NATS_CA="ca.pem",
    )  # fmt: skip
    stage.until(hub, f"http://127.0.0.1:{stage.api}/healthz")
    words = ("token", "create", "--data", "data", "--hub", "--role", "admin", "--name", "ops")
    return stage.bri(hub, *words).strip()


@pytest.mark.timeout(240)
def test_a_centre_joins(tmp_path: Path) -> None:
    """From `init` to the first record at the hub, with nothing restarted, and then out again."""
    with staged(tmp_path) as stage:
        token = open_hub(stage)
        hub, centre, folder = stage.hub, stage.centre, stage.folder
        at_hub: dict[str, Any] = {"BRI_TOKEN": token, "BRI_HUB": f"http://127.0.0.1:{stage.api}"}

        began = time.monotonic()
        stage.bri(
            centre, "node", "init", "kz-igtic", "--name", "Green Technologies Centre",
            "--languages", "kk,ru,en", "--countries", "KZ",
            "--hub", f"wss://{hub.address}:{stage.wss}", "--port", str(stage.site),
        )  # fmt: skip
        request = "var/kz-igtic.join-request.json"
        (folder / "hub" / "request").write_text((folder / "centre" / request).read_text())
        stage.bri(hub, "hub", "admit", "request", "--yes", "--out", "letter", **at_hub)
        (folder / "centre" / "letter").write_text((folder / "hub" / "letter").read_text())
        stage.bri(centre, "node", "join", "letter")
        stage.serve(centre, str(BIN / "bri"), "node", "run")
        site = f"http://127.0.0.1:{stage.site}"
        stage.until(centre, f"{site}/healthz")
        words = ("token", "create", "--centre", "kz-igtic", "--role", "editor", "--name", "e")
        editor = stage.bri(centre, *words).strip()
        (folder / "centre" / "news.ndjson").write_text(json.dumps(RECORD))
        stage.bri(centre, "import", "news.ndjson", "--to", site, "--token", editor)
        standing = f"http://127.0.0.1:{stage.api}/api/v1/centres/kz-igtic"
        stage.until(hub, standing, lambda text: json.loads(text).get("records") == 1)
        took = time.monotonic() - began
        print(f"\njoined in {took:.1f} s (goal {GOAL_SECONDS} s)")

        if hub.address != centre.address:
            reached = stage.run(hub, sys.executable, "-c", REACH, centre.address, str(stage.site))
            assert reached.returncode != 0, "the centre accepted a connection"
        found = json.loads(stage.bri(centre, "node", "check", "--json"))
        assert [each["level"] for each in found if each["name"] != "disk"] == ["ok"] * 8, found

        stage.bri(hub, "hub", "revoke", "kz-igtic", "--reason", "a test", **at_hub)
        cut = f"{site}/api/v1/delivery"
        stage.until(centre, cut, lambda text: "credentials" in json.loads(text)["problem"])
        found = json.loads(stage.bri(centre, "node", "check", "--json", status=1))
        assert [each["name"] for each in found if each["level"] == "fail"] == ["line"]
        stage.bri(hub, "hub", "restore", "kz-igtic", "--reason", "a test", **at_hub)
        stage.until(centre, cut, lambda text: json.loads(text)["connected"])
