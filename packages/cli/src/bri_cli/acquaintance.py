"""Whether the hub knows the centres of this machine as they are: by key, names and address.

Asking over HTTP costs milliseconds. Admitting again, which would be harmless, costs seconds.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any

from bri_cli.layout import PLATFORMS, Layout
from bri_cli.probe import fetch

_COMPARED = ("names", "languages", "edition_languages", "countries", "public_key", "url")


async def are_acquainted(layout: Layout, codes: Iterable[str] = PLATFORMS) -> bool:
    """Whether all of these centres are; False also where one does not answer as it should."""
    return all(await asyncio.gather(*(_is_known(layout, code) for code in codes)))


async def _is_known(layout: Layout, code: str) -> bool:
    host = layout.reachable_host
    try:
        said = await fetch(host, layout.port(code), "/api/v1/centre")
        known = await fetch(host, layout.port("hub"), f"/api/v1/centres/{code}")
        introduction = introduce(json.loads(said.body), layout.url(code))
        return known.status == 200 and agrees(introduction, json.loads(known.body))
    except (OSError, ValueError, TypeError):
        return False


def introduce(centre: Mapping[str, Any], url: str) -> dict[str, Any]:
    """What the hub is told of a centre: what its node says, and the address that it said it at."""
    return {"url": url, **centre}


def agrees(introduction: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether the hub holds of a centre what its node says."""
    return all(known.get(name) == introduction.get(name) for name in _COMPARED)
