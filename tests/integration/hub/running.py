"""A hub in this process, and a centre's side of the line to it."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import httpx
from bri.log.v1 import log_pb2, log_pb2_grpc
from fastapi import FastAPI
from nats.aio.client import Client
from nats.aio.msg import Msg
from ulid import ULID

from bri_hub.admission import admit
from bri_hub.app import create_app
from bri_hub.settings import HubSettings
from bri_kit import transport
from bri_kit.publishing import Outgoing, Publisher
from tests.support.centres import Centre
from tests.support.waiting import eventually

NOWHERE = "127.0.0.1:1"
CHANGES_TOKEN = "the token of the change log"
WITH_TOKEN = (("authorization", f"Bearer {CHANGES_TOKEN}"),)
"""Metadata of calls to the change log."""
PATIENCE_SECONDS = 40.0
"""A pull that was lost with a broker's store is missed after 10 s at the latest."""
ADDRESS = "http://hub.test"


def introduce(data: Path, centre: Centre) -> None:
    """Admit the centre to the hub whose data is in `data`."""
    admit(
        data,
        {
            "code": centre.code,
            "names": {"en": f"Centre {centre.code}"},
            "languages": ["zh", "en", "ru"],
            "countries": ["KZ"],
            "public_key": b64encode(centre.public_key).decode(),
            "url": f"http://{centre.code}.test",
        },
    )


@dataclass(frozen=True, slots=True)
class RunningHub:
    """A hub that serves; `http` asks its API."""

    app: FastAPI
    http: httpx.AsyncClient

    async def json(self, path: str) -> Any:
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def has(self, record_id: str, status: int = 200) -> httpx.Response:
        """Wait for the record to be answered with `status`."""
        path = f"/api/v1/records/{record_id}"
        return await eventually(
            lambda: self.http.get(path), lambda answer: answer.status_code == status
        )

    async def centre(self, code: str = "sco") -> dict[str, Any]:
        status = await self.json("/api/v1/status")
        found: dict[str, Any] = next(each for each in status["centres"] if each["code"] == code)
        return found

    @asynccontextmanager
    async def follow(self, after: int = 0) -> AsyncIterator[Any]:
        """Responses of the change log."""
        port = self.app.state.parts.changes_port
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            request = log_pb2.FollowRequest(follower="test", after=after)
            call = log_pb2_grpc.LogServiceStub(channel).Follow(request, metadata=WITH_TOKEN)
            yield call
            call.cancel()


@asynccontextmanager
async def running_hub(
    data: Path, nats_url: str, search_url: str = NOWHERE, **more: Any
) -> AsyncIterator[RunningHub]:
    """A hub on the folder `data`, until the end of the block; `more` are further settings."""
    chosen: dict[str, Any] = {
        "data": data,
        "port": 1,
        "changes_port": 0,
        "changes_token": CHANGES_TOKEN,
        "nats_url": nats_url,
        "search_url": search_url,
        "public_url": ADDRESS,
    }
    settings = HubSettings(**chosen | more)
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as http,
    ):
        yield RunningHub(app, http)


@dataclass(slots=True)
class Line:
    """A centre's side: it sends, and keeps what it is told."""

    client: Client
    code: str
    receipts: dict[bytes, log_pb2.Receipt] = field(default_factory=dict)
    requests: list[log_pb2.ResendRequest] = field(default_factory=list)
    head: int = 0

    async def listen(self) -> None:
        async def receipts(message: Msg) -> None:
            told = log_pb2.Receipts.FromString(message.data)
            self.head = told.head
            self.receipts |= {each.hash: each for each in told.receipts}

        async def request(message: Msg) -> None:
            self.requests.append(log_pb2.ResendRequest.FromString(message.data))

        await self.client.subscribe(transport.receipt_subject(self.code), cb=receipts)
        await self.client.subscribe(transport.resend_subject(self.code), cb=request)
        await self.client.flush()

    async def send(self, *envelopes: bytes) -> None:
        """Put envelopes into the stream; each time under another message id."""
        publisher = Publisher(self.client)
        messages = [Outgoing(str(ULID()), each) for each in envelopes]

        async def sent() -> bool:
            errors = await publisher.publish(transport.log_subject(self.code), messages)
            return not any(errors)

        await eventually(sent, seconds=PATIENCE_SECONDS)

    async def receipt(self, hash_: bytes) -> log_pb2.Receipt:
        """Wait for the receipt of the bytes with this hash."""

        async def probe() -> log_pb2.Receipt | None:
            return self.receipts.get(hash_)

        receipt = await eventually(probe, seconds=PATIENCE_SECONDS)
        assert receipt is not None
        return receipt

    async def request(self) -> log_pb2.ResendRequest:
        """Wait for a request to send again."""

        async def probe() -> bool:
            return bool(self.requests)

        await eventually(probe, seconds=PATIENCE_SECONDS)
        return self.requests.pop(0)

    async def ask(self, after: int) -> log_pb2.Receipts:
        """The hub's answer to a request for receipts."""
        request = log_pb2.ReceiptsRequest(after=after).SerializeToString()
        answer = await self.client.request(transport.ask_subject(self.code), request, timeout=5)
        return log_pb2.Receipts.FromString(answer.data)
