"""The standing of a federation for people: a table of centres, and a line each for the rest."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bri_cli.screen import screen

_COLUMNS = "centre|state|records|last entry|at|lag|gaps|rejected|refused|waiting".split("|")
_MIB = 1024 * 1024
_GOOD = "active"


def print_standing(document: Mapping[str, Any], console: Console | None = None) -> None:
    """Print what `standing.gather` answered."""
    console = console or screen()
    console.print(Text(f"hub {document['hub']}", style="bold"))
    console.print(_centres(document))
    console.print(Text(_search_line(document.get("search") or {})))
    if line := storage_line(document):
        console.print(Text(line, style="yellow"))
    if "broker" in document:
        console.print(Text(f"broker: {document['broker']}"))
    if document.get("memory"):
        console.print(Text(memory_line(document["memory"])))


def _centres(document: Mapping[str, Any]) -> Table:
    table = Table(*_COLUMNS, box=box.SIMPLE_HEAD)
    for centre in document["centres"]:
        style = "" if centre["state"] == _GOOD and not centre["gaps"] else "yellow"
        table.add_row(*_row(centre, document["delivery"].get(centre["code"])), style=style)
    return table


def _row(centre: Mapping[str, Any], delivery: Mapping[str, Any] | None) -> list[str]:
    lag = centre["lag"]
    return [
        centre["code"],
        centre["state"],
        str(centre.get("records", "")),
        str(centre["last_entry"]["number"]),
        str(centre["last_entry"]["at"] or "")[:19],
        f"{lag['entries']} ({lag['seconds']:g} s)" if lag["entries"] else "0",
        str(centre["gaps"]),
        str(centre["rejected"]),
        str(centre.get("refused", "")),
        waiting(delivery),
    ]


def waiting(delivery: Mapping[str, Any] | None) -> str:
    """How many of a node's entries wait for the hub's receipt, and since when."""
    if delivery is None:
        return "not reached"
    if not delivery["waiting"]:
        return f"0 of {delivery['written']}"
    return f"{delivery['waiting']} of {delivery['written']} since {delivery['since']}"


def _search_line(search: Mapping[str, Any]) -> str:
    if search.get("cursor") is None:
        return f"search: does not answer {search.get('detail', '')}".rstrip()
    line = f"search: cursor {search['cursor']}, lag {search['lag']}"
    if search.get("records") is not None:
        line += f", {search['records']} records"
    if search.get("embedding_backlog"):
        line += f", {search['embedding_backlog']} to embed"
    if count := search.get("set_aside", {}).get("count"):
        line += f", {count} could not be indexed"
    for remark in search.get("remarks", ()):
        line += f"\n  {remark}"
    return line


def storage_line(document: Mapping[str, Any]) -> str:
    """What keeps the hub from storing, and how much of whom waits; empty where nothing does."""
    storage = document.get("storage") or {}
    waiting = [
        f"{each['code']} {each['unstored']}" for each in document["centres"] if each.get("unstored")
    ]
    state = storage.get("state", "ok")
    if state == "ok" and not waiting and not storage.get("waiting_since"):
        return ""
    since = storage.get("since") or storage.get("waiting_since")
    line = f"storage: {state}{f' since {since}' if since else ''}"
    if storage.get("free_bytes") is not None:
        line += f", {storage['free_bytes'] // _MIB} MiB free"
    return f"{line}, not stored yet: {', '.join(waiting)}" if waiting else line


def memory_line(memory: Mapping[str, Any]) -> str:
    """What all processes take together, and each of them."""
    each = [f"{name} {size / _MIB:.0f}" for name, size in memory["processes"].items()]
    return f"memory: {memory['total'] / _MIB:.0f} MiB ({', '.join(each)})"
