"""Sources: what is harvested, and what they propose."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from bri_kit import paging
from bri_kit.bodies import Allowance
from bri_kit.guards import GuardedRoute, Takes
from bri_kit.problems import problem_responses
from bri_kit.web import JSON
from bri_node.api import revisions
from bri_node.api.access import Contributor, Editor, ThisNode
from bri_node.api.records import listed
from bri_node.api.revisions import IfMatch
from bri_node.harvesting import bringing, proposals, sources
from bri_node.harvesting.inputs import (
    MAX_ITEMS,
    MAX_MAPPING,
    ItemsInput,
    NewSource,
    SourceInput,
)
from bri_node.harvesttables import HarvestSourceRow
from bri_node.node import Node
from bri_retrieval.web import Limit

router = APIRouter(prefix="/api/v1/sources", tags=["sources"], route_class=GuardedRoute)
decisions = APIRouter(prefix="/api/v1/proposals", tags=["sources"], route_class=GuardedRoute)

_MAPPING = Depends(Takes(Allowance(size=4 * MAX_MAPPING)))
"""A source with its mapping, whose characters JSON may escape."""
_ITEMS = Depends(Takes(Allowance(size=None, values=20 * MAX_ITEMS)))

SourceName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("", responses=problem_responses(401))
def list_sources(request: Request, node: ThisNode, _actor: Contributor) -> Response:
    """All sources, by name, with how they were set up and how they go."""
    with node.store.reading() as session:
        items = [sources.to_json(session, row) for row in sources.listed(session)]
    return listed(request, items, None)


@router.post(
    "", status_code=201, responses=problem_responses(401, 403, 409), dependencies=[_MAPPING]
)
def add_source(node: ThisNode, actor: Editor, sent: NewSource) -> Response:
    """Set a source up. It is read at once, and then on its schedule."""
    with node.store.writing() as session:
        row = sources.add(session, node.profile, sent.name, sent, actor.name)
        return _shown(sources.to_json(session, row), row, 201)


@router.get("/{name}", responses=problem_responses(401, 404))
def read_source(node: ThisNode, _actor: Contributor, name: SourceName) -> Response:
    """A source, how it was set up and how it goes."""
    with node.store.reading() as session:
        row = sources.find(session, name)
        return _shown(sources.to_json(session, row), row)


@router.put(
    "/{name}", responses=problem_responses(401, 403, 404, 412, 428), dependencies=[_MAPPING]
)
def change_source(
    node: ThisNode, _actor: Editor, name: SourceName, sent: SourceInput, if_match: IfMatch = None
) -> Response:
    """Set a source up anew. Where what is read changes, it is read from the beginning; what was
    harvested before is recognised."""
    revision = revisions.required(if_match)
    with node.store.writing() as session:
        row = sources.change(session, node.profile, name, sent, revision)
        return _shown(sources.to_json(session, row), row)


@router.delete("/{name}", status_code=204, responses=problem_responses(401, 403, 404))
def remove_source(node: ThisNode, _actor: Editor, name: SourceName) -> Response:
    """Forget a source. Its records stay as they are."""
    with node.store.writing() as session:
        sources.remove(session, name)
    return Response(status_code=204)


@router.post("/{name}/run", status_code=202, responses=problem_responses(401, 403, 404))
def run_source(node: ThisNode, _actor: Editor, name: SourceName) -> Response:
    """Have a source read as soon as may be. It was read when `ran_at` is not before now."""
    with node.store.writing() as session:
        row = sources.ask(session, name)
        return _shown(sources.to_json(session, row), row, 202)


@router.post(
    "/{name}/items",
    responses=problem_responses(401, 403, 409, 413, 503),
    dependencies=[_ITEMS],
)
def bring_items(node: ThisNode, actor: Editor, name: SourceName, sent: ItemsInput) -> Response:
    """Keep the items of a file, all or none. Those that were brought before are recognised, so the
    same file twice makes nothing new."""
    return JSON(bringing.bring(node, name, sent, actor))


@decisions.get("", responses=problem_responses(401))
def list_proposals(
    request: Request,
    node: ThisNode,
    _actor: Contributor,
    source: Annotated[str, Query(description="only this source's")] = "",
    decided: Annotated[bool, Query(description="those too that were decided")] = False,
    limit: Limit = 20,
    cursor: str = "",
) -> Response:
    """What sources propose: records to be withdrawn or changed, the oldest proposal first."""
    after = paging.decode_cursor(cursor, (int,))[0] if cursor else 0
    with node.store.reading() as session:
        found, more = proposals.page(session, after, limit, source, is_open=not decided)
        items = [proposals.to_json(each) for each in found]
    return listed(request, items, paging.encode_cursor([items[-1]["id"]]) if more else None)


@decisions.post("/{number}/accept", responses=problem_responses(401, 403, 404, 409, 412, 503))
def accept_proposal(
    node: ThisNode, actor: Editor, number: Number, if_match: IfMatch = None
) -> Response:
    """Do what is proposed. If-Match names the record's revision that you saw."""
    revision = revisions.known(if_match)
    node.centre.seal.gate.wait()
    return _decided(node, actor, number, accept=True, revision=revision)


@decisions.post("/{number}/refuse", responses=problem_responses(401, 403, 404, 409))
def refuse_proposal(node: ThisNode, actor: Editor, number: Number) -> Response:
    """Leave the record as it is."""
    return _decided(node, actor, number, accept=False, revision=None)


def _decided(
    node: Node, actor: Editor, number: int, *, accept: bool, revision: int | None
) -> Response:
    with node.store.writing() as session:
        row = proposals.decide(
            session, node.centre, number, actor, accept=accept, revision=revision
        )
        return JSON({"id": row.id, "record": row.record_id, "decision": row.decision})


def _shown(document: dict[str, object], row: HarvestSourceRow, status: int = 200) -> Response:
    return JSON(document, status, headers={"ETag": f'"{row.revision}"'})
