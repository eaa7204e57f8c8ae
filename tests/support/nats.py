"""A real nats-server on a free port, its store in a folder of the test's own."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_LISTENING = re.compile(r"Listening for client connections on [\d.]+:(\d+)")
_LISTENING_WEB = re.compile(r"Listening for websocket clients on wss?://[\d.]+:(\d+)")

Configure = Callable[["NatsServer"], str]


def plain(server: "NatsServer") -> str:
    """The configuration of a server that asks nobody who they are."""
    return (
        f'host: "127.0.0.1"\nport: {server.port or -1}\nmax_payload: 8MB\n'
        f'jetstream {{ store_dir: "{server.folder / "store"}", max_file_store: 18GB\n'
        "  sync_interval: always }\n"
    )


class NatsServer:
    """Start it, kill it, start it again on the same ports with the same store."""

    def __init__(self, folder: Path, configure: Configure = plain) -> None:
        self.folder = folder
        self.port = 0
        self.web_port = 0
        self._configure = configure
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns once the server listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "nats.conf"
        config.write_text(self._configure(self))
        self._process = subprocess.Popen(
            [str(Path(sys.executable).with_name("nats-server")), "-c", str(config)],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if match := _LISTENING.search(line):
                self.port = int(match[1])
            if match := _LISTENING_WEB.search(line):
                self.web_port = int(match[1])
            if "Server is ready" in line:
                return
        raise AssertionError("nats-server ended before it was ready")

    def stop(self) -> None:
        """Kill it, as a power failure would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stderr is not None
            self._process.stderr.close()
            self._process = None
