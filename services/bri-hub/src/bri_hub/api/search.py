"""Search and suggestions, as the search service answers them."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi import Query as Parameter

from bri_hub.api.reaching import PartsNeeded
from bri_kit.problems import problem_responses
from bri_kit.web import JSON
from bri_retrieval.engine import Hit, Query
from bri_retrieval.web import Language, ResultsModel, results_json, search_query

router = APIRouter(prefix="/api/v1", tags=["search"])

MAX_SUGGESTIONS = 20


@router.get(
    "/search",
    summary="Find records in any language",
    responses={200: {"model": ResultsModel}, **problem_responses(503)},
)
async def search(query: Annotated[Query, Depends(search_query)], parts: PartsNeeded) -> JSON:
    """One card a record, in the reader's language where there is an edition in it."""
    began = time.perf_counter()
    results = await parts.search.search(query)
    taken = (time.perf_counter() - began) * 1000

    def url_of(hit: Hit) -> str:
        return f"{parts.settings.address}/api/v1/records/{hit.id}"

    return JSON(results_json(results, taken, url_of))


@router.get("/suggest", summary="Complete what is typed", responses=problem_responses(503))
async def suggest(
    parts: PartsNeeded,
    q: Annotated[str, Parameter(max_length=200)] = "",
    lang: Language = "en",
    limit: Annotated[int, Parameter(ge=1, le=MAX_SUGGESTIONS)] = 8,
) -> JSON:
    """Topics and titles that begin so."""
    found = await parts.search.suggest(q, lang, limit) if q.strip() else []
    items = [{"text": each.text, "source": each.source, "code": each.code} for each in found]
    return JSON({"items": items, "cursor": None})
