"""For mirrors: what changed after a number, and dumps, which say which number they stand for."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request

from bri_hub.api.administration import Admin
from bri_hub.api.reaching import PartsNeeded, SessionNeeded
from bri_hub.exchange.mirroring import MAX_LIMIT, read_changes
from bri_hub.tables import MAX_NUMBER
from bri_kit.errors import Unavailable
from bri_kit.paging import decode_cursor
from bri_kit.problems import problem_responses
from bri_kit.web import JSON

router = APIRouter(prefix="/api/v1", tags=["mirroring"])


@router.get(
    "/changes",
    summary="What became of records after a change",
    responses=problem_responses(410),
)
def list_changes(
    request: Request,
    session: SessionNeeded,
    *,
    after: Annotated[int, Query(ge=0, le=MAX_NUMBER)] = 0,
    epoch: Annotated[str, Query(max_length=64)] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> JSON:
    """Oldest first, each record once as it is now. Keep `epoch` and `after` of the last answer, and
    ask with both; 410 says that the numbers began anew, and to begin with a dump."""
    if cursor:
        epoch, after = decode_cursor(cursor, (str, int))
    page = read_changes(session, epoch, after, limit)
    answer = JSON(page)
    if page["cursor"]:
        url = request.url.include_query_params(cursor=page["cursor"])
        answer.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return answer


@router.post(
    "/admin/dumps",
    status_code=201,
    summary="Make a dump now",
    responses=problem_responses(401, 403, 503),
)
async def make_dump(parts: PartsNeeded, _admin: Admin) -> JSON:
    """Beside the daily one; it is answered when it is there, which takes a while for much."""
    if parts.exchange is None or not parts.settings.dumps_kept:
        raise Unavailable("This hub makes no dumps.")
    try:
        dump = await parts.exchange.dumping.make()
    except OSError as reason:
        raise Unavailable(f"No dump was made: {reason.strerror or reason}") from reason
    return JSON(asdict(dump), status_code=201)
