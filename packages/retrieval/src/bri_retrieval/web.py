"""Search over HTTP, the same at the hub and at every node: its parameters and its answer.

Rules:
- `lang`, `kind`, `sort` and dates outside their vocabulary are refused, naming the parameter;
- an unknown value of any other filter is no mistake: it matches nothing;
- blank values, as forms send them, are as good as none.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import Query as Parameter
from pydantic import AfterValidator, BaseModel

from bri_kit import content, vocabulary
from bri_retrieval.engine import (
    MAX_LIMIT,
    MAX_OFFSET,
    MAX_TEXT,
    Hit,
    Mode,
    Query,
    Results,
    Sort,
    Version,
)

MAX_VALUES = 100
"""How many values one filter may name."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _known_kind(text: str) -> str:
    if text and text not in content.KINDS:
        raise ValueError(f"must be one of {', '.join(content.KINDS)}")
    return text


def _known_language(tag: str) -> str:
    if not vocabulary.is_language(tag):
        raise ValueError("is not a known language; use a tag such as 'zh', 'en' or 'ru'")
    return tag


def _iso_date(text: str) -> str:
    if not text:
        return ""
    try:
        good = _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        good = False
    if not good:
        raise ValueError("is not an ISO 8601 date such as 2019-01-08")
    return text


Kind = Annotated[str, AfterValidator(_known_kind)]
Language = Annotated[str, AfterValidator(_known_language)]
IsoDate = Annotated[str, AfterValidator(_iso_date)]
Values = Annotated[list[str], Parameter(max_length=MAX_VALUES)]
Kinds = Annotated[list[Kind], Parameter(max_length=MAX_VALUES)]
Since = Annotated[IsoDate, Parameter(alias="from", description="this date or later")]
Until = Annotated[IsoDate, Parameter(alias="to", description="this date or earlier")]
Limit = Annotated[int, Parameter(ge=1, le=MAX_LIMIT)]


async def search_query(
    q: Annotated[str, Parameter(max_length=MAX_TEXT, description="in any language")] = "",
    lang: Annotated[Language, Parameter(description="the reader's language")] = "en",
    *,
    centre: Values = [],  # noqa: B006 - FastAPI copies defaults
    kind: Kinds = [],  # noqa: B006
    country: Values = [],  # noqa: B006
    topic: Values = [],  # noqa: B006
    edition: Values = [],  # noqa: B006
    jurisdiction: Values = [],  # noqa: B006
    instrument: Values = [],  # noqa: B006
    status: Values = [],  # noqa: B006
    since: Since = "",
    until: Until = "",
    sort: Annotated[Sort, Parameter()] = "relevance",
    mode: Annotated[
        Mode, Parameter(description="what is compared; words alone where there is no embedder")
    ] = "hybrid",
    limit: Limit = 10,
    offset: Annotated[int, Parameter(ge=0, le=MAX_OFFSET)] = 0,
) -> Query:
    """The reader's question in a request's parameters: a FastAPI dependency."""
    return Query(
        text=q.strip(),
        language=lang,
        centres=given(centre),
        kinds=given(kind),
        countries=given(country),
        topics=given(topic),
        editions=given(edition),
        jurisdictions=given(jurisdiction),
        instruments=given(instrument),
        statuses=given(status),
        since=since,
        until=until,
        sort=sort,
        mode=mode,
        limit=limit,
        offset=offset,
    )


def given(values: Sequence[str]) -> tuple[str, ...]:
    """The values of a repeatable parameter without blank ones."""
    return tuple(value for value in values if value)


class VersionModel(BaseModel):
    """Another record of a hit's story."""

    id: str
    centre: str
    languages: list[str]
    title: str
    date: str


class HitModel(BaseModel):
    """One card. `snippet` is escaped HTML in which `<mark>` is the only tag. It was `published` at
    first, and as it is at `changed` (RFC 3339)."""

    id: str
    centre: str
    kind: str
    language: str
    title: str
    snippet: str
    date: str
    countries: list[str]
    topics: list[str]
    editions: list[str]
    story: list[str]
    versions: list[VersionModel]
    published: str | None
    changed: str | None
    url: str


class ResultsModel(BaseModel):
    """What a search answers; for the OpenAPI document. `did_you_mean` is the question as it was
    understood, where it was corrected; what is `partial` lacks facets, for want of time; `mode` is
    what the question was compared by."""

    total: int
    took_ms: int
    hits: list[HitModel]
    facets: dict[str, dict[str, int]]
    did_you_mean: str | None
    partial: bool
    mode: Mode


def results_json(results: Results, took_ms: float, url_of: Callable[[Hit], str]) -> dict[str, Any]:
    """The answer as the public API shows it; `url_of` says where a hit can be read."""
    return {
        "total": results.total,
        "took_ms": round(took_ms),
        "hits": [_hit_json(hit, url_of(hit)) for hit in results.hits],
        "facets": {name: dict(counts) for name, counts in results.facets.items()},
        "did_you_mean": results.did_you_mean or None,
        "partial": results.partial,
        "mode": results.mode,
    }


def _hit_json(hit: Hit, url: str) -> dict[str, Any]:
    return {
        "id": hit.id,
        "centre": hit.centre,
        "kind": hit.kind,
        "language": hit.language,
        "title": hit.title,
        "snippet": hit.snippet,
        "date": hit.date,
        "countries": list(hit.countries),
        "topics": list(hit.topics),
        "editions": list(hit.editions),
        "story": list(hit.story),
        "versions": [_version_json(version) for version in hit.versions],
        "published": hit.published or None,
        "changed": hit.changed or None,
        "url": url,
    }


def _version_json(version: Version) -> dict[str, Any]:
    return {
        "id": version.id,
        "centre": version.centre,
        "languages": list(version.languages),
        "title": version.title,
        "date": version.date,
    }
