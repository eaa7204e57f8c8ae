"""A hub as search sees it: a change log over gRPC, which can go away and come back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2, log_pb2_grpc

from tests.support.centres import Centre, a_record


class StandInHub(log_pb2_grpc.LogServiceServicer):
    """Keeps the newest change of each record, and sends what followers ask for."""

    def __init__(self) -> None:
        self.port = 0
        self.head = 0
        self.epoch = "first"
        self.asked_after: list[int] = []
        self.asked_in: list[str] = []
        self.reports: list[tuple[str, str, int]] = []
        self.centre = Centre()
        self._changes: dict[str, log_pb2.Change] = {}
        self._news = asyncio.Condition()
        self._server: grpc.aio.Server | None = None

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        log_pb2_grpc.add_LogServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self._server.start()

    async def stop(self) -> None:
        assert self._server is not None
        await self._server.stop(None)

    async def publish(self, title: str, record_id: str = "", body: str = "") -> str:
        """Publish a record, or the one of that id again; its id."""
        record = a_record(record_id or self.centre.record_id(), en=title)
        record.editions[0].body = f"<p>{body or title}</p>"
        await self.add(record.id, self.centre.publish(record))
        return record.id

    async def publish_many(self, count: int) -> None:
        """Publish `count` records at once."""
        for number in range(count):
            record = a_record(self.centre.record_id(), en=f"Report {number}")
            self._keep(record.id, self.centre.publish(record), hidden=False)
        await self._tell()

    async def retract(self, record_id: str) -> None:
        await self.add(record_id, self.centre.retract(record_id))

    async def hide(self, record: content_pb2.Record) -> None:
        await self.add(record.id, self.centre.publish(record), hidden=True)

    async def add(self, record_id: str, envelope: bytes, hidden: bool = False) -> None:
        self._keep(record_id, envelope, hidden)
        await self._tell()

    async def join(self, one: str, other: str) -> None:
        """Have an editor say that two records tell the same."""
        self.head += 1
        change = self._changes[one]
        change.number = self.head
        change.joined.append(other)
        await self._tell()

    def forget(self) -> None:
        """Lose the log, as a restore of an empty backup would."""
        self._changes.clear()
        self.head = 0

    async def Follow(  # noqa: N802 - the contract's name
        self, request: log_pb2.FollowRequest, context: Any
    ) -> AsyncIterator[log_pb2.FollowResponse]:
        self.asked_after.append(request.after)
        self.asked_in.append(request.epoch)
        cursor = request.after
        if cursor > self.head or (cursor and request.epoch != self.epoch):
            await context.abort(grpc.StatusCode.OUT_OF_RANGE, "no such change")
        yield log_pb2.FollowResponse(head=self.head, epoch=self.epoch)
        while True:
            page = sorted(
                (c for c in self._changes.values() if c.number > cursor), key=lambda c: c.number
            )[:200]
            if page:
                yield log_pb2.FollowResponse(changes=page, head=self.head, epoch=self.epoch)
                cursor = page[-1].number
                continue
            async with self._news:
                await self._news.wait_for(lambda: self.head > cursor)  # noqa: B023

    async def Report(  # noqa: N802 - the contract's name
        self, request: log_pb2.ReportRequest, context: Any
    ) -> log_pb2.ReportResponse:
        self.reports.append((request.follower, request.epoch, request.cursor))
        return log_pb2.ReportResponse()

    def _keep(self, record_id: str, envelope: bytes, hidden: bool) -> None:
        self.head += 1
        self._changes[record_id] = log_pb2.Change(
            number=self.head,
            record_id=record_id,
            hidden=hidden,
            entry=log_pb2.SignedEntry.FromString(envelope),
        )

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()
