"""Receipts on request: what a centre asks for after being away."""

import asyncio
from contextlib import AbstractAsyncContextManager

import structlog
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError
from nats.aio.client import Client
from sqlalchemy import Engine

from bri_hub.ingest.questions import answering
from bri_hub.reaches import Reaches
from bri_hub.repository.receipts import receipts_after
from bri_kit import database, transport

logger = structlog.get_logger()


def answering_requests(
    client: Client, engine: Engine, reaches: Reaches
) -> AbstractAsyncContextManager[None]:
    """Every centre's requests for receipts are answered inside the block, centres in turn."""

    async def answer(centre: str, data: bytes) -> bytes | None:
        try:
            request = log_pb2.ReceiptsRequest.FromString(data)
        except DecodeError:
            logger.warning("request.unreadable", centre=centre)
            return None
        receipts = await asyncio.to_thread(_read, engine, centre, request.after)
        receipts.reaches.extend(reaches.of(centre))
        return receipts.SerializeToString()

    return answering(client, "receipts", transport.ask_subject("*"), answer)


def _read(engine: Engine, centre: str, after: int) -> log_pb2.Receipts:
    with database.reading(engine) as session:
        return receipts_after(session, centre, after)
