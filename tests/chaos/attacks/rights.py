"""Attacks that stop nobody and take what is another's: each says what was had and should not be."""

import asyncio
import re
from collections.abc import Iterator
from html import unescape

import grpc
import httpx
from bri.log.v1 import log_pb2, log_pb2_grpc

from bri_kit import log
from tests.chaos.attacks.bodies import form_token
from tests.chaos.attacks.stage import PASSWORD, Attack, Stage
from tests.support.centres import a_record
from tests.support.hooks import HookServer
from tests.support.hostile_records import record_id, tiny

_KEY = re.compile(r"whsec_[A-Za-z0-9+/=]+")
_LINK = re.compile(r"/following/([A-Za-z0-9_.=-]+)")
_REAL, _JUNK, _WRONG = 400, 6_000, 24


def attacks() -> Iterator[Attack]:
    """All of them."""
    what = "somebody subscribes the address of another's service"
    yield Attack("webhook-takeover", what, webhook, with_faults=False)
    what = f"{_REAL} records, {_JUNK} tiny ones after them, then the {_REAL} withdrawn"
    yield Attack("brake-diluted", what, brake, 5.0, with_faults=False)
    what = f"{_WRONG} wrong passwords from as many addresses, then the right one"
    yield Attack("lock-out", what, lock_out, 5.0, with_faults=False)
    yield Attack("change-log", "the change log is followed without credentials", change_log, 5.0)


async def webhook(stage: Stage) -> str:
    """Two who ask for the same are shown each other's key and link."""
    service = HookServer()
    service.start()
    try:
        async with stage.client(timeout=30.0) as client:
            pages = [await _subscribed(stage, client, service.url) for _ in range(2)]
    finally:
        service.stop()
    keys, links = ([found.findall(page) for page in pages] for found in (_KEY, _LINK))
    if not all(keys):
        return ""
    same = [name for name, (one, two) in {"key": keys, "link": links}.items() if one[:1] == two[:1]]
    return f"the same {' and '.join(same)} for both" if same else ""


async def _subscribed(stage: Stage, client: httpx.AsyncClient, target: str) -> str:
    form = {"channel": "webhook", "target": target, "rhythm": "immediately"}
    url = f"{stage.place.hub}/en/follow/search?q=waste"
    answer = await stage.send(client, "POST", url, data=form)
    return unescape(answer.text) if answer is not None and answer.is_success else ""


async def brake(stage: Stage) -> str:
    """New records must not make room for the withdrawal of the old ones."""
    async with stage.centre() as centre:
        ids = [record_id(centre.code, stage.chance) for _ in range(_REAL)]
        await centre.publish_entries(log.published(a_record(each)) for each in ids)
        await centre.publish_entries(tiny(centre.code, stage.chance, _JUNK))
        await centre.publish_entries(log.retracted(each, 1, "gone") for each in ids)
        shown = await _until_steady(stage, centre.code)
    lost = _REAL + _JUNK - shown
    return f"{lost} records that were shown before are withdrawn" if lost > _REAL // 2 else ""


async def _until_steady(stage: Stage, code: str) -> int:
    """How many records of a centre are shown, once that does not change."""
    url = f"{stage.place.hub}/api/v1/search?limit=0&centre={code}"
    seen, same = -1, 0
    async with stage.client(timeout=10.0) as client:
        while same < 4:
            answer = await stage.send(client, "GET", url.replace("limit=0", "limit=1"))
            total = answer.json()["total"] if answer is not None and answer.is_success else -1
            same = same + 1 if total == seen else 0
            seen = total
            await asyncio.sleep(1.0)
    return seen


async def lock_out(stage: Stage) -> str:
    """Failures of others must not keep somebody out who has the password."""
    async with asyncio.TaskGroup() as trying:
        for index in range(_WRONG):
            trying.create_task(_sign_in(stage, "a wrong password", index + 1))
    status = await _sign_in(stage, PASSWORD, _WRONG + 1)
    return "" if status == 303 else f"the right password is answered {status}"


async def _sign_in(stage: Stage, password: str, address: int) -> int:
    """The status that somebody at an address is answered."""
    async with stage.client(timeout=60.0) as client:
        token = await form_token(stage, client, "/desk/sign-in")
        answer = await stage.send(
            client,
            "POST",
            f"{stage.place.node}/desk/sign-in",
            data={"token": token, "name": stage.place.user, "password": password, "place": "/"},
            headers={"X-Forwarded-For": f"198.51.100.{address}"},
        )
    return answer.status_code if answer is not None else 0


async def change_log(stage: Stage) -> str:
    """What the hub's replicas follow is not anybody's."""
    async with grpc.aio.insecure_channel(stage.place.changes) as channel:
        stub = log_pb2_grpc.LogServiceStub(channel)
        call = stub.Follow(log_pb2.FollowRequest(follower="a-stranger", after=0), timeout=5)
        try:
            async for each in call:
                return f"{len(each.changes)} whole records were read"
        except grpc.RpcError:
            return ""
    return ""
