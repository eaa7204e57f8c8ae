"""What a node keeps is for its own user alone."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bri_kit import file_modes
from tests.e2e.ports import free_port_base
from tests.integration.node.running import RunningNode
from tests.support import postgres
from tests.support.modes import open_to_others
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(postgres.is_wanted(), reason="about SQLite's files")


async def is_ready(port: int) -> bool:
    try:
        async with httpx.AsyncClient() as http:
            return (await http.get(f"http://127.0.0.1:{port}/readyz")).is_success
    except httpx.HTTPError:
        return False


async def test_a_node_keeps_everything_to_itself(node: RunningNode) -> None:
    """What it makes, and what was there before: here by a process that shared everything. The
    folder itself is the operator's."""
    await node.publish()
    await node.stop()
    assert any(each.startswith("node.db ") for each in open_to_others(node.data))
    port = free_port_base()
    environment = {**os.environ, "BRI_NODE_DATA": str(node.data), "BRI_NODE_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sco_platform"), env=environment, stderr=subprocess.DEVNULL
    )
    try:
        await eventually(lambda: is_ready(port), seconds=60)
        assert open_to_others(node.data) in ([], [". 755"])
    finally:
        process.terminate()
        await process.wait()
    assert open_to_others(node.data) in ([], [". 755"])


def test_only_what_is_ours_is_changed(tmp_path: Path) -> None:
    """Not what lies beside it, nor what a link leads to; and no right of the owner is lost."""
    beside, elsewhere = tmp_path / "README", tmp_path / "outside"
    ours = tmp_path / "data"
    (ours / "index").mkdir(parents=True)
    for path in (
        beside,
        elsewhere,
        ours / "hub.db",
        ours / "notes.txt",
        ours / "index" / "a.store",
    ):
        path.write_text("")
        path.chmod(0o755)
    (ours / "some.db").symlink_to(elsewhere)
    file_modes.tighten(ours)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (*ours.iterdir(), elsewhere)}
    assert modes["hub.db"] == modes["index"] == 0o700
    assert (ours / "index" / "a.store").stat().st_mode & 0o777 == 0o700
    assert modes["notes.txt"] == modes["outside"] == 0o755
