"""A fresh federation for one attack: `bri up` in a process of its own, as it is installed.

The embedder is on, as it is by default: it is one of the things that are attacked. Processes that
end are those of which `bri up` says so.
"""

import asyncio
import os
import re
import shutil
import signal
import sys
from pathlib import Path

from bri_cli.child import tie_to_parent
from bri_cli.layout import Layout
from bri_hub.tokens import create_token as create_hub_token
from bri_kit.auth import Role
from bri_node.desk import users
from bri_node.tokens import create_token
from tests.chaos.attacks.stage import PASSWORD, Place

CENTRE = "sco"
START_SECONDS = 120.0
STOP_SECONDS = 20.0
USER = "contributor"
_BRI = str(Path(sys.executable).with_name("bri"))
_ENDED = re.compile(r"^(\S+) ended \((.*)\); starting", re.MULTILINE)


class Up:
    """One federation in a folder. Start it first; stop it once."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._output = layout.data / "up.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start on an empty folder; returns when everything serves.

        Raises:
            RuntimeError: it ended, or did not come up in time.
        """
        layout = self.layout
        shutil.rmtree(layout.data, ignore_errors=True)
        layout.data.mkdir(parents=True)
        command = [_BRI, "up", "--no-samples", "--data", str(layout.data)]
        command += ["--port-base", str(layout.port_base)]
        # Webhooks and sources of this machine are what is attacked here.
        settings = {"BRI_HUB_FETCH_ALLOWED": "127.0.0.0/8", "BRI_NODE_FETCH_ALLOWED": "127.0.0.0/8"}
        with self._output.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdout=output,
                stderr=output,
                env={**os.environ, **settings},
                preexec_fn=tie_to_parent(),
            )
        for _ in range(round(START_SECONDS / 0.1)):
            if "\nready" in self._said():
                return
            if self._process.returncode is not None:
                break
            await asyncio.sleep(0.1)
        raise RuntimeError(f"bri up did not come up: {self._said()[-2_000:]}")

    async def stop(self) -> None:
        """End it: by SIGTERM, and what is left after STOP_SECONDS with all its children."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()  # its children go with it
            await self._process.wait()

    def ended(self) -> list[str]:
        """The processes that ended, and how."""
        return [f"{name}: {how}" for name, how in _ENDED.findall(self._said())]

    def place(self) -> Place:
        """Where an attacker finds it, with the rights that he is given."""
        data = self.layout.folder(CENTRE)
        admin = create_hub_token(self.layout.folder("hub"), "admin", "chaos")
        return place(self.layout, admin, create_token(data, CENTRE, Role.EDITOR, "editor"))

    def _said(self) -> str:
        return self._output.read_text(errors="replace")


def place(layout: Layout, admin: str, editor: str) -> Place:
    """An attacker's place at a federation on this machine; his contributor is made here."""
    data = layout.folder(CENTRE)
    with users.store_of(data, CENTRE) as store, store.writing() as session:
        users.create(session, USER, "Contributor", Role.CONTRIBUTOR, PASSWORD)
    return Place(
        hub=layout.url("hub"),
        node=layout.url(CENTRE),
        centre=CENTRE,
        nats=layout.nats_url,
        changes=f"127.0.0.1:{layout.port('change log')}",
        admin=admin,
        editor=editor,
        contributor=create_token(data, CENTRE, Role.CONTRIBUTOR, "contributor"),
        user=USER,
        folder=str(layout.data),
    )
