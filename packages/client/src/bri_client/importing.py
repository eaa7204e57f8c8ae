"""Many records into a node by `POST /api/v1/imports`, in batches.

A batch is one request whose answer is read before the next is sent. One endless request would be
quicker to write and could stand still for ever: a client that only sends does not read the answers
that the server is waiting to get rid of. Batches also bound what is in doubt when the line breaks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from bri_client.call import NDJSON, Call
from bri_client.documents import NewRecord
from bri_client.errors import AnswerNotUnderstood

BATCH_LINES = 500
BATCH_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line, counted from 1 over all batches: `id` is the new record's, or empty
    where `reason` says what was wrong with it."""

    line: int
    id: str
    reason: str


def bring(
    records: Iterable[NewRecord | bytes], *, publish: bool = False
) -> Iterator[Call[list[Outcome]]]:
    """The calls that import `records`, which are documents or lines of JSON; they are read as the
    calls are asked, one after the other. A record that breaks a rule is rejected by itself."""
    first = 1
    for batch in batches(map(_line, records)):
        yield import_batch(batch, publish=publish, first=first)
        first += len(batch)


def import_batch(
    lines: Sequence[bytes], *, publish: bool = False, first: int = 1
) -> Call[list[Outcome]]:
    """Import lines of JSON, none of them blank, in one request; `first` is the number of the first.
    It answers an outcome for each."""
    return Call(
        "POST",
        "/api/v1/imports",
        partial(_read, first=first, count=len(lines)),
        {"publish": "true" if publish else "false"},
        b"\n".join(lines) + b"\n",
        {"Content-Type": NDJSON},
    )


def batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Runs of lines within the limits of one request."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        if batch and (len(batch) == BATCH_LINES or size + len(line) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield batch


def _line(record: NewRecord | bytes) -> bytes:
    return record if isinstance(record, bytes) else orjson.dumps(record)


def _read(answer: bytes, *, first: int, count: int) -> list[Outcome]:
    try:
        lines = [orjson.loads(line) for line in answer.splitlines() if line.strip()]
    except orjson.JSONDecodeError:
        lines = []
    results = [
        line for line in lines if isinstance(line, dict) and ("id" in line or "error" in line)
    ]
    if len(results) != count:
        raise AnswerNotUnderstood(
            f"the node answered {len(results)} of {count} lines from line {first} on"
        )
    return [_outcome(number, result) for number, result in enumerate(results, first)]


def _outcome(number: int, result: Mapping[str, Any]) -> Outcome:
    if "error" in result:
        return Outcome(number, "", reason(result["error"]))
    return Outcome(number, str(result["id"]), "")


def reason(error: object) -> str:
    """An error in one line: a problem document's fields say more than its detail."""
    if not isinstance(error, dict):
        return str(error)
    fields = [f"{each['field']} {each['message']}" for each in error.get("errors") or ()]
    return "; ".join(fields) or str(error.get("detail") or error.get("title") or error)
