"""Search and suggestions, as the search service answers them."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi import Query as Parameter

from bri_hub.api.reaching import PartsNeeded
from bri_hub.parts import Parts
from bri_kit.problems import problem_responses
from bri_kit.web import JSON
from bri_retrieval.engine import Hit, Query, Results
from bri_retrieval.web import Language, ResultsModel, results_json, search_query

router = APIRouter(prefix="/api/v1", tags=["search"])

MAX_SUGGESTIONS = 20
MAX_RELATED = 20


@router.get(
    "/search",
    summary="Find records in any language",
    responses={200: {"model": ResultsModel}, **problem_responses(503)},
)
async def search(query: Annotated[Query, Depends(search_query)], parts: PartsNeeded) -> JSON:
    """One card a record, in the reader's language where there is an edition in it."""
    began = time.perf_counter()
    results = await parts.search.search(query)
    return _answer(parts, results, began)


@router.get(
    "/records/{record_id}/related",
    summary="Records about the same, in any language",
    responses={200: {"model": ResultsModel}, **problem_responses(503)},
)
async def related(
    record_id: str,
    parts: PartsNeeded,
    lang: Language = "en",
    limit: Annotated[int, Parameter(ge=1, le=MAX_RELATED)] = 5,
) -> JSON:
    """The nearest first, none of them of the record's own story; none where search does not know
    the record. Facets are not counted."""
    began = time.perf_counter()
    results = await parts.search.related(record_id, lang, limit)
    return _answer(parts, results, began)


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


def _answer(parts: Parts, results: Results, began: float) -> JSON:
    def url_of(hit: Hit) -> str:
        return f"{parts.settings.address}/api/v1/records/{hit.id}"

    taken = (time.perf_counter() - began) * 1000
    return JSON(results_json(results, taken, url_of))
