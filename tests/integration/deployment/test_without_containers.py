"""What docker-compose.yml starts, started without containers."""

from pathlib import Path

import pytest

from bri_client import Client, hub, node
from bri_client.documents import NewRecord
from tests.integration.deployment.host import host
from tests.support.waiting import eventually

RECORD: NewRecord = {
    "kind": "news",
    "original_language": "en",
    "editions": {"en": {"title": "A wetland returns", "body": "<p>Near Astana.</p>"}},
}
_LASTING = ("hub", "search", "sco", "asean")


@pytest.mark.long
@pytest.mark.timeout(400)  # seven processes begin at once, also on a machine that is busy
async def test_the_federation_of_the_compose_file_works(tmp_path: Path) -> None:
    """Every command runs, every health check passes, secrets come from files, the broker asks who
    one is; what is published is found at the hub, and all stop when told to."""
    with host(tmp_path) as machine:
        machine.make_databases()
        machine.run("setup")
        machine.run("setup")
        machine.start("nats")
        for service in _LASTING:
            machine.begin(service)
        for service in _LASTING:
            machine.await_health(service)
        assert "sco admitted" in machine.run("admission")
        token = machine.run(
            "sco", *"bri token create --centre sco --role editor --name E".split()
        ).strip()
        with Client(machine.url("sco"), token) as here:
            record_id = here.ask(node.create(RECORD, publish=True))["id"]
        with Client(machine.url("hub")) as there:

            async def found() -> bool:
                return record_id in [hit["id"] for hit in there.each(hub.search("wetland"))]

            await eventually(found, seconds=40)
        assert set(machine.stop().values()) == {0}


def test_a_partners_node_runs_alone(tmp_path: Path) -> None:
    """Its profile needs nothing of the others: it is made, started, and answers."""
    with host(tmp_path) as machine:
        words = "bri node init kz-igtic --name IGTIC --languages kk,ru,en --countries KZ"
        machine.run("partner", *words.split(), "--hub", "wss://hub.invalid:8443")
        machine.start("partner")
        with Client(machine.url("partner")) as there:
            assert there.ask(node.centre())["code"] == "kz-igtic"
        assert machine.stop() == {"partner": 0}
