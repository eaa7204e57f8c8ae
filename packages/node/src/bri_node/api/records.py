"""Records: read, write, and take through their life."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request, Response

from bri_kit import paging
from bri_kit.errors import Unauthenticated
from bri_kit.guards import GuardedRoute
from bri_kit.problems import problem_responses
from bri_kit.set_aside import write_each
from bri_kit.web import JSON
from bri_node import idempotency, mapping, reading, repository, service
from bri_node.actor import require_editor
from bri_node.api import revisions
from bri_node.api.access import WHOLE_RECORD, Anybody, Contributor, Editor, ThisNode
from bri_node.api.revisions import IfMatch
from bri_node.domain import State
from bri_node.inputs import RecordInput, RetractionInput
from bri_node.tables import RecordRow
from bri_retrieval.web import Kinds, Language, Limit, Since, Until, Values, given

router = APIRouter(prefix="/api/v1/records", tags=["records"], route_class=GuardedRoute)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=idempotency.MAX_KEY,
        pattern=r"^[\x21-\x7e]+$",
    ),
]


@router.post(
    "",
    status_code=201,
    responses=problem_responses(400, 401, 403, 413, 503),
    dependencies=[WHOLE_RECORD],
)
def create_record(
    node: ThisNode,
    actor: Contributor,
    sent: RecordInput,
    publish: bool = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Create a draft, or with `publish` a published record."""
    if publish:
        require_editor(actor)
        node.centre.seal.gate.wait()
    record = mapping.to_record(sent)
    mapping.check(record, node.profile.edition_languages)
    request = idempotency.fingerprint(sent, publish=publish) if idempotency_key else ""
    with node.store.writing() as session:
        if idempotency_key:
            first = idempotency.recall(session, actor, idempotency_key, request)
            if first is not None:
                return _created(first)
        row = service.create(session, node.centre, record, actor, publish=publish)
        body = orjson.dumps(reading.record_json(row))
        if idempotency_key:
            idempotency.remember(session, actor, idempotency_key, request, body)
    return _created(body)


def _created(body: bytes) -> Response:
    document = orjson.loads(body)
    headers = {
        "Location": f"{router.prefix}/{document['id']}",
        "ETag": f'"{document["revision"]}"',
    }
    return Response(body, 201, headers, JSON.media_type)


@router.get("", responses=problem_responses(401))
def list_records(
    request: Request,
    node: ThisNode,
    actor: Anybody,
    state: State = State.PUBLISHED,
    kind: Kinds = [],  # noqa: B006 - FastAPI copies defaults
    country: Values = [],  # noqa: B006
    topic: Values = [],  # noqa: B006
    lang: Annotated[list[Language], Query(description="with an edition in")] = [],  # noqa: B006
    since: Since = "",
    until: Until = "",
    limit: Limit = 20,
    cursor: str = "",
) -> Response:
    """Records, newest first; those that are not published only for a token."""
    if actor is None and state is not State.PUBLISHED:
        raise Unauthenticated("Only published records are listed without a token.")
    wanted = repository.Filter(
        state, given(kind), given(country), given(topic), given(lang), since, until
    )
    after = paging.decode_cursor(cursor, (str, str)) if cursor else None
    with node.store.reading() as session:
        rows, more = repository.page(session, wanted, after, limit)
        items = list(write_each("api", rows, reading.record_json, reading.revision_of))
        follows = paging.encode_cursor([rows[-1].date, rows[-1].id]) if more else None
    return listed(request, items, follows)


def listed(request: Request, items: list[dict[str, Any]], cursor: str | None) -> Response:
    """A page of a list, with the way to the next one."""
    headers = {}
    if cursor is not None:
        url = request.url.include_query_params(cursor=cursor)
        headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return JSON({"items": items, "cursor": cursor}, headers=headers)


@router.get("/{record_id}", responses=problem_responses(401, 404, 410))
def read_record(record_id: str, node: ThisNode, actor: Anybody) -> Response:
    """The record as it is now; a draft only for a token, a retracted one as its tombstone."""
    with node.store.reading() as session:
        return _shown(reading.read(session, record_id, actor))


@router.get("/{record_id}/revisions", responses=problem_responses(401, 404))
def read_history(request: Request, record_id: str, node: ThisNode, actor: Anybody) -> Response:
    """What was done to the record, oldest first; drafts and names only for a token."""
    with node.store.reading() as session:
        return listed(request, reading.history_json(session, record_id, actor), None)


@router.put(
    "/{record_id}",
    responses=problem_responses(400, 401, 403, 404, 409, 412, 413, 428, 503),
    dependencies=[WHOLE_RECORD],
)
def replace_record(
    record_id: str, node: ThisNode, actor: Contributor, sent: RecordInput, if_match: IfMatch = None
) -> Response:
    """Replace the record. A published one is revised and published at once. An edition that is
    not sent is kept, and turns stale where the original's text changes; null removes one."""
    revision = revisions.required(if_match)
    new, removed = mapping.to_record(sent), mapping.removed_languages(sent)
    node.centre.seal.gate.wait()
    with node.store.writing() as session:
        row = service.edit(session, node.centre, record_id, new, removed, revision, actor)
        return _shown(row)


@router.post("/{record_id}/submit", responses=problem_responses(401, 404, 409, 412))
def submit_record(
    record_id: str, node: ThisNode, actor: Contributor, if_match: IfMatch = None
) -> Response:
    """Offer a draft for review."""
    revision = revisions.known(if_match)
    with node.store.writing() as session:
        return _shown(service.submit(session, node.centre, record_id, revision, actor))


@router.post("/{record_id}/publish", responses=problem_responses(401, 403, 404, 409, 412, 503))
def publish_record(
    record_id: str, node: ThisNode, actor: Editor, if_match: IfMatch = None
) -> Response:
    """Publish a draft, a record in review, or again a retracted one."""
    revision = revisions.known(if_match)
    node.centre.seal.gate.wait()
    with node.store.writing() as session:
        return _shown(service.publish(session, node.centre, record_id, revision, actor))


@router.post("/{record_id}/retract", responses=problem_responses(401, 403, 404, 409, 412, 503))
def retract_record(
    record_id: str,
    node: ThisNode,
    actor: Editor,
    sent: RetractionInput,
    if_match: IfMatch = None,
) -> Response:
    """Withdraw a published record everywhere."""
    revision = revisions.known(if_match)
    node.centre.seal.gate.wait()
    with node.store.writing() as session:
        row = service.retract(session, node.centre, record_id, sent.reason, revision, actor)
        return _shown(row)


def _shown(row: RecordRow) -> Response:
    return JSON(reading.record_json(row), headers={"ETag": f'"{row.revision}"'})
