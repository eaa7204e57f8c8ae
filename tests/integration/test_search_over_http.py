"""Search over HTTP as hub and nodes have it: whatever is asked, an answer or what is wrong."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI

from bri_kit.problems import render_problems
from bri_kit.web import JSON
from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Query
from bri_retrieval.web import results_json, search_query
from tests.contract.engines.conftest import Shelf, a_record

ODD = {
    "punctuation": "%21%3F%2E%2C",
    "stop words": "the+of+and",
    "control characters": "%00%01%1b+waste",
    "unpaired quotes": "%22waste+%E2%80%9C",
    "operators": "AND+OR+NOT+-+%2B+%3A+waste",
    "a regular expression": "(.*)%2B%24%5E[a-z]{1,1000}",
    "invalid UTF-8": "waste%ff%fe%c3%28",
    "an overlong encoding": "%c0%ae%c0%ae",
    "an encoded surrogate": "%ed%a0%80",
    "right-to-left marks": "%e2%80%ae%e2%80%8f",
    "emoji": "%f0%9f%97%91%ef%b8%8f",
    "SQL": "%27%3B+DROP+TABLE+x%3B+--",
    "combining marks": "a" + "%cc%81" * 900,
    "one long word": "a" * 1000,
    "one word often": "waste+" * 160,
    "half an escape": "%2",
    "markup": "%3Cscript%3E%3Cmark%3E",
    "nothing": "",
    "unknown words": "+".join(f"qx{chr(97 + n % 26)}zv{chr(97 + n // 26)}kp" for n in range(90)),
}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    engine = EmbeddedEngine(tmp_path)
    Shelf(engine).put(a_record(1, en=("Waste", "All about waste."), countries=("KZ",)))
    app = FastAPI()
    render_problems(app)

    @app.get("/search")
    def search(query: Annotated[Query, Depends(search_query)]) -> JSON:
        return JSON(results_json(engine.search(query), 0, lambda hit: hit.id))

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        yield client
    engine.close()


@pytest.mark.parametrize("asked", ODD.values(), ids=ODD)
async def test_odd_questions_are_answered(client: httpx.AsyncClient, asked: str) -> None:
    """With results, or with none; never with a failure."""
    answer = await client.get(f"/search?q={asked}")
    assert answer.status_code == 200
    assert answer.json()["total"] in (0, 1)


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"q": "x" * 60_000}, "q"),
        ({"q": "x" * 1_001}, "q"),
        ({"kind": "newz"}, "kind"),
        ({"lang": "xx-none"}, "lang"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2019-02-30"}, "to"),
        ({"offset": "10001"}, "offset"),
        ({"offset": "-1"}, "offset"),
        ({"limit": "0"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"sort": "best"}, "sort"),
        ({"country": ["KZ"] * 101}, "country"),
    ],
)
async def test_what_is_wrong_is_named(
    client: httpx.AsyncClient, parameters: dict[str, Any], field: str
) -> None:
    """422, the parameter, and an answer far smaller than what was sent."""
    answer = await client.get("/search", params=parameters)
    assert answer.status_code == 422
    (first, *_) = answer.json()["errors"]
    assert first["field"].startswith(field)
    assert len(answer.content) < 5_000


@pytest.mark.parametrize(
    "name",
    ["centre", "country", "topic", "edition", "jurisdiction", "instrument", "status"],
)
async def test_unknown_values_match_nothing(client: httpx.AsyncClient, name: str) -> None:
    """They are no mistake."""
    answer = await client.get("/search", params={"q": "waste", name: "neverheard"})
    assert (answer.status_code, answer.json()["total"]) == (200, 0)


async def test_past_the_end_is_an_empty_page(client: httpx.AsyncClient) -> None:
    """With the right total and facets."""
    answer = (await client.get("/search", params={"q": "waste", "offset": 10_000})).json()
    assert (answer["total"], answer["hits"], answer["partial"]) == (1, [], False)
    assert answer["facets"]["country"] == {"KZ": 1}


async def test_a_corrected_question_is_told(client: httpx.AsyncClient) -> None:
    """Null where nothing was corrected."""
    assert (await client.get("/search?q=waste")).json()["did_you_mean"] is None
    assert (await client.get("/search?q=wastte")).json()["did_you_mean"] == "waste"
