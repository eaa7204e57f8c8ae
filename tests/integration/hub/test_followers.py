"""Nobody reads the change log, or reports to it, without its token."""

import socket
from pathlib import Path
from typing import Any

import grpc
import pytest
from bri.log.v1 import log_pb2, log_pb2_grpc

from bri_hub import changes
from bri_hub.followers import FILE, load_token
from bri_hub.settings import HubSettings
from tests.integration.hub.running import (
    CHANGES_TOKEN,
    NOWHERE,
    WITH_TOKEN,
    RunningHub,
    running_hub,
)
from tests.support.nats import NatsServer

_REFUSED = [
    (),
    (("authorization", ""),),
    (("authorization", CHANGES_TOKEN),),
    (("authorization", f"Bearer {CHANGES_TOKEN}x"),),
    (("authorization", "Bearer "),),
]


def channel_to(hub: RunningHub) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(f"127.0.0.1:{hub.app.state.parts.changes_port}")


async def code_of(call: Any) -> grpc.StatusCode | None:
    """How a call is answered; None where it succeeds."""
    try:
        await (call.read() if hasattr(call, "read") else call)
    except grpc.aio.AioRpcError as error:
        return error.code()
    finally:
        call.cancel()
    return None


@pytest.mark.parametrize("metadata", _REFUSED)
async def test_a_call_without_the_token_is_refused(hub: RunningHub, metadata: Any) -> None:
    """Whatever it asks for; no follower comes of it."""
    async with channel_to(hub) as channel:
        stub = log_pb2_grpc.LogServiceStub(channel)
        follow = stub.Follow(log_pb2.FollowRequest(follower="x"), metadata=metadata)
        assert await code_of(follow) is grpc.StatusCode.UNAUTHENTICATED
        report = stub.Report(log_pb2.ReportRequest(follower="x"), metadata=metadata)
        assert await code_of(report) is grpc.StatusCode.UNAUTHENTICATED
        follow = stub.Follow(log_pb2.FollowRequest(follower="x"), metadata=WITH_TOKEN)
        assert await code_of(follow) is None
    assert not hub.app.state.parts.reaches.followers


async def test_so_many_follow_and_no_more(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """One who ends makes room."""
    monkeypatch.setattr(changes, "MAX_STREAMS", 2)
    async with channel_to(hub) as channel:
        stub = log_pb2_grpc.LogServiceStub(channel)

        def follow() -> Any:
            return stub.Follow(log_pb2.FollowRequest(follower="x"), metadata=WITH_TOKEN)

        first, second = follow(), follow()
        await first.read()
        await second.read()
        assert await code_of(follow()) is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_the_token_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    settings = HubSettings(data=tmp_path)
    token = load_token(settings)
    assert len(token) >= 43
    assert load_token(settings) == token
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


async def test_the_change_log_stays_on_the_loopback(tmp_path: Path, broker: NatsServer) -> None:
    """Where the hub's pages are for everybody too."""
    async with running_hub(tmp_path / "other", broker.url, NOWHERE, host="0.0.0.0") as hub:
        port = hub.app.state.parts.changes_port
        socket.create_connection(("127.0.0.1", port), 5).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), 5)
