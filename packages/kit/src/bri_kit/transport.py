"""Manners on NATS: a connection that never gives up, and the stream. What is sent where is told by
`subjects`, whose names are here too.

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

from bri_kit.access import ANYBODY, Access
from bri_kit.complaints import Complaints, explain
from bri_kit.subjects import HUB_CONSUMER as HUB_CONSUMER
from bri_kit.subjects import PREFIX as PREFIX
from bri_kit.subjects import PROBE_SUBJECT as PROBE_SUBJECT
from bri_kit.subjects import STREAM as STREAM
from bri_kit.subjects import ask_subject as ask_subject
from bri_kit.subjects import centre_of_subject as centre_of_subject
from bri_kit.subjects import compare_subject as compare_subject
from bri_kit.subjects import log_subject as log_subject
from bri_kit.subjects import receipt_subject as receipt_subject
from bri_kit.subjects import resend_subject as resend_subject

DEDUPLICATION_SECONDS = 120
KEEP_SECONDS = 7 * 24 * 3600
KEEP_BYTES = 8 * 1024**3

logger = structlog.get_logger()


def is_brokers(data: bytes) -> bool:
    """Whether what came under a log's subject is the broker's own word, and so no entry: whoever
    publishes may have its acknowledgement, which is JSON, go to another centre's subject. A signed
    entry never begins like that."""
    return data.startswith(b"{")


class ConnectionEnded(Exception):
    """The broker closed a connection for good, as it does where credentials are revoked or expire;
    the message says why."""


class Connection(Client):
    """A client whose questions end when their task is cancelled, and that tells its end.

    nats-py waits for answers with `asyncio.wait_for`, which in Python 3.11 swallows a cancellation
    that comes together with the answer: the task goes on, and whoever ends it waits for ever.
    """

    def __init__(self, *, wants_tls: bool = False) -> None:
        super().__init__()
        self._wants_tls = wants_tls
        self._ended = asyncio.Event()

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

    def _connect_command(self) -> bytes:
        # The server says in plain text whether it speaks TLS: somebody between could have it say
        # that it does not, and be told who we are.
        if self._wants_tls and not self._server_info.get("tls_required"):
            raise nats.errors.Error("the broker does not offer TLS, which the address asks for")
        return super()._connect_command()

    async def take_end(self) -> None:
        """The connection was closed, and does not come back."""
        self._ended.set()

    async def until_ended(self) -> None:
        """Wait for the end of the connection, which a line that breaks is not.

        Raises:
            ConnectionEnded: always, once it has ended.
        """
        await self._ended.wait()
        raise ConnectionEnded(explain(self.last_error))


async def connect(
    url: str,
    name: str,
    on_connection: Callable[[], Awaitable[None]] | None = None,
    access: Access = ANYBODY,
    on_problem: Callable[[str], None] = lambda _: None,
) -> Connection:
    """A connection that reconnects for ever, as soon as it can be had. `on_connection` is awaited
    after every reconnection; `on_problem` hears in words why there is none, and an empty text once
    there is one. Who is not let in knocks less and less often (`knocking`).

    Raises:
        OSError, ValueError, nats.errors.Error: what it is to connect with cannot be used.
    """
    client = Connection(wants_tls=url.startswith("tls://"))
    complaints = Complaints(url, access.credentials, on_problem)

    async def reconnected() -> None:
        logger.info("nats.reconnected", url=url)
        complaints.end()
        if on_connection is not None:
            await on_connection()

    async def disconnected() -> None:
        logger.warning("nats.disconnected", url=url)

    async def failed(error: Exception) -> None:
        if client.is_connected:
            logger.debug("nats.error", error=repr(error))
        else:
            await complaints.take(error)

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
            closed_cb=client.take_end,
            error_cb=failed,
            allow_reconnect=True,
            **_options(url, access),
        )
    except BaseException:
        await client.close()  # cancelled half way it would leave an open socket behind
        raise
    complaints.end()
    return client


def _options(url: str, access: Access) -> dict[str, Any]:
    options: dict[str, Any] = {"inbox_prefix": access.inbox}
    if access.credentials is not None:
        options["user_credentials"] = str(access.credentials)
    if access.ca is not None or url.startswith(("tls://", "wss://")):
        options["tls"] = access.tls()
    return options


def stream_config(replicas: int = 1) -> StreamConfig:
    """The one stream that carries all centres' logs, its subjects the centres; `replicas` of it
    are kept, on as many servers of a cluster."""
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
        num_replicas=replicas,
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


async def ensure_stream(client: Client, replicas: int = 1) -> str:
    """Make the stream and the hub's consumer, or bring them to this configuration; answers what
    tells this stream from earlier ones of its name.

    Raises:
        nats.errors.Error: the server refuses, or does not answer in time.
    """
    jetstream = client.jetstream()
    try:
        await jetstream.stream_info(STREAM)
        info = await jetstream.update_stream(stream_config(replicas))
    except NotFoundError:
        info = await jetstream.add_stream(stream_config(replicas))
        logger.info("stream.created", stream=STREAM)
    config = consumer_config()
    with suppress(NotFoundError):
        # Where a consumer begins cannot be changed, and the hub may have made it begin elsewhere.
        began = (await jetstream.consumer_info(STREAM, HUB_CONSUMER)).config
        config.deliver_policy, config.opt_start_seq = began.deliver_policy, began.opt_start_seq
    await jetstream.add_consumer(STREAM, config)
    return info.created.isoformat() if info.created else ""
