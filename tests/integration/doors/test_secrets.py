"""No secret reaches the logs: services as processes, driven with good and bad tokens and failures,
and everything that they write searched."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bri_hub.tokens import create_token as create_hub_token
from bri_kit import auth
from bri_kit.auth import Role
from bri_node.tokens import create_token
from tests.support.nats import NatsServer
from tests.support.site import free_port

PASSWORD = "correct-horse-battery"
SECONDS = 100

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


@contextmanager
def service(module: str, log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A service in a process of its own, all that it writes in `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(SECONDS)


def answered(url: str, process: subprocess.Popen[bytes]) -> None:
    """Returns once the service answers."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            httpx.get(f"{url}/healthz")
        except httpx.TransportError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def drive(url: str, tokens: list[str]) -> None:
    """Ask all sorts of things with each token where tokens, and errors, may end in a log."""
    with httpx.Client(base_url=url) as http:
        for token in tokens:
            for value in (f"Bearer {token}", f"Basic {token}", token, f"Bearer {token}\t{token}"):
                headers = {"Authorization": value}
                http.get("/api/v1/records", headers=headers)
                http.post("/api/v1/records", headers=headers, content=b"{")
                http.post("/api/v1/imports", headers=headers, content=b"{}\nx\n")
                http.get("/api/v1/admin/centres", headers=headers)
            http.get(f"/api/v1/search?q={token}&token={token}")
            http.get(f"/{token}")
            http.get("/readyz", headers={"X-Request-ID": token})


@pytest.mark.parametrize(("module", "prefix"), [("sco_platform", "NODE"), ("bri_hub", "HUB")])
def test_nothing_that_is_written_holds_a_secret(
    tmp_path: Path, broker: NatsServer, module: str, prefix: str
) -> None:
    """Not a token, valid or not, and not the broker's password, though the broker goes away."""
    data, port, log = tmp_path / "data", free_port(), tmp_path / "log"
    if module == "bri_hub":
        good = create_hub_token(data, "admin", "ops")
    else:
        good = create_token(data, "sco", Role.EDITOR, "Li Wei")
    environment = {
        f"BRI_{prefix}_DATA": str(data),
        f"BRI_{prefix}_PORT": str(port),
        f"BRI_{prefix}_NATS_URL": broker.url.replace("//", f"//bri:{PASSWORD}@"),
        f"BRI_{prefix}_LOG_LEVEL": "DEBUG",
    }
    if module == "bri_hub":
        environment["BRI_HUB_CHANGES_PORT"] = str(free_port())
    url = f"http://127.0.0.1:{port}"
    bad = auth.new_token("sco")
    with service(module, log, **environment) as process:
        answered(url, process)
        _await_connection(log)
        drive(url, [good, bad])
        broker.stop()
        _await_disconnection(log)
        (data / ("hub.db" if module == "bri_hub" else "node.db")).write_bytes(b"broken" * 10_000)
        drive(url, [good])
    written = log.read_text()
    assert written.count("\n") > 3
    for secret in (good, bad, good.rpartition("_")[2], PASSWORD):
        assert secret not in written, _around(written, secret)


def _await_connection(log: Path) -> None:
    """The broker is reached when the service has had the time to say that it was not."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not log.read_text():
        time.sleep(0.05)


def _await_disconnection(log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while "disconnected" not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def _around(text: str, secret: str) -> str:
    place = text.index(secret)
    return text[max(0, place - 300) : place + 100]


@pytest.mark.parametrize("module", ["sco_platform", "bri_hub"])
def test_a_setting_that_is_wrong_is_named_and_not_told(tmp_path: Path, module: str) -> None:
    """What was written into the wrong variable may be a password."""
    prefix = "HUB" if module == "bri_hub" else "NODE"
    names = {f"BRI_{prefix}_DATA": str(tmp_path), f"BRI_{prefix}_PORT": PASSWORD}
    log = tmp_path / "log"
    with service(module, log, **names) as process:
        assert process.wait(SECONDS) != 0
    written = log.read_text()
    assert "port" in written
    assert PASSWORD not in written
