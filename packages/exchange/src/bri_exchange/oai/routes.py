"""`/oai` by GET and by POST, as the protocol wants both, and the schema of our own format.

A harvester that comes too early is told when to come again (503 with Retry-After, OAI-PMH 2.0,
3.1.2.2).
"""

from collections.abc import Callable
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from bri_exchange.oai import native
from bri_exchange.oai.answering import PATH, answer
from bri_exchange.source import Source
from bri_kit.errors import Unavailable

MEDIA_TYPE = "text/xml; charset=utf-8"
RETRY_SECONDS = 10
_LARGEST_FORM = 16 * 1024
_MOST_FIELDS = 50


def create_oai(source: Callable[[Request], Source]) -> APIRouter:
    """The routes; `source` finds what a request is answered from. They are in no OpenAPI document:
    the protocol describes itself, by Identify and ListMetadataFormats."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def ask(request: Request) -> Response:
        return await _answer(source(request), request.url.query)

    @router.post(PATH)
    async def ask_by_form(request: Request) -> Response:
        # What a question takes in no form is refused as one that repeats its verb.
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > _LARGEST_FORM:
                return await _answer(source(request), "verb=&verb=")
        return await _answer(source(request), body.decode("utf-8", "replace"))

    @router.get(native.SCHEMA_PATH)
    async def read_schema() -> Response:
        return Response(native.schema(), media_type="application/xml")

    return router


async def _answer(source: Source, form: str) -> Response:
    try:
        pairs = parse_qsl(form, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        pairs = []
    try:
        return Response(await answer(source, pairs), media_type=MEDIA_TYPE)
    except Unavailable as reason:
        headers = {"Retry-After": str(RETRY_SECONDS)}
        return Response(reason.detail, 503, headers, "text/plain")
