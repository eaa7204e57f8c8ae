"""Going back in the broker's stream to where the database has come.

The broker keeps how far the hub has acknowledged. A hub restored from a backup holds less: what it
acknowledged and lost would never come again by itself. So it compares the broker's word with the
position in its own database, and where that is behind it reads the stream again from there. What
has left the stream by now is missed by its numbers and asked of the centres.

What the broker handed to somebody who has not acknowledged it, such as a process that ended, it
would hand out again after a minute; it is read again at once.
"""

import structlog
from nats.aio.client import Client
from nats.js.api import DeliverPolicy
from sqlalchemy import Engine

from bri_hub import measures
from bri_hub.repository import positions
from bri_kit import database, transport

logger = structlog.get_logger()


async def rewind(client: Client, engine: Engine, replicas: int = 1) -> None:
    """Have the hub's consumer begin again after what the database holds, where it is beyond, or
    has handed out what nobody acknowledged.

    Raises:
        nats.errors.Error: the broker does not answer.
    """
    jetstream = client.jetstream()
    stream = await transport.ensure_stream(client, replicas)
    with database.reading(engine) as session:
        kept = positions.kept(session)
    held = kept.sequence if kept.stream == stream else 0
    info = await jetstream.consumer_info(transport.STREAM, transport.HUB_CONSUMER)
    acknowledged = info.ack_floor.stream_seq if info.ack_floor else 0
    if acknowledged <= held and not info.num_ack_pending:
        return
    if acknowledged > held:
        logger.warning("stream.rewound", acknowledged=acknowledged, held=held)
        measures.REWOUND.inc()
    await jetstream.delete_consumer(transport.STREAM, transport.HUB_CONSUMER)
    config = transport.consumer_config()
    config.deliver_policy = DeliverPolicy.BY_START_SEQUENCE
    config.opt_start_seq = held + 1
    await jetstream.add_consumer(transport.STREAM, config)
