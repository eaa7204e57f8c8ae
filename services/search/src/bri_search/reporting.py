"""Telling the hub how far this replica has come, so that centres learn what is shown where.

Rules:
- what is told is what was committed: what readers can see;
- a report is a hint: it is sent when the cursor has moved, at most once in REST_SECONDS, and now
  and then although it has not, because a hub that was restarted remembers none;
- whatever becomes of it, following goes on.
"""

import asyncio
from typing import Any

import grpc
import structlog
from bri.log.v1 import log_pb2

from bri_retrieval.engine import Engine

REST_SECONDS = 0.5
REPEAT_SECONDS = 30.0
_DEADLINE_SECONDS = 5.0

logger = structlog.get_logger()


class Reporter:
    """Reports one engine's cursor. Belongs to one event loop. `metadata` goes with every call."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self.metadata: tuple[tuple[str, str], ...] = ()
        self._news = asyncio.Event()

    def committed(self) -> None:
        """The cursor may have moved."""
        self._news.set()

    async def run(self, stub: Any) -> None:
        """Report until cancelled."""
        while True:
            self._news.clear()
            await self._report(stub)
            await asyncio.sleep(REST_SECONDS)
            try:
                async with asyncio.timeout(REPEAT_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _report(self, stub: Any) -> None:
        request = log_pb2.ReportRequest(
            follower=self._name, epoch=self._engine.epoch(), cursor=self._engine.cursor()
        )
        try:
            await stub.Report(request, timeout=_DEADLINE_SECONDS, metadata=self.metadata)
        except grpc.aio.AioRpcError as error:
            logger.debug("report.lost", reason=f"{error.code().name}: {error.details()}")
