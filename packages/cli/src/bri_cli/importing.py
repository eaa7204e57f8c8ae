"""Sends records to a node's `POST /api/v1/imports`, in batches.

A batch is one request whose answer is read before the next is sent. One endless request would be
quicker to write and could stand still for ever: a client that only sends does not read the answers
that the server is waiting to get rid of. Batches also bound what is in doubt when the line breaks.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bri_cli.feed import Item
from bri_cli.outcome import CommandFailed
from bri_cli.remote import Remote

BATCH_ITEMS = 500
BATCH_BYTES = 4 * 1024 * 1024
MEDIA_TYPE = "application/x-ndjson"


class AnswerNotUnderstood(CommandFailed):
    """What the node answered is not what an import answers."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was not imported: where it stood, and why."""

    place: str
    reason: str


@dataclass(slots=True)
class Tally:
    """How an import went so far. `ids` are those of the records that were imported."""

    ids: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    position: int = 0


def send(
    remote: Remote,
    items: Iterable[Item],
    publish: bool,
    tally: Tally,
    told: Callable[[Tally], None] = lambda _tally: None,
) -> None:
    """Import `items`; `told` hears of every batch.

    Raises:
        CommandFailed: the node cannot be reached or refuses; `tally` says how far it went.
    """
    for batch in batches(items):
        body = b"\n".join(item.line for item in batch) + b"\n"
        params = {"publish": "true" if publish else "false"}
        answer = remote.post("/api/v1/imports", body, MEDIA_TYPE, params)
        _count(batch, answer, tally)
        tally.position = batch[-1].position
        told(tally)


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Runs of items within the limits of one request."""
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and (len(batch) == BATCH_ITEMS or size + len(item.line) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.line)
    if batch:
        yield batch


def _count(batch: list[Item], answer: bytes, tally: Tally) -> None:
    try:
        lines = [json.loads(line) for line in answer.splitlines() if line.strip()]
    except ValueError:
        lines = []
    results = [
        line for line in lines if isinstance(line, dict) and ("id" in line or "error" in line)
    ]
    if len(results) != len(batch):
        raise AnswerNotUnderstood(
            f"the node answered {len(results)} of {len(batch)} lines after {batch[0].place}"
        )
    for item, result in zip(batch, results, strict=True):
        if "error" in result:
            tally.rejections.append(Rejection(item.place, _reason(result["error"])))
        else:
            tally.ids.append(result["id"])


def _reason(error: Any) -> str:
    """An error in one line: a problem document's fields say more than its detail."""
    if not isinstance(error, dict):
        return str(error)
    fields = [f"{each['field']} {each['message']}" for each in error.get("errors") or ()]
    return "; ".join(fields) or str(error.get("detail") or error.get("title") or error)
