"""Records: one, its proof, and the list of all."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from bri_hub import service
from bri_hub.api.reaching import SessionNeeded
from bri_kit.problems import problem_responses
from bri_kit.web import JSON
from bri_retrieval.web import Kinds, Values, given

router = APIRouter(prefix="/api/v1/records", tags=["records"])

Cursor = Annotated[str, Query(max_length=200, description="the `cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("", summary="Published records, the last changed first")
def list_records(
    request: Request,
    session: SessionNeeded,
    *,
    centre: Values = [],  # noqa: B006 - FastAPI copies defaults
    kind: Kinds = [],  # noqa: B006
    cursor: Cursor = "",
    limit: Limit = 20,
) -> JSON:
    """Follow `cursor`, or the Link header, to go on."""
    page = service.list_records(
        session, centres=given(centre), kinds=given(kind), cursor=cursor, limit=limit
    )
    answer = JSON(page)
    if page["cursor"]:
        url = request.url.include_query_params(cursor=page["cursor"])
        answer.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return answer


@router.get(
    "/{record_id}",
    summary="A record",
    responses=problem_responses(404, 410) | {304: {"description": "Not changed"}},
)
def read_record(
    record_id: str,
    session: SessionNeeded,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """In all its languages, as its centre signed it; 410 where the centre withdrew it."""
    document, version = service.read_record(session, record_id)
    tag = f'"{version}"'
    if tag in if_none_match:
        return Response(status_code=304, headers={"ETag": tag})
    return JSON(document, headers={"ETag": tag})


@router.get("/{record_id}/proof", summary="The signed entry", responses=problem_responses(404))
def read_proof(record_id: str, session: SessionNeeded) -> JSON:
    """The newest entry about the record, byte for byte, with signature and key in base64."""
    return JSON(service.read_proof(session, record_id))
