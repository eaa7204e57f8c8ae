"""Waiting until a federation has healed, without touching it.

It has healed when every check holds. What is cheap to ask is asked first: that every entry has its
receipt, that the hub has every entry, that every replica has every change.
"""

import asyncio
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass

import grpc
import httpx

from bri_hub.searching import SearchClient
from bri_kit.errors import BriError
from tests.chaos.checks import Finding, Kind, check
from tests.chaos.gathering import gather
from tests.chaos.promises import Promises
from tests.chaos.schedule import NODES, SEARCHES
from tests.chaos.site import Say, Site
from tests.chaos.world import World

PAUSE_SECONDS = 0.5
CHECK_PAUSE_SECONDS = 1.0
_NO_ANSWER = (httpx.HTTPError, BriError, sqlite3.Error, grpc.RpcError, OSError, KeyError)


@dataclass(slots=True)
class Healed:
    """How it ended: the last that was seen of the world, what is wrong with it, and the seconds
    until all was well."""

    seconds: float
    world: World | None
    findings: list[Finding]


async def until_healed(
    site: Site, promises: Mapping[str, Promises], seed: int, limit: float, say: Say
) -> Healed:
    """Wait until every check holds, or `limit` seconds have gone by."""
    began = time.monotonic()
    told = ""
    world, findings = None, [Finding(Kind.LOST, "nothing was ever checked")]
    while True:
        missing = await _what_is_missing(site)
        settled = time.monotonic() - began
        if missing is None or settled > limit:
            try:
                asking = time.monotonic()
                world = await gather(site, promises, seed)
                findings = await asyncio.to_thread(check, world)
                say(f"everything was asked in {time.monotonic() - asking:.1f} s")
            except _NO_ANSWER as error:
                findings = [Finding(Kind.LOST, f"not to be seen: {error!r}")]
            missing = str(findings[0]) if findings else None
            if not findings or settled > limit:
                return Healed(settled, world, findings)
            await asyncio.sleep(CHECK_PAUSE_SECONDS)
        if missing != told:
            say(f"healing: {missing}")
            told = missing or ""
        await asyncio.sleep(PAUSE_SECONDS)


async def _what_is_missing(site: Site) -> str | None:
    """What has not healed yet, in words; None where it seems to have."""
    try:
        return await _missing(site)
    except _NO_ANSWER as error:
        return f"no answer: {error!r}"


async def _missing(site: Site) -> str | None:
    async with httpx.AsyncClient(timeout=5) as client:
        status = (await client.get(f"{site.layout.url('hub')}/api/v1/status")).json()
        heads = {each["code"]: each["last_entry"]["number"] for each in status["centres"]}
        for code in NODES:
            delivery = (await client.get(f"{site.layout.url(code)}/api/v1/delivery")).json()
            written, waiting = delivery["written"], delivery["waiting"]
            if waiting:
                return f"{code}: {waiting} of {written} entries wait for a receipt"
            if heads[code] != written:
                return f"the hub has {heads[code]} of {code}'s {written} entries"
    for name in SEARCHES:
        search = SearchClient(f"127.0.0.1:{site.search_port(name)}")
        try:
            cursor = (await search.status()).cursor
        finally:
            await search.close()
        if cursor != status["head"]:
            return f"{name} is at change {cursor} of {status['head']}"
    return None
