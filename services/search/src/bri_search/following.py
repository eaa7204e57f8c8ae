"""Following the hub's change log.

Rules:
- cursor and epoch are the engine's: whatever was lost since the last commit is simply asked for
  again;
- a hub that is away is asked again, soon at first, then every second, a little apart from
  other replicas;
- a hub in whose log our cursor does not hold is another hub, or was restored from a backup: what
  we hold may not be what it holds, so we begin again from nothing;
- an engine that is away, or is not where it was left, is waited for, and followed for again from
  its own cursor;
- what is committed is reported, so that centres can be told.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, cast

import grpc
import structlog
from bri.log.v1 import log_pb2, log_pb2_grpc

from bri_retrieval.engine import Engine, EngineUnavailable
from bri_search.intake import Intake
from bri_search.reporting import Reporter

MESSAGE_BYTES = 16 * 1024 * 1024
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 1.0
CHECK_SECONDS = 1.0
"""So often an engine on a server is asked for, if it is in doubt; others cost nothing."""

_BEFORE_EPOCHS = "before-epochs"
_PAUSE_IN_STREAM = 0.05
"""Seconds without news, though more is to come, after which what there is is committed."""

_OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.enable_http_proxy", 0),
    # A connection that died without a word is noticed: the hub permits asking so often.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 10_000),
)
logger = structlog.get_logger()


class Stream(Protocol):
    """A call that is being answered; `grpc.aio.EOF` is read at its end."""

    def read(self) -> Coroutine[Any, Any, Any]: ...
    def cancel(self) -> bool: ...


class LogBeganAnew(Exception):
    """The cursor is not of this log."""


class Follower:
    """Keeps an engine up to date with the log at `address` (`host:port`), which is read with the
    token that `token` finds, anew for each attempt: it may change, or come later than we."""

    def __init__(
        self,
        engine: Engine,
        intake: Intake,
        address: str,
        name: str,
        token: Callable[[], str] = lambda: "",
    ) -> None:
        self._engine = engine
        self._intake = intake
        self._address = address
        self._name = name
        self._token = token
        self._reporter = Reporter(engine, name)
        intake.on_commit = self._committed
        self._failures = 0
        self._troubles = 0
        self._begins_anew = False
        self.head = 0
        """The number of the newest change that is known to exist."""
        self.connected = asyncio.Event()
        """Set once the hub has answered for the first time."""

    async def run(self) -> None:
        """Follow until cancelled."""
        async with grpc.aio.insecure_channel(self._address, options=_OPTIONS) as channel:
            stub: Any = log_pb2_grpc.LogServiceStub(channel)
            while True:
                try:
                    if self._begins_anew:
                        await self._start_over()
                    await self._intake.check()
                    await self._follow(stub)
                except grpc.aio.AioRpcError as error:
                    await self._recover(error)
                except EngineUnavailable as reason:
                    await self._await_engine(reason)
                except LogBeganAnew:
                    self._begins_anew = True

    async def _follow(self, stub: Any) -> None:
        if self._intake.waiting:
            # It is of the epoch that it came in; the next one may not have it.
            await self._intake.commit()
        # A cursor that was kept before there were epochs is of none that is known.
        epoch = self._engine.epoch() or (_BEFORE_EPOCHS if self._engine.cursor() else "")
        request = log_pb2.FollowRequest(
            follower=self._name, after=self._engine.cursor(), epoch=epoch
        )
        self._reporter.metadata = (("authorization", f"Bearer {self._token()}"),)
        stream: Stream = stub.Follow(request, metadata=self._reporter.metadata)
        taking = asyncio.create_task(self._take(stub, stream))
        watching = asyncio.create_task(self._watch())
        try:
            await asyncio.wait({taking, watching}, return_when=asyncio.FIRST_COMPLETED)
            (watching if watching.done() else taking).result()
        finally:
            stream.cancel()
            for task in (taking, watching):
                task.cancel()
            await asyncio.wait({taking, watching})

    async def _watch(self) -> None:
        """Notice an engine that lost what it held though there is nothing to tell it; only ends by
        failing."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await self._intake.check()

    async def _take(self, stub: Any, stream: Stream) -> None:
        last = self._engine.cursor()
        reading = asyncio.create_task(stream.read())
        reporting: asyncio.Task[None] | None = None
        try:
            while response := await self._next(reading, last):
                # The next response travels while this one is indexed.
                reading = asyncio.create_task(stream.read())
                self._heard(response)
                if self._engine.cursor() >= self.head:
                    self._engine.caught_up()
                # Only now: before, the hub had not said that our cursor holds.
                reporting = reporting or asyncio.create_task(self._reporter.run(stub))
                if response.changes:
                    await self._intake.apply(response.changes)
                    last = response.changes[-1].number
        finally:
            reading.cancel()
            if reporting is not None:
                reporting.cancel()

    async def _next(self, reading: "asyncio.Task[Any]", last: int) -> log_pb2.FollowResponse | None:
        """The next response; None at the end of the stream. What is applied is committed before
        it would wait."""
        if self._intake.waiting and not reading.done():
            pause = _PAUSE_IN_STREAM if last < self.head else self._intake.rest
            await asyncio.wait({reading}, timeout=pause)
            if not reading.done():
                await self._intake.commit()
        response = await reading
        ended = response == cast(object, grpc.aio.EOF)
        return None if ended else cast(log_pb2.FollowResponse, response)

    def _heard(self, response: log_pb2.FollowResponse) -> None:
        if response.head < self._engine.cursor():
            raise LogBeganAnew
        self._engine.enter_epoch(response.epoch)
        self.head = response.head
        self._failures = 0
        if not self.connected.is_set():
            logger.info("log.followed", cursor=self._engine.cursor(), head=self.head)
            self.connected.set()

    async def _await_engine(self, reason: EngineUnavailable) -> None:
        if not self._troubles:
            logger.warning("engine.unreachable", reason=str(reason))
        self._troubles += 1
        await asyncio.sleep(min(FIRST_PAUSE * 2 ** min(self._troubles, 10), LONGEST_PAUSE))

    def _committed(self) -> None:
        self._troubles = 0
        if self._engine.cursor() >= self.head:
            self._engine.caught_up()
        self._reporter.committed()

    async def _recover(self, error: grpc.aio.AioRpcError) -> None:
        if error.code() is grpc.StatusCode.OUT_OF_RANGE:
            self._begins_anew = True
            return
        if not self._failures:
            reason = f"{error.code().name}: {error.details()}"
            logger.warning("log.unreachable", address=self._address, reason=reason)
        pause = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
        self._failures = min(self._failures + 1, 10)
        await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads load, no secret

    async def _start_over(self) -> None:
        logger.warning("log.began_anew", cursor=self._engine.cursor())
        await self._intake.clear()
        self._reporter.committed()
        self.head = 0
        self._begins_anew = False
