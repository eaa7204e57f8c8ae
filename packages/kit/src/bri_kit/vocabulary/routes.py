"""The vocabularies over HTTP, the same at the hub and at every node."""

from functools import cache
from typing import Any

from fastapi import APIRouter

from bri_kit import vocabulary
from bri_kit.web import JSON

router = APIRouter(prefix="/api/v1", tags=["vocabularies"])

LANGUAGES = ("zh", "en", "ru")


@router.get("/topics", summary="The topics with labels and synonyms")
def list_topics() -> JSON:
    """A concept scheme: `broader` is the wider concept's code."""
    return JSON(_topics())


@router.get("/countries", summary="The countries with their names")
def list_countries() -> JSON:
    """By ISO 3166-1 code; names are Unicode's."""
    return JSON(_countries())


@cache
def _topics() -> dict[str, Any]:
    items = [
        {
            "code": topic.code,
            "broader": topic.broader,
            "labels": dict(topic.labels),
            "synonyms": {language: list(terms) for language, terms in topic.synonyms.items()},
        }
        for topic in vocabulary.topics().values()
    ]
    return {"items": items, "cursor": None}


@cache
def _countries() -> dict[str, Any]:
    items = [
        {"code": code, "labels": {tag: vocabulary.country_name(code, tag) for tag in LANGUAGES}}
        for code in vocabulary.countries()
    ]
    return {"items": items, "cursor": None}
