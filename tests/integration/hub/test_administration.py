"""What the hub's admin decides, over HTTP: by whom, with what effect, and written down."""

from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from nacl.signing import SigningKey

from bri_hub.tokens import create_token
from bri_kit import clock, signing
from tests.integration.hub.running import ADDRESS, Line, RunningHub
from tests.support.centres import Centre, a_record
from tests.support.waiting import eventually

ADMIN = "/api/v1/admin"
WHY = {"reason": "decided in a test"}


@pytest.fixture
async def admin(hub: RunningHub, data: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client with an admin's token."""
    headers = {"Authorization": f"Bearer {create_token(data, 'admin', 'ops')}"}
    transport = httpx.ASGITransport(hub.app)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers) as client:
        yield client


async def decide(admin: httpx.AsyncClient, path: str, **more: str) -> dict[str, Any]:
    answer = await admin.post(f"{ADMIN}/centres/{path}", json=WHY | more)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


PATHS = [
    ("GET", "/centres"), ("GET", "/audit"), ("GET", "/centres/sco/evidence"),
    ("POST", "/centres/sco/limit"), ("POST", "/centres/sco/suspend"),
    ("POST", "/centres/sco/resume"), ("POST", "/centres/sco/brake/release"),
    ("POST", "/centres/sco/brake/refuse"), ("POST", "/centres/sco/keys/revoke"),
    ("POST", "/centres/sco/keys"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_only_an_admin_of_the_hub_may_ask(
    hub: RunningHub, data: Path, method: str, path: str
) -> None:
    """No token, one of somebody else, or one of a lesser role: nothing is said and nothing done."""
    body = None if method == "GET" else WHY | {"key": b64encode(bytes(32)).decode()}
    tokens = {"": 401, "Bearer bri_hub_invented": 401, "Bearer bri_sco_x": 401, "Basic eA==": 401}
    tokens[f"Bearer {create_token(data, 'editor', 'Li')}"] = 403
    for token, status in tokens.items():
        headers = {"Authorization": token} if token else {}
        answer = await hub.http.request(method, ADMIN + path, json=body, headers=headers)
        assert answer.status_code == status
    assert (await hub.centre())["state"] == "active"


@pytest.mark.parametrize("action", ["limit", "suspend"])
async def test_a_centre_is_hidden_everywhere_at_once_and_comes_back(
    hub: RunningHub, sco: Centre, line: Line, admin: httpx.AsyncClient, action: str
) -> None:
    """At the API with the answer, and for whoever follows the change log as the next change."""
    record_id = sco.record_id()
    await line.send(sco.publish(a_record(record_id)))
    await hub.has(record_id)
    async with hub.follow(1) as call:
        assert (await call.read()).head == 1
        told = await decide(admin, f"sco/{action}")
        assert (await hub.http.get(f"/api/v1/records/{record_id}")).status_code == 404
        assert (await hub.json("/api/v1/records"))["items"] == []
        assert told["state"] == (await hub.centre())["state"] != "active"
        [change] = (await call.read()).changes
        assert (change.record_id, change.hidden, change.number) == (record_id, True, 2)
        await decide(admin, "sco/resume")
        [change] = (await call.read()).changes
        assert (change.hidden, change.number) == (False, 3)
    assert (await hub.http.get(f"/api/v1/records/{record_id}")).status_code == 200


async def test_a_limited_centre_is_accepted_and_a_suspended_one_waits(
    hub: RunningHub, sco: Centre, line: Line, admin: httpx.AsyncClient
) -> None:
    """What waited is taken in after the resume, with nothing new arriving."""
    await decide(admin, "sco/limit")
    await line.send(sco.publish())
    receipt = await line.receipt(sco.head)
    assert receipt.reason == ""
    await decide(admin, "sco/suspend")
    record_id = sco.record_id()
    await line.send(sco.publish(a_record(record_id)))
    held = await line.receipt(sco.head)
    assert (held.reason, (await hub.centre())["last_entry"]["number"]) == ("suspended", 1)
    assert WHY["reason"] in held.detail
    await decide(admin, "sco/resume")
    await hub.has(record_id)


async def test_what_the_brake_holds_is_shown_and_released(
    hub: RunningHub, sco: Centre, line: Line, admin: httpx.AsyncClient
) -> None:
    """The default is more than fifty and more than a tenth within an hour."""
    sco.at = clock.timestamp()
    ids = [sco.record_id() for _ in range(60)]
    await line.send(*(sco.publish(a_record(each)) for each in ids))
    await line.send(*(sco.retract(each) for each in ids))
    assert (await line.receipt(sco.head)).reason == "brake"
    hold = (await hub.centre())["hold"]
    assert (hold["from"], hold["disturbed"], hold["records"]) == (111, 51, 60)
    assert "brake.held" in (await hub.http.get("/metrics")).text
    assert (await hub.http.get(f"/api/v1/records/{ids[50]}")).status_code == 200
    await decide(admin, "sco/brake/release")
    await hub.has(ids[59], 410)
    assert (await hub.centre())["hold"] is None


async def test_a_fork_is_shown_with_its_evidence(
    hub: RunningHub, sco: Centre, line: Line, admin: httpx.AsyncClient
) -> None:
    """Both envelopes, as the centre signed them."""
    await line.send(sco.publish())
    await line.receipt(sco.head)
    twin = Centre("sco", sco.key)
    await line.send(twin.publish())
    await eventually(hub.centre, lambda centre: centre["state"] == "suspended")
    assert (await hub.centre())["forks"] == 1
    items = (await admin.get(f"{ADMIN}/centres/sco/evidence")).json()["items"]
    assert {item["hash"] for item in items} == {sco.head.hex(), twin.head.hex()}
    assert (await admin.get(f"{ADMIN}/centres/nobody/evidence")).status_code == 404


async def test_every_decision_is_in_the_audit_log(
    hub: RunningHub, sco: Centre, line: Line, admin: httpx.AsyncClient
) -> None:
    """Who, when, what and why, the newest first, in pages."""
    new = b64encode(signing.public_key(SigningKey.generate())).decode()
    await decide(admin, "sco/limit")
    await decide(admin, "sco/keys/revoke")
    await decide(admin, "sco/keys", key=new)
    page = (await admin.get(f"{ADMIN}/audit", params={"limit": 2})).json()
    assert [each["action"] for each in page["items"]] == ["key enter", "key revoke"]
    assert {each["actor"] for each in page["items"]} == {"ops"}
    assert all(each["at"] and each["reason"] == WHY["reason"] for each in page["items"])
    page = (await admin.get(f"{ADMIN}/audit", params={"cursor": page["cursor"]})).json()
    assert [each["action"] for each in page["items"]] == ["limit"]
    assert (await admin.get(f"{ADMIN}/audit?centre=asean")).json()["items"] == []
    [centre] = (await admin.get(f"{ADMIN}/centres")).json()["items"]
    assert [each["revoked"] for each in centre["keys"]] == [True, False]
    assert (await hub.json("/api/v1/centres/sco"))["public_key"] == new


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("sco/limit", {}, 422),
        ("sco/limit", {"reason": "   "}, 422),
        ("sco/limit", {"reason": "x" * 1001}, 422),
        ("sco/limit", {"reason": 1}, 422),
        ("sco/limit", {"reason": "x", "colour": "red"}, 422),
        ("sco/resume", WHY, 409),
        ("sco/brake/release", WHY, 409),
        ("sco/keys", WHY | {"key": "AAAA"}, 422),
        ("sco/keys", WHY | {"key": "no base64!"}, 422),
        ("sco/keys", WHY | {"key": b64encode(bytes(32)).decode()}, 409),
        ("sco/keys/revoke", WHY | {"key": b64encode(bytes(32)).decode()}, 404),
        ("nobody/limit", WHY, 404),
    ],
)
async def test_what_cannot_be_decided_is_a_problem_and_leaves_no_line(
    hub: RunningHub, admin: httpx.AsyncClient, path: str, body: dict[str, Any], status: int
) -> None:
    """Nothing changes."""
    answer = await admin.post(f"{ADMIN}/centres/{path}", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await admin.get(f"{ADMIN}/audit")).json()["items"] == []
