"""The change log over gRPC: whoever follows it keeps its own cursor and is never forgotten.

Rules:
- a follower is sent everything after its cursor in order, then what comes, as it comes; the head
  is in every response, and the first one is sent at once even where there is nothing to send;
- a call without the token of the log is refused (`followers`);
- nothing is kept about a follower but a measurement; MAX_STREAMS may follow at a time, further ones
  are refused (RESOURCE_EXHAUSTED);
- a cursor that does not hold (`epochs`) is of another hub, or of this one before a backup was
  restored: its follower is told so (OUT_OF_RANGE) and has to begin again;
- followers report what they have committed, and the centres concerned are told.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc
import structlog
from bri.log.v1 import log_pb2, log_pb2_grpc
from sqlalchemy import Engine

from bri_hub import measures
from bri_hub.announcing import Announcements, wait_for_news
from bri_hub.followers import Authentication
from bri_hub.reaches import Reaches
from bri_hub.repository import changelog, epochs
from bri_hub.repository.changelog import Page, read_changes
from bri_hub.repository.receipts import standing
from bri_kit import database
from bri_kit.clock import timestamp

SAFETY_SECONDS = 5.0
"""How long a follower waits for news before it looks anyway."""

MESSAGE_BYTES = 16 * 1024 * 1024
OPTIONS = (
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),
    # Followers may look every few seconds whether the line is still there, also a silent one.
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
)
MAX_STREAMS = 64
_LONGEST_NAME = 64

logger = structlog.get_logger()


Tell = Callable[[log_pb2.Receipts], Awaitable[None]]
"""Tells a centre what is in a message of receipts, if it can be reached."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at the log: the epoch that lasts, whether the cursor holds, and what comes after."""

    epoch: str
    holds: bool
    page: Page


class ChangeLog(log_pb2_grpc.LogServiceServicer):
    """Streams the hub's change log, and hears how far its followers have come."""

    def __init__(
        self, engine: Engine, announcements: Announcements, reaches: Reaches, tell: Tell
    ) -> None:
        self._engine = engine
        self._announcements = announcements
        self._reaches = reaches
        self._tell = tell
        self._streams = 0

    async def Follow(  # noqa: N802 - the contract's name
        self, request: log_pb2.FollowRequest, context: Any
    ) -> AsyncIterator[log_pb2.FollowResponse]:
        """Every change after the request's cursor, then new ones as they come."""
        if self._streams >= MAX_STREAMS:
            detail = f"{MAX_STREAMS} followers are connected already."
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, detail)
        name = request.follower[:_LONGEST_NAME] or context.peer()
        logger.info("follower.began", follower=name, after=request.after, epoch=request.epoch)
        cursor, epoch, told_head = request.after, request.epoch, -1
        measure = measures.FOLLOWER_CURSOR.labels(name)
        self._streams += 1
        try:
            while True:
                measure.set(cursor)
                news = self._announcements.news()
                seen = await asyncio.to_thread(self._read, epoch, cursor)
                page, epoch = seen.page, seen.epoch
                if not seen.holds:
                    detail = f"{cursor} is not a change of this log; its newest is {page.head}."
                    await context.abort(grpc.StatusCode.OUT_OF_RANGE, detail)
                if page.changes or page.head != told_head:
                    yield log_pb2.FollowResponse(changes=page.changes, head=page.head, epoch=epoch)
                    told_head = page.head
                if page.changes:
                    cursor = page.changes[-1].number
                else:
                    await wait_for_news(news, SAFETY_SECONDS)
        finally:
            self._streams -= 1
            with suppress(KeyError):  # another stream of the same name ended before
                measures.FOLLOWER_CURSOR.remove(name)
            logger.info("follower.ended", follower=name, cursor=cursor)

    async def Report(  # noqa: N802 - the contract's name
        self, request: log_pb2.ReportRequest, context: Any
    ) -> log_pb2.ReportResponse:
        """Take what a follower has committed, and tell the centres for which that is news."""
        name = request.follower or context.peer()
        marks = await asyncio.to_thread(self._marks, request.epoch, request.cursor)
        if marks is not None:
            changed = self._reaches.report(name, request.epoch, request.cursor, marks, timestamp())
            for message in await asyncio.to_thread(self._standings, changed):
                message.reaches.extend(self._reaches.of(message.centre))
                for reach in message.reaches:
                    measures.REACH.labels(message.centre, reach.place).set(reach.number)
                await self._tell(message)
        return log_pb2.ReportResponse()

    def _read(self, epoch: str, cursor: int) -> Seen:
        with database.reading(self._engine) as session:
            holds = epochs.holds(session, epoch, cursor)
            return Seen(epochs.current(session), holds, read_changes(session, cursor))

    def _marks(self, epoch: str, cursor: int) -> dict[str, int] | None:
        with database.reading(self._engine) as session:
            if not epochs.holds(session, epoch, cursor):
                return None
            return changelog.marks(session, cursor)

    def _standings(self, centres: set[str]) -> list[log_pb2.Receipts]:
        with database.reading(self._engine) as session:
            return [standing(session, centre) for centre in sorted(centres)]


async def serve_changes(
    changes: ChangeLog, address: str, token: str
) -> tuple[grpc.aio.Server, int]:
    """A server that has begun at `address` (`host:port`), for who has the `token`, and the port it
    listens on.

    Raises:
        RuntimeError: the address is in use.
    """
    server = grpc.aio.server(options=OPTIONS, interceptors=[Authentication(token)])
    log_pb2_grpc.add_LogServiceServicer_to_server(changes, server)
    port = server.add_insecure_port(address)
    await server.start()
    return server, port
