"""Noticing a broker that answers and stores nothing.

A JetStream server whose disk was full once goes on refusing messages when there is room again: the
first failed write is remembered until the server is started anew (seen with nats-server 2.15.1).
Whoever publishes gets no answer at all. Nothing in the stream is needed, since all entries are at
their nodes, so the stream is made anew instead of waiting for an operator.

Rules:
- every PROBE_SECONDS an empty message goes into the stream, on a subject that nobody reads;
- where FAILURES of them in a row are not stored, though the server tells of the stream at once,
  the stream is deleted; the consumer then makes it again, and nodes send what the hub lacks;
- a server that does not answer, or has no such stream, is not judged: others see to that.
"""

import asyncio

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js.errors import NoStreamResponseError, NotFoundError

from bri_kit import transport

PROBE_SECONDS = 10.0
ANSWER_SECONDS = 5.0
FAILURES = 3

logger = structlog.get_logger()


async def keep_store(client: Client, pause: float = PROBE_SECONDS) -> None:
    """Watch the stream, for ever."""
    failures = 0
    while True:
        await asyncio.sleep(pause)
        try:
            failures = 0 if await _stores(client) else failures + 1
        except (nats.errors.Error, OSError, TimeoutError):
            continue
        if failures >= FAILURES:
            failures = 0
            await _begin_anew(client)


async def _stores(client: Client) -> bool:
    """Whether the stream takes a message.

    Raises:
        nats.errors.Error, OSError, TimeoutError: the server says nothing, of this or of anything.
    """
    jetstream = client.jetstream(timeout=ANSWER_SECONDS)
    try:
        await jetstream.publish(transport.PROBE_SUBJECT, b"")
    except (NoStreamResponseError, NotFoundError):
        return True  # there is no stream that could refuse
    except (nats.errors.Error, TimeoutError) as error:
        await jetstream.stream_info(transport.STREAM)
        logger.warning("stream.stores_nothing", error=repr(error))
        return False
    return True


async def _begin_anew(client: Client) -> None:
    logger.error("stream.deleted", reason="it takes no messages")
    try:
        await client.jetstream().delete_stream(transport.STREAM)
    except (nats.errors.Error, OSError, TimeoutError) as error:
        logger.warning("stream.not_deleted", error=repr(error))
