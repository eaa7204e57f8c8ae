"""A node that runs in the test: the real application on a data directory, asked over HTTP."""

from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import orjson
from fastapi import FastAPI

from bri_kit.auth import Role
from bri_node.app import create_app
from bri_node.patience import Pace
from bri_node.profile import NodeSettings, Profile
from bri_node.tokens import create_token

QUICK = Pace(
    retry=0.02, ask=0.1, answer=2.0, patience=0.3, longest_patience=1.0, hold=0.5, idle=0.2
)


class RunningNode:
    """A node on `data`; it can be stopped and started. `reader` has no token; the others have."""

    def __init__(self, profile: Profile, data: Path, nats_url: str = "") -> None:
        self.profile = profile
        self.data = data
        self.settings = NodeSettings(
            data=data,
            port=1,
            nats_url=nats_url,
            public_url="http://node",
            failures_per_minute=1_000,
            _env_file=None,
        )
        self.app: FastAPI
        self._running = AsyncExitStack()

    async def start(self) -> None:
        self.app = create_app(self.profile, self.settings, QUICK)
        await self._running.enter_async_context(self.app.router.lifespan_context(self.app))
        self.reader = await self.client(None)
        self.contributor = await self.client(Role.CONTRIBUTOR)
        self.editor = await self.client(Role.EDITOR)

    async def stop(self) -> None:
        await self._running.aclose()

    async def client(self, role: Role | None) -> httpx.AsyncClient:
        headers = {}
        if role is not None:
            token = create_token(self.data, self.profile.code, role, role.name.title())
            headers["Authorization"] = f"Bearer {token}"
        return await self._running.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=False),
                base_url="http://node",
                headers=headers,
            )
        )

    async def publish(self, **changes: Any) -> dict[str, Any]:
        """A new published record."""
        return await self.create(publish=True, **changes)

    async def create(self, *, publish: bool = False, **changes: Any) -> dict[str, Any]:
        """A new record."""
        answer = await self.editor.post(
            "/api/v1/records", params={"publish": publish}, json=a_document(**changes)
        )
        assert answer.status_code == 201, answer.text
        return read(answer)

    async def delivery(self) -> dict[str, Any]:
        return read(await self.reader.get("/api/v1/delivery"))

    async def public_key(self) -> bytes:
        return b64decode(read(await self.reader.get("/api/v1/centre"))["public_key"])


def a_document(**changes: Any) -> dict[str, Any]:
    """A valid record as an editor sends it."""
    document: dict[str, Any] = {
        "kind": "news",
        "original_language": "zh",
        "editions": {
            "zh": {"title": "固体废物管理", "summary": "摘要", "body": "<p>正文。</p>"},
            "en": {"title": "Solid waste management", "body": "<p>Text.</p>", "origin": "machine"},
        },
        "countries": ["KZ", "CN"],
        "topics": ["solid-waste"],
        "source": {"name": "中国环境报", "url": "https://example.org/1"},
        "dates": {"event": "2018-12-20", "original": "2019-01-08"},
    }
    return document | changes


def read(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object in an answer."""
    document = answer.json()
    assert isinstance(document, dict)
    return document


def fields(answer: httpx.Response) -> list[str]:
    """The fields that a problem document names."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = read(answer)
    assert problem["status"] == answer.status_code
    assert problem["title"]
    return [error["field"] for error in problem["errors"]]


def ndjson(answer: httpx.Response) -> list[dict[str, Any]]:
    """The lines of an answer."""
    return [orjson.loads(line) for line in answer.text.splitlines()]


async def log_of(client: httpx.AsyncClient, limit: int = 1000) -> AsyncIterator[dict[str, Any]]:
    """All entries of a node's log, page by page."""
    url: str | None = f"/api/v1/log?limit={limit}"
    while url is not None:
        answer = await client.get(url)
        for item in read(answer)["items"]:
            yield item
        url = answer.links["next"]["url"] if "next" in answer.links else None
