"""The addresses that hub and node serve alike: `/oai`, its schema, and the catalogue.

The catalogue is given in the form that the Accept header likes best, under an address that says so
too; `/catalog.ttl` and `/catalog.jsonld` are always theirs.
"""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from bri_exchange import catalogue
from bri_exchange.oai.routes import create_oai
from bri_exchange.source import Source

_TURTLE, _JSON_LD = catalogue.FORMATS


def create_exchange(source: Callable[[Request], Source]) -> APIRouter:
    """The routes; `source` finds what a request is answered from."""
    router = APIRouter()
    router.include_router(create_oai(source))
    _add_catalogue(router, source)
    return router


def _add_catalogue(router: APIRouter, source: Callable[[Request], Source]) -> None:
    async def described(request: Request, media_type: str) -> Response:
        asked = source(request)
        repository, centres, holdings = (
            await asked.repository(),
            await asked.centres(),
            await asked.holdings(),
        )
        # rdflib takes its time, and its first import more of it.
        written = await asyncio.to_thread(
            catalogue.write, repository, centres, holdings, media_type
        )
        headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
        return Response(written, 200, headers, media_type)

    def add(path: str, fixed: str, summary: str) -> None:
        @router.get(
            path,
            tags=["mirroring"],
            summary=summary,
            response_class=Response,
            operation_id=f"read_catalogue_{fixed.rpartition('/')[2] or 'negotiated'}",
            responses={200: {"content": _CONTENT}},
        )
        async def read_catalogue(request: Request) -> Response:
            """A dataset for what each centre publishes of each kind, with every way to have it."""
            accepted = request.headers.get("accept", "")
            return await described(request, fixed or preferred(accepted))

    add(catalogue.PATH, "", "What there is, as a DCAT 3 catalogue")
    add(f"{catalogue.PATH}.ttl", _TURTLE, "The catalogue as Turtle")
    add(f"{catalogue.PATH}.jsonld", _JSON_LD, "The catalogue as JSON-LD")


_CONTENT = {_TURTLE: {"schema": {"type": "string"}}, _JSON_LD: {"schema": {"type": "array"}}}


def preferred(accepted: str) -> str:
    """The form that an Accept header (RFC 9110, 12.5.1) likes best; Turtle where it likes none."""
    weighed = []
    for place, part in enumerate(accepted[:500].split(",")):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        if name in ("application/json", _JSON_LD):
            weighed.append((-_weight(parameters), place, _JSON_LD))
        elif name in (_TURTLE, "text/*", "*/*"):
            weighed.append((-_weight(parameters), place, _TURTLE))
    return min(weighed)[2] if weighed else _TURTLE


def _weight(parameters: list[str]) -> float:
    for each in parameters:
        if each.startswith("q="):
            try:
                return float(each[2:])
            except ValueError:
                return 0.0
    return 1.0
