"""The change log over gRPC: whoever follows it keeps its own cursor and is never forgotten.

Rules:
- a follower is sent everything after its cursor in order, then what comes, as it comes; the head
  is in every response, and the first one is sent at once even where there is nothing to send;
- nothing is kept about a follower but a measurement, so there may be any number of them;
- a cursor beyond the head is a follower of another hub, or of this one before a backup was
  restored: it is told so (OUT_OF_RANGE) and has to begin again.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import structlog
from bri.log.v1 import log_pb2, log_pb2_grpc
from sqlalchemy import Engine

from bri_hub import measures
from bri_hub.announcing import Announcements, wait_for_news
from bri_hub.repository.changelog import Page, read_changes
from bri_kit import database

SAFETY_SECONDS = 5.0
"""How long a follower waits for news before it looks anyway."""

MESSAGE_BYTES = 16 * 1024 * 1024
OPTIONS = (
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),
)
_LONGEST_NAME = 64

logger = structlog.get_logger()


class ChangeLog(log_pb2_grpc.LogServiceServicer):
    """Streams the hub's change log."""

    def __init__(self, engine: Engine, announcements: Announcements) -> None:
        self._engine = engine
        self._announcements = announcements

    async def Follow(  # noqa: N802 - the contract's name
        self, request: log_pb2.FollowRequest, context: Any
    ) -> AsyncIterator[log_pb2.FollowResponse]:
        """Every change after the request's cursor, then new ones as they come."""
        name = request.follower[:_LONGEST_NAME] or context.peer()
        logger.info("follower.began", follower=name, after=request.after)
        cursor, told_head = request.after, -1
        measure = measures.FOLLOWER_CURSOR.labels(name)
        try:
            while True:
                measure.set(cursor)
                news = self._announcements.news()
                page = await asyncio.to_thread(self._read, cursor)
                if cursor > page.head:
                    detail = f"The newest change is {page.head}; {cursor} does not exist."
                    await context.abort(grpc.StatusCode.OUT_OF_RANGE, detail)
                if page.changes or page.head != told_head:
                    yield log_pb2.FollowResponse(changes=page.changes, head=page.head)
                    told_head = page.head
                if page.changes:
                    cursor = page.changes[-1].number
                else:
                    await wait_for_news(news, SAFETY_SECONDS)
        finally:
            measures.FOLLOWER_CURSOR.remove(name)
            logger.info("follower.ended", follower=name, cursor=cursor)

    def _read(self, after: int) -> Page:
        with database.reading(self._engine) as session:
            return read_changes(session, after)


async def serve_changes(changes: ChangeLog, address: str) -> tuple[grpc.aio.Server, int]:
    """A server that has begun at `address` (`host:port`), and the port it listens on.

    Raises:
        RuntimeError: the address is in use.
    """
    server = grpc.aio.server(options=OPTIONS)
    log_pb2_grpc.add_LogServiceServicer_to_server(changes, server)
    port = server.add_insecure_port(address)
    await server.start()
    return server, port
