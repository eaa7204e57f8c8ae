"""`/api/v1/changes`: what became of records, for mirrors, at hub and node alike."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated

from fastapi import APIRouter, Query, Request

from bri_exchange.mirroring import MAX_LIMIT, ChangeLog, read_changes
from bri_kit.paging import decode_cursor
from bri_kit.problems import problem_responses
from bri_kit.web import JSON

_MAX_NUMBER = 2**63 - 1


def create_changes(
    open_log: Callable[[Request], AbstractContextManager[ChangeLog]],
) -> APIRouter:
    """The route; `open_log` opens the log that a request is answered from."""
    router = APIRouter(prefix="/api/v1", tags=["mirroring"])

    @router.get(
        "/changes",
        summary="What became of records after a change",
        responses=problem_responses(410),
    )
    def list_changes(
        request: Request,
        *,
        after: Annotated[int, Query(ge=0, le=_MAX_NUMBER)] = 0,
        epoch: Annotated[str, Query(max_length=64)] = "",
        cursor: Annotated[str, Query(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    ) -> JSON:
        """Oldest first, each record once as it is now. Keep `epoch` and `after` of the last answer,
        and ask with both; 410 says that the numbers began anew, and to begin with a dump."""
        if cursor:
            epoch, after = decode_cursor(cursor, (str, int))
        with open_log(request) as log:
            page = read_changes(log, epoch, after, limit)
        answer = JSON(page)
        if page["cursor"]:
            url = request.url.include_query_params(cursor=page["cursor"])
            answer.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return answer

    return router
