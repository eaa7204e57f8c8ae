"""The centre's log as anybody may read and verify it, and how its delivery goes."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from bri_kit import log, paging
from bri_kit.errors import NotFound
from bri_kit.guards import GuardedRoute
from bri_kit.problems import problem_responses
from bri_kit.web import JSON
from bri_node import delivery, journal, reading
from bri_node.api.access import Anybody, Contributor, Editor, ThisNode
from bri_node.api.records import listed

router = APIRouter(prefix="/api/v1", tags=["log"], route_class=GuardedRoute)

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
        items = [log.proof_json(row.envelope) for row in rows]
        more = bool(rows) and rows[-1].number < journal.head_number(session)
    return listed(request, items, paging.encode_cursor([rows[-1].number]) if more else None)


@router.get("/records/{record_id}/proof", responses=problem_responses(401, 404))
def read_proof(record_id: str, node: ThisNode, actor: Anybody) -> Response:
    """The newest signed entry about the record, its publication, revision or retraction, and the
    entries by which the centre changed its key."""
    with node.store.reading() as session:
        row = reading.known(session, record_id, actor)
        entry = journal.find(session, row.entry_number) if row.entry_number else None
        if entry is None:
            raise NotFound("The record was never published, so there is no entry about it.")
        rotations = journal.rotations(session)
        return JSON(log.whole_proof_json(entry.envelope, (), rotations))


@router.get("/delivery")
def read_delivery(node: ThisNode) -> Response:
    """How many entries were written, sent, accepted and rejected, how many wait for the hub's
    receipt and since when, what is being healed, and what the last comparison found."""
    progress = node.progress()
    with node.store.reading() as session:
        report = delivery.report(session, progress)
    return JSON(report | {"compared": node.reconciler.last})


@router.get("/records/{record_id}/delivery", responses=problem_responses(401, 404))
def read_record_delivery(record_id: str, node: ThisNode, _actor: Contributor) -> Response:
    """What became of the record's newest entry: waiting, sent, accepted or rejected and why, and
    since when each place at the hub shows it, or has it gone where it was retracted."""
    progress = node.progress()
    with node.store.reading() as session:
        row = reading.known(session, record_id, _actor)
        return JSON(delivery.of_record(session, row, progress.sent))


@router.post("/resync", responses=problem_responses(401, 403, 503))
async def resync(node: ThisNode, _actor: Editor) -> Response:
    """Compare the log and the records with what the hub holds, now, and repair what differs."""
    return JSON(await node.reconciler.answer())
