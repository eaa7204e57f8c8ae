"""Gathers what the checks look at: over HTTP and gRPC as anybody would, and from the databases."""

import asyncio
import random
import sqlite3
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import httpx
from bri.log.v1 import log_pb2

from bri_hub.searching import SearchClient
from bri_retrieval.engine import Hit, Query
from tests.chaos.doors import Doors
from tests.chaos.promises import Promises
from tests.chaos.schedule import NODES, SEARCHES
from tests.chaos.site import Site
from tests.chaos.texts import KINDS
from tests.chaos.world import HubView, NodeView, ReplicaView, World

SAMPLE = 200
"""How many published records are asked for one by one; of retracted ones it is all."""
AT_ONCE = 4
PAGE = 100
ANSWER_SECONDS = 30.0

Item = TypeVar("Item")


async def gather(site: Site, promises: Mapping[str, Promises], seed: int) -> World:
    """The world as it is now.

    Raises:
        httpx.HTTPError, bri_kit.errors.BriError, sqlite3.Error: something does not answer.
    """
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
        nodes = [await _node(client, site, promises[code]) for code in NODES]
        hub_url = site.layout.url("hub")
        listed = [
            (each["id"], each["provenance"]["entry"])
            async for each in pages(client, f"{hub_url}/api/v1/records")
        ]
        logs = await asyncio.to_thread(_hub_logs, site.folder("hub") / "hub.db")
        world = World(nodes, HubView(logs, listed, {}), [])
        chance = random.Random(seed)
        some = chance.sample(sorted(world.published), min(SAMPLE, len(world.published)))
        world.hub.proofs = await _proofs(client, hub_url, [*some, *world.retracted])
        searches = {name: SearchClient(f"127.0.0.1:{site.search_port(name)}") for name in SEARCHES}
        try:
            world.replicas = [await _replica(*each, world, some) for each in searches.items()]
            nodes_at = {code: site.layout.url(code) for code in NODES}
            doors = Doors(client, hub_url, nodes_at, [*searches.values()], world.titles)
            reached = await all_of(world.retracted.values(), doors.reach)
        finally:
            for search in searches.values():
                await search.close()
        world.reached = [each for found in reached for each in found]
    return world


async def pages(client: httpx.AsyncClient, url: str) -> AsyncIterator[dict[str, Any]]:
    """All items of a list."""
    params: dict[str, Any] = {"limit": PAGE}
    while True:
        answer = await client.get(url, params=params)
        answer.raise_for_status()
        page = answer.json()
        for item in page["items"]:
            yield item
        if page["cursor"] is None:
            return
        params["cursor"] = page["cursor"]


async def all_of(
    items: Iterable[Item], ask: Callable[[Item], Awaitable[Any]], at_once: int = AT_ONCE
) -> list[Any]:
    """The answers about all items, in their order, some asked at once."""
    room = asyncio.Semaphore(at_once)

    async def one(item: Item) -> Any:
        async with room:
            return await ask(item)

    return await asyncio.gather(*(one(item) for item in items))


async def _node(client: httpx.AsyncClient, site: Site, promises: Promises) -> NodeView:
    code = promises.centre
    url = f"{site.layout.url(code)}/api/v1"
    centre = (await client.get(f"{url}/centre")).json()
    envelopes = [_envelope(each) async for each in pages(client, f"{url}/log")]
    delivery = (await client.get(f"{url}/delivery")).json()
    return NodeView(
        code=code,
        key=b64decode(centre["public_key"]),
        envelopes=envelopes,
        receipts=await asyncio.to_thread(_receipts, site.folder(code) / "node.db"),
        waiting=delivery["waiting"],
        listed=[each["id"] async for each in pages(client, f"{url}/records")],
        found=await _searched(client, url),
        promises=promises,
    )


async def _searched(client: httpx.AsyncClient, url: str) -> list[str]:
    """What a node's own search lists; by kinds, because no list goes beyond 10 000."""
    shown: list[str] = []
    told: set[str] = set()
    for kind in KINDS:
        offset = 0
        while True:
            params: dict[str, str | int] = {
                "kind": kind,
                "sort": "newest",
                "limit": PAGE,
                "offset": offset,
            }
            answer = await client.get(f"{url}/search", params=params)
            answer.raise_for_status()
            hits = answer.json()["hits"]
            shown += [hit["id"] for hit in hits]
            told.update(*(hit["story"] for hit in hits))
            if len(hits) < PAGE:
                break
            offset += PAGE
    return shown + sorted(told.difference(shown))


def _envelope(proof: Mapping[str, str]) -> bytes:
    """The envelope whose parts an API shows, as it is stored."""
    parts = {name: b64decode(proof[name]) for name in ("entry", "signature", "key")}
    return log_pb2.SignedEntry(**parts).SerializeToString()


async def _proofs(client: httpx.AsyncClient, hub_url: str, ids: Sequence[str]) -> dict[str, bytes]:
    async def proof(record_id: str) -> bytes:
        answer = await client.get(f"{hub_url}/api/v1/records/{record_id}/proof")
        return _envelope(answer.json()) if answer.is_success else b""

    return dict(zip(ids, await all_of(ids, proof), strict=True))


async def _replica(
    name: str, search: SearchClient, world: World, some: Sequence[str]
) -> ReplicaView:
    status = await search.status()
    hits = [hit for code in NODES for kind in KINDS for hit in await _list(search, code, kind)]
    listed = [(hit.id, hit.title) for hit in hits]
    told = {other for hit in hits for other in hit.story}.difference(hit.id for hit in hits)
    listed += [(each, "") for each in sorted(told)]

    async def is_found(record_id: str) -> bool:
        mark = world.published[record_id].mark
        hits = (await search.search(Query(mark))).hits
        return any(record_id in (hit.id, *hit.story) for hit in hits)

    found = await all_of(some, is_found)
    missing = [each for each, is_there in zip(some, found, strict=True) if not is_there]
    return ReplicaView(name, status.records, listed, missing)


async def _list(search: SearchClient, code: str, kind: str) -> list[Hit]:
    """The cards that a replica shows of a centre and a kind."""
    listed: list[Hit] = []
    while True:
        query = Query(centres=(code,), kinds=(kind,), sort="newest", limit=PAGE, offset=len(listed))
        hits = (await search.search(query)).hits
        listed += hits
        if len(hits) < PAGE:
            return listed


def _hub_logs(path: Path) -> dict[str, dict[int, bytes]]:
    logs: dict[str, dict[int, bytes]] = {}
    with closing(_read_only(path)) as database:
        for centre, number, envelope in database.execute(
            "SELECT centre, number, envelope FROM entry"
        ):
            logs.setdefault(centre, {})[number] = envelope
    return logs


def _receipts(path: Path) -> dict[int, str]:
    with closing(_read_only(path)) as database:
        return dict(database.execute("SELECT number, verdict FROM receipt").fetchall())


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)
