"""The centre's log as anybody may read and verify it, and how its delivery goes."""

from base64 import b64encode
from typing import Annotated, Any

from bri.log.v1 import log_pb2
from fastapi import APIRouter, Query, Request, Response

from bri_kit import paging
from bri_kit.errors import NotFound
from bri_kit.problems import problem_responses
from bri_kit.web import JSON
from bri_node import delivery, journal, reading
from bri_node.api.access import Anybody, ThisNode
from bri_node.api.records import listed
from bri_node.journal import LogLine

router = APIRouter(prefix="/api/v1", tags=["log"])

_MAX_NUMBER = 2**63 - 1


@router.get("/log")
def read_log(
    request: Request,
    node: ThisNode,
    after: Annotated[int, Query(ge=0, le=_MAX_NUMBER)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str = "",
) -> Response:
    """Signed entries after a number, oldest first; large ones make a page shorter."""
    if cursor:
        [after] = paging.decode_cursor(cursor, (int,))
    with node.store.reading() as session:
        rows = journal.page(session, after, limit)
        items = [_entry_json(row) for row in rows]
        more = bool(rows) and rows[-1].number < journal.head_number(session)
    return listed(request, items, paging.encode_cursor([rows[-1].number]) if more else None)


@router.get("/records/{record_id}/proof", responses=problem_responses(401, 404))
def read_proof(record_id: str, node: ThisNode, actor: Anybody) -> Response:
    """The newest signed entry about the record: its publication, revision or retraction."""
    with node.store.reading() as session:
        row = reading.known(session, record_id, actor)
        entry = journal.find(session, row.entry_number) if row.entry_number else None
        if entry is None:
            raise NotFound("The record was never published, so there is no entry about it.")
        return JSON(_entry_json(entry))


def _entry_json(row: LogLine) -> dict[str, Any]:
    """`entry`, `signature` and `key` are base64; `hash` and `previous` are hexadecimal."""
    envelope = log_pb2.SignedEntry.FromString(row.envelope)
    entry = log_pb2.Entry.FromString(envelope.entry)
    return {
        "record": row.record_id,
        "number": row.number,
        "entry": b64encode(envelope.entry).decode(),
        "signature": b64encode(envelope.signature).decode(),
        "key": b64encode(envelope.key).decode(),
        "hash": row.hash.hex(),
        "previous": entry.previous.hex(),
        "written_at": row.written_at,
    }


@router.get("/delivery")
def read_delivery(node: ThisNode) -> Response:
    """How many entries were written, sent, accepted and rejected, how many wait for the hub's
    receipt and since when."""
    progress = node.progress()
    with node.store.reading() as session:
        return JSON(delivery.report(session, progress))
