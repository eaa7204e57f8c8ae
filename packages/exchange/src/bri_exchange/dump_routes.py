"""`/dumps/`: which there are, and each as a file that can be fetched in parts.

Rules:
- a file's tag is its SHA-256, a strong one: parts that were fetched with the same tag, on whatever
  day, belong together (RFC 9110, 13.1.5 and 14);
- a name leads to a file that is listed, and to nothing else.
"""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from bri_exchange.dumps import MEDIA_TYPE, Dumps, index_json
from bri_kit.errors import NotFound
from bri_kit.problems import problem_responses
from bri_kit.web import JSON

PATH = "/dumps"


def create_dumps(dumps: Callable[[Request], Dumps], address: str) -> APIRouter:
    """The routes; `dumps` finds those of a request's service, whose own address is `address`."""
    router = APIRouter(prefix=PATH, tags=["mirroring"])

    @router.get("/", summary="Dumps of everything, the newest first")
    def list_dumps(request: Request) -> JSON:
        """Each with its size, SHA-256, and the change that it stands for: what comes after it is
        told by `/api/v1/changes`."""
        listed = index_json(dumps(request).list(), f"{address}{PATH}")
        return JSON(listed, headers={"Cache-Control": "no-cache"})

    @router.head("/{name}", include_in_schema=False)
    @router.get(
        "/{name}",
        summary="A dump",
        response_class=Response,
        responses={
            200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}},
            206: {"description": "The part that was asked for"},
            304: {"description": "Not changed"},
            416: {"description": "There is no such part"},
            **problem_responses(404),
        },
    )
    def read_dump(request: Request, name: str) -> Response:
        """Gzip'd NDJSON, a line a record; any part of it by Range."""
        found = dumps(request).find(name)
        if found is None:
            raise NotFound("There is no such dump; it may have made room for newer ones.")
        dump, path = found
        headers = {"ETag": f'"{dump.sha256}"', "Cache-Control": "public, max-age=86400, immutable"}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return FileResponse(path, media_type=MEDIA_TYPE, filename=name, headers=headers)

    return router
