"""Imports: records in, one a line, and an answer a line back while the rest is still coming."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from bri_kit.bodies import Allowance
from bri_kit.errors import BriError
from bri_kit.guards import GuardedRoute, Takes
from bri_kit.problems import problem_body, problem_responses
from bri_node.actor import Actor
from bri_node.api.access import Editor, ThisNode
from bri_node.importing import Outcome, import_lines
from bri_node.lines import batches
from bri_node.node import Node
from bri_node.spool import Spool

PATH = "/api/v1/imports"
NDJSON = "application/x-ndjson"

router = APIRouter(prefix=PATH, tags=["imports"], route_class=GuardedRoute)
logger = structlog.get_logger()


class _Duplex(StreamingResponse):
    """A streamed answer to a request that is still being read: it leaves `receive` alone, where
    Starlette's own would take the request's next chunk for a disconnection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.stream_response(send)


_REQUEST = {"requestBody": {"required": True, "content": {NDJSON: {"schema": {"type": "string"}}}}}
_RESPONSES = problem_responses(401, 403)
_RESPONSES[200] = {"content": {NDJSON: {}}, "description": "A line an input line, and a summary"}


@router.post(
    "",
    response_class=_Duplex,
    responses=_RESPONSES,
    openapi_extra=_REQUEST,
    dependencies=[Depends(Takes(Allowance(is_stream=True)))],
)
async def import_records(
    request: Request, node: ThisNode, actor: Editor, publish: bool = False
) -> StreamingResponse:
    """Import records as drafts, or with `publish` as published ones. Answers
    `{"line": 1, "id": …}` or `{"line": 1, "error": {…}}` for each line that is not blank, and
    `{"summary": …}` at the end; without a summary the import was not finished."""
    return _Duplex(_answers(node, actor, request, publish), media_type=NDJSON)


async def _answers(
    node: Node, actor: Actor, request: Request, publish: bool
) -> AsyncIterator[bytes]:
    spool = Spool()
    importing = asyncio.create_task(_import(node, actor, request, publish, spool))
    try:
        async for chunk in spool.read():
            yield chunk
        await importing
    finally:
        importing.cancel()  # where the client has gone; what was committed stays


async def _import(node: Node, actor: Actor, request: Request, publish: bool, spool: Spool) -> None:
    began = time.perf_counter()
    imported = rejected = 0
    try:
        async for lines in batches(request.stream()):
            outcomes = await asyncio.to_thread(
                import_lines, node.store, node.centre, actor, lines, publish=publish
            )
            spool.write(b"".join(map(_line, outcomes)))
            bad = sum(isinstance(outcome.result, BriError) for outcome in outcomes)
            imported, rejected = imported + len(outcomes) - bad, rejected + bad
        took = round((time.perf_counter() - began) * 1000)
        spool.write(_summary(imported, rejected, took))
        logger.info("import.finished", imported=imported, rejected=rejected, took_ms=took)
    except ClientDisconnect:
        logger.warning("import.abandoned", imported=imported, rejected=rejected)
    finally:
        spool.end()


def _line(outcome: Outcome) -> bytes:
    document: dict[str, Any] = {"line": outcome.line}
    if isinstance(outcome.result, BriError):
        document["error"] = problem_body(outcome.result)
    else:
        document["id"] = outcome.result
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)


def _summary(imported: int, rejected: int, took: int) -> bytes:
    summary = {"imported": imported, "rejected": rejected, "took_ms": took}
    return orjson.dumps({"summary": summary}, option=orjson.OPT_APPEND_NEWLINE)
