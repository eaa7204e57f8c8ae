"""One centre that asks as fast as it can, beside one that has something to ask."""

import time

from bri.log.v1 import log_pb2

from bri_kit import transport
from tests.integration.hub.running import introduce
from tests.integration.repair.pair import Pair
from tests.support.centres import Centre
from tests.support.nats import NatsServer
from tests.support.waiting import eventually

QUESTIONS = 6_000


async def flood(broker: NatsServer) -> float:
    """Ask for receipts and comparisons in the name of `evil`; how many seconds that took."""
    client = await transport.connect(broker.url, "evil")
    compare = log_pb2.CompareRequest().SerializeToString()
    receipts = log_pb2.ReceiptsRequest(after=0).SerializeToString()
    began = time.monotonic()
    for _ in range(QUESTIONS):
        await client.publish(transport.compare_subject("evil"), compare, reply="_INBOX.evil")
        await client.publish(transport.ask_subject("evil"), receipts, reply="_INBOX.evil")
    await client.flush()
    took = time.monotonic() - began
    await client.close()
    return took


async def test_who_asks_without_end_holds_nobody_up(pair: Pair, broker: NatsServer) -> None:
    """Another centre's comparison is answered, and its publication gets its receipt, as if nobody
    else had asked; the hub has the flood's newest questions alone to answer."""
    introduce(pair.hub_data, Centre("evil"))
    await pair.node.publish()
    await pair.settled(1)
    took = await flood(broker)
    began = time.monotonic()
    await pair.resync()
    compared = time.monotonic() - began
    await flood(broker)
    began = time.monotonic()
    await pair.node.publish()
    await pair.settled(2)
    settled = time.monotonic() - began
    print(
        f"{QUESTIONS} of each in {took:.2f} s; compared {compared:.2f} s, settled {settled:.2f} s"
    )

    async def dropped() -> str:
        return (await pair.hub.http.get("/metrics")).text

    await eventually(dropped, lambda text: 'hub_questions_dropped_total{kind="comparison"}' in text)
