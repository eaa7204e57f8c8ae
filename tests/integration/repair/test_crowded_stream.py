"""One centre that fills the stream all centres share, while the hub is away."""

import time

import pytest
from ulid import ULID

from bri_kit import transport
from bri_kit.publishing import Outgoing, Publisher
from tests.integration.hub.running import introduce
from tests.integration.repair.pair import Pair
from tests.support.centres import Centre
from tests.support.nats import NatsServer

STREAM_BYTES = 4 * 1024 * 1024
JUNK = 24


async def crowd(broker: NatsServer) -> None:
    """Send several times what the stream holds, in the name of `evil`."""
    client = await transport.connect(broker.url, "evil")
    publisher = Publisher(client)
    for _ in range(JUNK):
        messages = [Outgoing(str(ULID()), b"\x08" * (1024 * 1024))]
        errors = await publisher.publish(transport.log_subject("evil"), messages)
        assert errors == [None]
    await client.close()


async def test_what_is_crowded_out_of_the_stream_comes_all_the_same(
    pair: Pair, broker: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream forgets what another centre sent before the junk; its log does not, and the hub
    asks for it as soon as it is back."""
    await pair.stop_hub()
    monkeypatch.setattr(transport, "KEEP_BYTES", STREAM_BYTES)
    introduce(pair.hub_data, Centre("evil"))
    await pair.start_hub()
    await pair.node.publish()
    await pair.settled(1)
    await pair.stop_hub()
    for _ in range(5):
        await pair.node.publish()
    await crowd(broker)
    began = time.monotonic()
    await pair.start_hub()
    await pair.same(6)
    print(f"all of it was there {time.monotonic() - began:.1f} s after the hub came back")
