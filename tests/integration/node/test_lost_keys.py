"""A private key that is gone is not replaced by another one without a word."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete

from bri_kit import signing
from bri_node.keys import KeyFile, KeyLost, Seal, signing_key
from bri_node.store import open_store
from bri_node.tables import KeyRow
from tests.integration.node.running import RunningNode
from tests.support import postgres

STARTS_ON_FILES = pytest.mark.skipif(
    postgres.is_wanted(), reason="the process that is started finds a SQLite file"
)


async def lose_key(node: RunningNode) -> bytes:
    """The node stopped, and its key gone; answers the public key."""
    public = await node.public_key()
    await node.publish()
    await node.stop()
    await asyncio.to_thread((node.data / "key").unlink)
    return public


def started(data: Path) -> subprocess.CompletedProcess[str]:
    """A node's process, which is to refuse."""
    environment = {**os.environ, "BRI_NODE_DATA": str(data), "BRI_NODE_PORT": "1"}
    return subprocess.run(
        [sys.executable, "-m", "sco_platform"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@STARTS_ON_FILES
async def test_a_node_whose_key_is_gone_refuses_in_one_line(node: RunningNode) -> None:
    """Exit status 2; no key is made, and the line says how to get it back."""
    await lose_key(node)
    before = sorted(path.name for path in node.data.iterdir())
    told = await asyncio.to_thread(started, node.data)
    assert told.returncode == 2
    [line] = told.stderr.splitlines()
    assert str(node.data / "key") in line
    assert "restore" in line
    assert "bri key replace" in line
    assert sorted(path.name for path in node.data.iterdir()) == before


@STARTS_ON_FILES
async def test_a_key_of_another_length_refuses_in_one_line(node: RunningNode) -> None:
    """A file that was cut short is not a key; it is left as it is."""
    await lose_key(node)
    (node.data / "key").write_bytes(b"short")
    told = await asyncio.to_thread(started, node.data)
    assert (told.returncode, len(told.stderr.splitlines())) == (2, 1)
    assert (node.data / "key").read_bytes() == b"short"


async def test_whoever_opens_the_log_makes_no_key_in_place_of_a_lost_one(
    node: RunningNode,
) -> None:
    """Also where the database is older than its table of keys: then its entries name the key."""
    public = await lose_key(node)
    store = open_store(node.data, "sco")
    seal = Seal("sco", KeyFile(node.data / "key"))
    try:
        for _ in range(2):
            with store.writing() as session, pytest.raises(KeyLost):
                signing_key(session, seal)
            assert not (node.data / "key").exists()
            with store.writing() as session:
                session.connection().execute(delete(KeyRow.__table__))
    finally:
        store.close()
    assert public


async def test_a_new_centre_has_its_key_made(node: RunningNode) -> None:
    """Where the log is empty and no key was ever kept there is nothing to lose."""
    assert signing.public_key(KeyFile(node.data / "key").key) == await node.public_key()
