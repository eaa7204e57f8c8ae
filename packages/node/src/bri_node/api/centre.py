"""The centre itself, and search over its own records."""

import time
from base64 import b64encode
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bri_kit.errors import Unavailable
from bri_kit.keyring import keys_json
from bri_kit.problems import problem_responses
from bri_kit.web import JSON
from bri_node import keys
from bri_node.api.access import ThisNode
from bri_retrieval.engine import EngineUnavailable, Hit, Query
from bri_retrieval.web import ResultsModel, results_json, search_query

SEARCH_SECONDS = 2.0
"""What is not counted by then is left out of the facets."""

router = APIRouter()


@router.get("/api/v1/centre", tags=["centre"])
def read_centre(node: ThisNode) -> Response:
    """Who publishes here, in which languages, and the keys that its entries verify with: the one in
    use, and all that there were, with the numbers of the entries that they signed."""
    profile = node.profile
    with node.store.reading() as session:
        ring = keys.ring(session, node.centre.seal)
    return JSON(
        {
            "code": profile.code,
            "names": dict(profile.names),
            "languages": list(profile.languages),
            "edition_languages": list(profile.edition_languages),
            "countries": list(profile.countries),
            "public_key": b64encode(ring.tenures[-1].key).decode(),
            "keys": keys_json(ring),
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
        results = node.engine.search(replace(query, deadline=time.monotonic() + SEARCH_SECONDS))
    except EngineUnavailable as fact:
        raise Unavailable(f"The search does not answer: {fact}") from fact
    return JSON(results_json(results, (time.perf_counter() - began) * 1000, url_of))
