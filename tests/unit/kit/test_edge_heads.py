"""Heads of requests that are larger than any of ours."""

from pathlib import Path
from unittest.mock import MagicMock

import pytest
from uvicorn.server import ServerState

from bri_kit import server
from bri_kit.settings import ServiceSettings
from tests.unit.kit.edges import an_app, client


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/healthz?q=" + "x" * 60_000, {}, 414),
        ("/" + "x" * 20_000, {}, 414),
        ("/healthz?q=" + "x" * 10_000, {}, 200),
        ("/healthz", {f"X-{number}": "x" for number in range(10_000)}, 431),
        ("/healthz", {"X-Long": "x" * 70_000}, 431),
    ],
    ids=["query", "path", "long query", "fields", "value"],
)
async def test_a_large_head_is_refused(
    tmp_path: Path, path: str, headers: dict[str, str], status: int
) -> None:
    answer = await client(an_app(tmp_path)).get(path, headers=headers)
    assert answer.status_code == status
    assert status == 200 or answer.json()["status"] == status


async def test_a_head_without_end_closes_its_connection(tmp_path: Path) -> None:
    """A body as long does not."""
    settings = ServiceSettings(data=tmp_path, port=1)
    config = server.configuration(an_app(tmp_path), settings)
    config.load()
    for is_head in (True, False):
        transport = MagicMock()
        transport.is_closing.return_value = False
        protocol = server._patient_for(60)(config, ServerState(), {})
        protocol.connection_made(transport)
        begin = b"POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n"
        protocol.data_received(begin if is_head else begin + b"\r\n")
        for _ in range(5):
            protocol.data_received((b"X-A: " if is_head else b"") + b"x" * 65_530 + b"\r\n")
        assert transport.close.called is is_head
        protocol.connection_lost(None)
