"""How a federation stands, asked of the hub, of each centre, and of this machine.

A part that does not answer is missing from the picture and never spoils the rest of it.
"""

from collections.abc import Mapping
from typing import Any

from bri_cli import memory, running
from bri_cli.layout import Layout
from bri_cli.outcome import CommandFailed
from bri_cli.remote import Remote


def gather(hub_url: str, layout: Layout) -> dict[str, Any]:
    """Everything as one JSON document.

    Raises:
        CommandFailed: the hub does not answer.
    """
    with Remote(hub_url) as hub:
        document: dict[str, Any] = {"hub": hub.url, **hub.get("/api/v1/status")}
        centres = hub.get("/api/v1/centres")["items"]
    urls = {centre["code"]: centre.get("url") or "" for centre in centres}
    document["delivery"] = {code: _delivery(url) for code, url in urls.items()}
    document["memory"] = _memory(layout)
    return document


def _delivery(url: str) -> Mapping[str, Any] | None:
    """What a centre says of the way to the hub; None where it does not."""
    if not url:
        return None
    try:
        with Remote(url) as node:
            answer: Mapping[str, Any] = node.get("/api/v1/delivery")
            return answer
    except CommandFailed:
        return None


def _memory(layout: Layout) -> Mapping[str, Any] | None:
    """What the processes take in bytes (PSS); None where nothing runs on this machine's data."""
    found = running.read(layout)
    if found is None:
        return None
    sizes = memory.measure(found.processes)
    return {"total": sum(sizes.values()), "processes": sizes} if sizes else None
