"""Passwords that are guessed at cost a node little, and keep nobody out."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import httpx
import pytest

from bri_kit.auth import Role
from bri_node.desk import users
from tests.integration.node.desk import PASSWORD, Editor, add_user
from tests.integration.node.running import RunningNode
from tests.support.waiting import eventually

WRONG = "wrong password"


@pytest.fixture
async def limited(node: RunningNode) -> RunningNode:
    """A node where three attempts may fail in a minute."""
    node.settings = node.settings.model_copy(update={"failures_per_minute": 3})
    await node.stop()
    await node.start()
    add_user(node, "li", Role.EDITOR)
    add_user(node, "min", Role.CONTRIBUTOR)
    return node


def at(node: RunningNode, address: str) -> Editor:
    """Somebody whose browser is at this address."""
    transport = httpx.ASGITransport(node.app, raise_app_exceptions=False, client=(address, 1))
    return Editor(
        httpx.AsyncClient(transport=transport, base_url="http://node", follow_redirects=True)
    )


async def statuses(editors: list[Editor], name: str, password: str) -> list[int]:
    """What attempts that are made at the same time are answered."""
    pages = [await each.get("/sign-in") for each in editors]
    sent = [
        each.send(page, "/sign-in", name=name, password=password)
        for each, page in zip(editors, pages, strict=True)
    ]
    return [page.status for page in await asyncio.gather(*sent)]


async def test_no_more_are_verified_at_once_than_may_fail(limited: RunningNode) -> None:
    """The limit holds for attempts that arrive together."""
    told = await statuses([at(limited, "203.0.113.1") for _ in range(8)], "li", WRONG)
    assert sorted(set(told)) == [401, 429]
    assert told.count(401) == 3


async def test_success_is_not_counted(limited: RunningNode) -> None:
    """Somebody may sign in as often as they like."""
    for _ in range(5):
        assert await statuses([at(limited, "203.0.113.1")], "li", PASSWORD) == [200]


async def test_strangers_keep_nobody_from_a_device_of_their_own(limited: RunningNode) -> None:
    """Whether they guess from many addresses, or from the same one."""
    own = at(limited, "198.51.100.7")
    assert (await own.sign_in("li")).status == 200
    for address in ("203.0.113.1", "198.51.100.7"):
        told = await statuses([at(limited, address) for _ in range(5)], "li", WRONG)
        assert 429 in told
    own.browser.cookies.delete("bri_desk")
    assert (await own.sign_in("li")).status == 200


async def test_a_device_is_slowed_too_and_known_for_its_own_users_alone(
    limited: RunningNode,
) -> None:
    """Its cookie is no way to guess on, for its user or for another."""
    own = at(limited, "198.51.100.7")
    assert (await own.sign_in("li")).status == 200
    cookie = own.browser.cookies["bri_desk_device"]
    own.browser.cookies.delete("bri_desk")
    told = [(await own.sign_in("li", WRONG)).status for _ in range(4)]
    assert told == [401, 401, 401, 429]
    told = [(await own.sign_in("min", WRONG)).status for _ in range(4)]
    assert told == [401, 401, 401, 429]
    forged = at(limited, "198.51.100.7")
    forged.browser.cookies.set("bri_desk_device", f"2{cookie[1:]}", path="/desk")
    assert (await forged.sign_in("min")).status == 429


class Slow:
    """A hasher whose verifications wait to be released; it counts those that run."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.running = self.most = 0

    def hash(self, _password: str) -> str:
        return "hash"

    def verify(self, _password: str, _kept: str) -> bool:
        self.running += 1
        self.most = max(self.most, self.running)
        self.released.wait(30)
        self.running -= 1
        return False


@contextmanager
def slow() -> Iterator[Slow]:
    hasher = Slow()
    with (
        patch.object(users, "_hasher", lambda: hasher),
        patch.object(users, "_nobodys", lambda: "hash"),
    ):
        try:
            yield hasher
        finally:
            hasher.released.set()


async def test_two_passwords_are_verified_at_a_time(limited: RunningNode) -> None:
    """Others wait, a few; the rest are told to come again. Meanwhile no connection to the database
    is held, and readers are served."""
    editors = [at(limited, f"203.0.113.{number}") for number in range(20)]
    pages = [await each.get("/sign-in") for each in editors]
    with slow() as hasher:
        tasks = [
            asyncio.create_task(each.send(page, "/sign-in", name=f"n{number}", password=WRONG))
            for number, (each, page) in enumerate(zip(editors, pages, strict=True))
        ]
        await eventually(lambda: _is(sum(task.done() for task in tasks) >= 9))
        assert all(task.result().status == 429 for task in tasks if task.done())
        assert all("retry-after" in task.result().answer.headers for task in tasks if task.done())
        assert limited.app.state.node.store._engine.pool.checkedout() == 0
        assert (await limited.reader.get("/api/v1/centre")).status_code == 200
        hasher.released.set()
        await asyncio.gather(*tasks)
    assert hasher.most <= 2


async def _is(fact: bool) -> bool:
    return fact


async def test_a_large_form_is_taken_of_who_has_been_here(limited: RunningNode) -> None:
    """Of a stranger it is not read; a session that ran out while somebody wrote loses nothing."""
    stranger, own = at(limited, "203.0.113.1"), at(limited, "198.51.100.7")
    large = {"editions.zh.title": "t", "editions.zh.body": "字" * 100_000}
    answer = await stranger.browser.post("/desk/records/new-1/edit", data=large)
    assert answer.status_code == 401
    assert "字字" not in answer.text
    assert (await own.sign_in("li")).status == 200
    own.browser.cookies.delete("bri_desk")
    answer = await own.browser.post("/desk/records/new-1/edit", data=large)
    assert answer.status_code == 401
    assert answer.text.count("%E5%AD%97") == 100_000
