"""Receipts on request: what a centre asks for after being away."""

import asyncio

import structlog
from bri.log.v1 import log_pb2
from google.protobuf.message import DecodeError
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from sqlalchemy import Engine

from bri_hub.reaches import Reaches
from bri_hub.repository.receipts import receipts_after
from bri_kit import database, transport
from bri_kit.access import is_inbox_of

logger = structlog.get_logger()


async def answer_requests(client: Client, engine: Engine, reaches: Reaches) -> Subscription:
    """Answer every centre's requests for receipts from now on, one after the other, until the end
    of the subscription."""

    async def answer(message: Msg) -> None:
        try:
            request = log_pb2.ReceiptsRequest.FromString(message.data)
        except DecodeError:
            logger.warning("request.unreadable", subject=message.subject)
            return
        centre = transport.centre_of_subject(message.subject)
        answer = await asyncio.to_thread(_read, engine, centre, request.after)
        answer.reaches.extend(reaches.of(centre))
        if is_inbox_of(message.reply, centre):
            await client.publish(message.reply, answer.SerializeToString())

    return await client.subscribe(transport.ask_subject("*"), cb=answer)


def _read(engine: Engine, centre: str, after: int) -> log_pb2.Receipts:
    with database.reading(engine) as session:
        return receipts_after(session, centre, after)
