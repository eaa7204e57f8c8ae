"""The centre itself, and search over its own records."""

import time
from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bri_kit import signing
from bri_kit.errors import Unavailable
from bri_kit.problems import problem_responses
from bri_kit.web import JSON
from bri_node.api.access import ThisNode
from bri_retrieval.engine import EngineUnavailable, Hit, Query
from bri_retrieval.web import ResultsModel, results_json, search_query

router = APIRouter()


@router.get("/", tags=["centre"])
async def read_root(node: ThisNode) -> Response:
    """Where things are."""
    links = {
        "centre": "/api/v1/centre",
        "records": "/api/v1/records",
        "search": "/api/v1/search?q=",
        "log": "/api/v1/log",
        "delivery": "/api/v1/delivery",
        "documentation": "/docs",
    }
    return JSON({"centre": node.profile.code, "names": dict(node.profile.names), "links": links})


@router.get("/api/v1/centre", tags=["centre"])
async def read_centre(node: ThisNode) -> Response:
    """Who publishes here, in which languages, and the key that its entries verify with."""
    profile = node.profile
    return JSON(
        {
            "code": profile.code,
            "names": dict(profile.names),
            "languages": list(profile.languages),
            "edition_languages": list(profile.edition_languages),
            "countries": list(profile.countries),
            "public_key": b64encode(signing.public_key(node.centre.seal.key)).decode(),
            "hub": node.settings.hub_url,
        }
    )


@router.get(
    "/api/v1/search",
    tags=["search"],
    responses={**problem_responses(503), 200: {"model": ResultsModel}},
)
def search(node: ThisNode, query: Annotated[Query, Depends(search_query)]) -> Response:
    """Find this centre's records, asked in any language."""

    def url_of(hit: Hit) -> str:
        return f"{node.settings.address}/api/v1/records/{hit.id}"

    began = time.perf_counter()
    try:
        results = node.engine.search(query)
    except EngineUnavailable as fact:
        raise Unavailable("The search does not answer.") from fact
    return JSON(results_json(results, (time.perf_counter() - began) * 1000, url_of))
