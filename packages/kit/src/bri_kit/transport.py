"""Names and manners on NATS: what is sent where, and a connection that never gives up.

| subject | carries | from, to |
| --- | --- | --- |
| `bri.log.<centre>` | SignedEntry, kept by JetStream | node → hub |
| `bri.probe` | nothing, kept by JetStream | hub → nobody |
| `bri.receipt.<centre>` | Receipts, a hint | hub → node |
| `bri.ask.<centre>` | ReceiptsRequest, answered with Receipts | node → hub |
| `bri.resend.<centre>` | ResendRequest, a hint | hub → node |
| `bri.compare.<centre>` | CompareRequest, answered with CompareResponse | node → hub |

Hints may be lost: whoever is behind asks. JetStream is the fast road and not the truth, so its
store is bounded and old messages leave it whether they were read or not.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

STREAM = "BRI_LOG"
HUB_CONSUMER = "hub"
PREFIX = "bri"
PROBE_SUBJECT = f"{PREFIX}.probe"
"""In the stream and read by nobody: by this the hub sees whether anything is stored."""

DEDUPLICATION_SECONDS = 120
KEEP_SECONDS = 7 * 24 * 3600
KEEP_BYTES = 8 * 1024**3

logger = structlog.get_logger()


def log_subject(centre: str) -> str:
    """Where a centre's entries go; `*` for all centres."""
    return f"{PREFIX}.log.{centre}"


def receipt_subject(centre: str) -> str:
    """Where the hub's receipts to a centre go."""
    return f"{PREFIX}.receipt.{centre}"


def ask_subject(centre: str) -> str:
    """Where a centre asks for receipts; `*` for all centres."""
    return f"{PREFIX}.ask.{centre}"


def resend_subject(centre: str) -> str:
    """Where the hub asks a centre to send entries again."""
    return f"{PREFIX}.resend.{centre}"


def compare_subject(centre: str) -> str:
    """Where a centre compares its log with what the hub holds; `*` for all centres."""
    return f"{PREFIX}.compare.{centre}"


def centre_of_subject(subject: str) -> str:
    """The centre that a subject of ours ends with."""
    return subject.rpartition(".")[2]


class _Connection(Client):
    """A client whose questions end when their task is cancelled.

    nats-py waits for answers with `asyncio.wait_for`, which in Python 3.11 swallows a cancellation
    that comes together with the answer: the task goes on, and whoever ends it waits for ever.
    """

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        timeout: float = 0.5,  # noqa: ASYNC109 - the name is nats-py's
        old_style: bool = False,
        headers: dict[str, Any] | None = None,
    ) -> Msg:
        unlimited: Any = None
        try:
            async with asyncio.timeout(timeout):
                return await super().request(subject, payload, unlimited, old_style, headers)
        except TimeoutError as error:
            raise nats.errors.TimeoutError from error


async def connect(
    url: str, name: str, on_connection: Callable[[], Awaitable[None]] | None = None
) -> Client:
    """A connection that reconnects for ever. `on_connection` is awaited after every reconnection.

    Raises:
        OSError, nats.errors.Error: the server cannot be reached the first time.
    """

    async def reconnected() -> None:
        logger.info("nats.reconnected", url=url)
        if on_connection is not None:
            await on_connection()

    async def disconnected() -> None:
        logger.warning("nats.disconnected", url=url)

    async def failed(error: Exception) -> None:
        logger.debug("nats.error", error=repr(error))

    client = _Connection()
    try:
        await client.connect(
            url,
            name=name,
            connect_timeout=2,
            reconnect_time_wait=0.5,  # type: ignore[arg-type]  # seconds; sleeps as told
            max_reconnect_attempts=-1,
            ping_interval=20,
            reconnected_cb=reconnected,
            disconnected_cb=disconnected,
            error_cb=failed,
            allow_reconnect=True,
        )
    except BaseException:
        await client.close()  # cancelled half way it would leave an open socket behind
        raise
    return client


def stream_config() -> StreamConfig:
    """The one stream that carries all centres' logs, its subjects the centres."""
    return StreamConfig(
        name=STREAM,
        subjects=[log_subject("*"), PROBE_SUBJECT],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=KEEP_SECONDS,
        max_bytes=KEEP_BYTES,
        duplicate_window=DEDUPLICATION_SECONDS,
        allow_atomic=True,
    )


def consumer_config() -> ConsumerConfig:
    """The hub's consumer: acknowledging a message acknowledges all before it."""
    return ConsumerConfig(
        durable_name=HUB_CONSUMER,
        filter_subject=log_subject("*"),
        ack_policy=AckPolicy.ALL,
        deliver_policy=DeliverPolicy.ALL,
        ack_wait=60,
        max_ack_pending=20_000,
    )


async def ensure_stream(client: Client) -> str:
    """Make the stream and the hub's consumer, or bring them to this configuration; answers what
    tells this stream from earlier ones of its name.

    Raises:
        nats.errors.Error: the server refuses, or does not answer in time.
    """
    jetstream = client.jetstream()
    try:
        await jetstream.stream_info(STREAM)
        info = await jetstream.update_stream(stream_config())
    except NotFoundError:
        info = await jetstream.add_stream(stream_config())
        logger.info("stream.created", stream=STREAM)
    config = consumer_config()
    with suppress(NotFoundError):
        # Where a consumer begins cannot be changed, and the hub may have made it begin elsewhere.
        began = (await jetstream.consumer_info(STREAM, HUB_CONSUMER)).config
        config.deliver_policy, config.opt_start_seq = began.deliver_policy, began.opt_start_seq
    await jetstream.add_consumer(STREAM, config)
    return info.created.isoformat() if info.created else ""
