"""What a record is called for machines and in few words: descriptions and schema.org's terms.

Source: schema.org NewsArticle, Legislation and Article, as JSON-LD 1.1.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from markupsafe import Markup

from bri_kit.html import plain_text
from bri_pages.source import Document

_TYPES = {"news": "NewsArticle", "policy": "Legislation"}
_LEGAL_FORCE = {
    "in-force": "InForce",
    "amended": "PartiallyInForce",
    "repealed": "NotInForce",
    "draft": "NotInForce",
    "adopted": "NotInForce",
}


def day_of(record: Document) -> str:
    """The day that readers know a record by, ISO 8601: the event's, else the source's, else its
    publication's."""
    dates: Mapping[str, str] = record["dates"]
    return dates.get("event") or dates.get("original") or (dates.get("published") or "")[:10]


def brief(edition: Mapping[str, Any], limit: int) -> str:
    """An edition's summary, else its beginning, in at most so many characters."""
    text = edition.get("summary") or plain_text(edition["body"])
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def linked_data(record: Document, language: str, centre: str) -> Markup:
    """A record as JSON-LD, safe inside a script element."""
    edition = record["editions"][language]
    document: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _TYPES.get(record["kind"], "Article"),
        "identifier": record["id"],
        "inLanguage": language,
        "headline": edition["title"][:110],
        "name": edition["title"],
        "description": brief(edition, 300),
        "datePublished": record["dates"].get("original") or record["dates"].get("published"),
        "dateModified": record["dates"].get("published"),
        "publisher": {"@type": "Organization", "name": centre},
        "spatialCoverage": [
            {"@type": "Country", "identifier": each} for each in record["countries"]
        ],
        "keywords": list(record["topics"]),
        "isBasedOn": (record.get("source") or {}).get("url"),
    }
    document |= _legislation(record.get("policy") or {})
    kept = {name: value for name, value in document.items() if value not in (None, "", [])}
    # The one sequence that could end a script element early, in the one spelling JSON has for it.
    text = orjson.dumps(kept).decode().replace("<", "\\u003c")
    return Markup(text)  # noqa: S704 - JSON, and nothing in it ends the element


def _legislation(policy: Mapping[str, Any]) -> dict[str, Any]:
    if not policy:
        return {}
    return {
        "legislationIdentifier": policy.get("number"),
        "legislationType": policy.get("instrument"),
        "legislationJurisdiction": policy.get("jurisdiction"),
        "legislationPassedBy": policy.get("authority"),
        "legislationDate": policy.get("adopted"),
        "legislationLegalForce": _LEGAL_FORCE.get(policy.get("status", "")),
        "legislationChanges": list(policy.get("amends") or []),
        "legislationRepeals": list(policy.get("repeals") or []),
    }
