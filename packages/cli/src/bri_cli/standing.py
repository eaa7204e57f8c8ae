"""How a federation stands, asked of the hub, of each centre, and of this machine.

A part that does not answer is missing from the picture and never spoils the rest of it.
"""

from collections.abc import Mapping
from typing import Any

from bri_cli import memory, running
from bri_cli.layout import Layout
from bri_cli.outcome import CommandFailed
from bri_cli.remote import Remote
from bri_client import hub, node


def gather(hub_url: str, layout: Layout) -> dict[str, Any]:
    """Everything as one JSON document.

    Raises:
        CommandFailed: the hub does not answer.
    """
    with Remote(hub_url) as remote:
        document: dict[str, Any] = {"hub": remote.url, **remote.ask(hub.status())}
        urls = {each["code"]: each.get("url") or "" for each in remote.each(hub.centres())}
    document["delivery"] = {code: _delivery(url) for code, url in urls.items()}
    document["memory"] = _memory(layout)
    return document


def _delivery(url: str) -> Mapping[str, Any] | None:
    """What a centre says of the way to the hub; None where it does not."""
    if not url:
        return None
    try:
        with Remote(url) as remote:
            return remote.ask(node.delivery())
    except CommandFailed:
        return None


def _memory(layout: Layout) -> Mapping[str, Any] | None:
    """What the processes take in bytes (PSS); None where nothing runs on this machine's data."""
    found = running.read(layout)
    if found is None:
        return None
    sizes = memory.measure(found.processes)
    return {"total": sum(sizes.values()), "processes": sizes} if sizes else None
