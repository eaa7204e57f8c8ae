"""A request's body is read once its sender may send one, and no further than its route takes."""

from typing import Any

import pytest
from starlette.types import Message

from bri_kit.auth import Role
from tests.integration.doors.conftest import Service
from tests.support.routes import writes_of

_PART = 64 * 1024
_PARTS = 30 * 1024 * 1024 // _PART
_DESK_FORM = "application/x-www-form-urlencoded"


class Upload:
    """A request whose body of 30 MB comes in parts; `taken` counts the bytes that were received."""

    def __init__(self, method: str, path: str, *headers: tuple[str, str]) -> None:
        kind = _DESK_FORM if path.startswith("/desk") else "application/json"
        self.taken = 0
        self.status = 0
        self.part = b"[],".ljust(_PART, b"[")
        self.answer: dict[str, str] = {}
        self.scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [
                (name.encode(), value.encode())
                for name, value in (("host", "service"), ("content-type", kind), *headers)
            ],
            "client": ("203.0.113.7", 1),
            "server": ("service", 80),
            "state": {},
        }

    async def send_to(self, service: Service) -> "Upload":
        await service.app(self.scope, self._receive, self._send)
        return self

    async def _receive(self) -> Message:
        self.taken += _PART
        more = self.taken < _PART * _PARTS
        return {"type": "http.request", "body": self.part, "more_body": more}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.answer = {name.decode(): value.decode() for name, value in message["headers"]}


async def test_without_a_token_no_route_reads_a_large_body(service: Service) -> None:
    """30 MB are refused after at most 64 KiB, on every route that there is."""
    found = []
    for method, path in writes_of(service.app):
        sent = await Upload(method, path).send_to(service)
        if not sent.status or sent.taken > 2 * _PART:
            found.append((method, path, sent.status, sent.taken))
    assert not found


async def test_an_invalid_token_is_refused_before_the_body_is_read(service: Service) -> None:
    """Nothing is received at all, and the connection on which it would come is closed."""
    invalid = ("authorization", f"Bearer {service.tokens[Role.ADMIN]}x")
    found = []
    count = 0
    for method, path in writes_of(service.app):
        if not path.startswith("/api/v1/"):
            continue
        count += 1
        for length in (("content-length", str(_PART * _PARTS)), ("transfer-encoding", "chunked")):
            sent = await Upload(method, path, invalid, length).send_to(service)
            if (sent.status, sent.taken) != (401, 0) or sent.answer.get("connection") != "close":
                found.append((method, path, sent.status, sent.taken))
    assert count > 5
    assert not found


async def test_who_may_send_little_is_refused_when_it_becomes_much(hub: Service) -> None:
    """A decision of the hub's admins fits in 64 KiB."""
    valid = ("authorization", f"Bearer {hub.tokens[Role.ADMIN]}")
    sent = Upload("POST", "/api/v1/admin/centres/sco/limit", valid)
    sent.part = b" " * _PART
    await sent.send_to(hub)
    assert sent.status == 413
    assert sent.taken <= 2 * _PART


async def test_a_role_that_may_not_is_refused_before_the_body_is_read(service: Service) -> None:
    """Who lacks the role sends nothing either."""
    path = "/api/v1/sources" if service.name == "node" else "/api/v1/admin/centres/sco/limit"
    valid = ("authorization", f"Bearer {service.tokens[Role.CONTRIBUTOR]}")
    sent = await Upload("POST", path, valid).send_to(service)
    assert (sent.status, sent.taken) == (403, 0)


async def test_a_revoked_token_sends_nothing(node: Service) -> None:
    """Not even right after a request that it was good for."""
    from bri_node.tokens import tokens_of

    token = node.tokens[Role.EDITOR]
    async with node.of(Role.EDITOR) as http:
        assert (await http.get("/api/v1/sources")).status_code == 200
    with tokens_of(node.data, "sco") as tokens:
        tokens.revoke(token)
    sent = await Upload("POST", "/api/v1/records", ("authorization", f"Bearer {token}")).send_to(
        node
    )
    assert (sent.status, sent.taken) == (401, 0)


@pytest.mark.parametrize(
    "body",
    [b"[" * _PART, b"[]," * 30_000, b'{"a":' * 20_000, b"1," * 50_000],
    ids=["deep", "empty lists", "deep objects", "numbers"],
)
async def test_a_record_of_too_many_values_is_refused_before_it_is_decoded(
    node: Service, body: bytes
) -> None:
    """A body that is small and holds what no record does costs as little as it weighs."""
    async with node.of(Role.CONTRIBUTOR) as http:
        headers = {"Content-Type": "application/json"}
        answer = await http.post("/api/v1/records", content=b'{"kind":[' + body, headers=headers)
    assert answer.status_code in (400, 413)
    assert "at most 20,000 values" in answer.text or "nested deeper" in answer.text
