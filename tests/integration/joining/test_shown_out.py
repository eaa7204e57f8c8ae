"""A node whose hub does not let it in any more: it serves its readers, says so, and comes back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bri_kit import clock, knocking
from bri_kit.complaints import NOT_TAKEN, REVOKED
from sco_platform.profile import PROFILE
from tests.integration.node.running import RunningNode, read
from tests.support.secured import Secured
from tests.support.waiting import eventually


@pytest.fixture
async def node(broker: Secured, tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node that the broker lets in."""
    node = RunningNode(PROFILE, tmp_path / "node", broker.server.url)
    access = broker.centre("sco")
    node.settings = node.settings.model_copy(update={"nats_credentials": access.credentials})
    await node.start()
    yield node
    await node.stop()


async def revoke(broker: Secured) -> None:
    await broker.tell({broker.user("sco"): int(clock.now().timestamp())})


async def line(node: RunningNode) -> tuple[bool, str]:
    """Whether there is a line, and what is wrong with it."""
    report = await node.delivery()
    return report["connected"], report["problem"]


async def ready(node: RunningNode) -> dict[str, Any]:
    return read(await node.reader.get("/readyz"))


async def test_a_node_says_that_it_was_revoked_and_comes_back(
    node: RunningNode, broker: Secured
) -> None:
    """By its delivery, by its readiness and at the desk; readers are served all the while."""
    await eventually(lambda: line(node), lambda got: got == (True, ""))
    assert await ready(node) == {"status": "ready"}
    await revoke(broker)
    await eventually(lambda: line(node), lambda got: got == (False, REVOKED))
    record = await node.publish()
    assert (await node.reader.get(f"/api/v1/records/{record['id']}")).status_code == 200
    told = await ready(node)
    assert (told["status"], len(told["remarks"])) == ("ready", 1)
    assert REVOKED in told["remarks"][0]
    await broker.tell({})
    await eventually(lambda: line(node), lambda got: got[0])
    assert await ready(node) == {"status": "ready"}


async def test_a_node_that_begins_revoked_is_told_that_it_is_not_let_in(
    node: RunningNode, broker: Secured
) -> None:
    """The broker does not tell it more than a stranger."""
    await revoke(broker)
    await node.stop()
    await node.start()
    await eventually(lambda: line(node), lambda got: got == (False, NOT_TAKEN))
    assert NOT_TAKEN in (await ready(node))["remarks"][0]


async def test_new_credentials_are_taken_without_a_restart(
    node: RunningNode, broker: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the centre was admitted anew while its node knocked, however seldom."""
    monkeypatch.setattr(knocking, "FIRST_SECONDS", 600.0)
    monkeypatch.setattr(knocking, "LONGEST_SECONDS", 600.0)
    await eventually(lambda: line(node), lambda got: got == (True, ""))
    await revoke(broker)
    await eventually(lambda: line(node), lambda got: got == (False, REVOKED))
    credentials = broker.folder / "sco.creds"
    credentials.unlink()
    broker.centre("sco")
    await eventually(lambda: line(node), lambda got: got == (True, ""))
