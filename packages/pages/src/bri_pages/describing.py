"""What a record is called for machines and in few words: descriptions and schema.org's terms.

Source: schema.org NewsArticle, Legislation and Article, as JSON-LD 1.1.
"""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from bri_kit import vocabulary
from bri_kit.html import plain_text
from bri_kit.json_text import encode
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


def linked_data(
    record: Document, language: str, centre: str, address: Callable[[str], str]
) -> Markup:
    """A record's edition as JSON-LD, safe inside a script element; `address` is where the record is
    read in a language."""
    edition = record["editions"][language]
    kind = _TYPES.get(record["kind"], "Article")
    document: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": kind,
        "@id": address(language),
        "url": address(language),
        "mainEntityOfPage": address(language),
        "identifier": record["id"],
        "inLanguage": language,
        "headline": edition["title"][:110],
        "name": edition["title"],
        "description": brief(edition, 300),
        "datePublished": record["dates"].get("original") or record["dates"].get("published"),
        "dateModified": record["dates"].get("published"),
        "author": {"@type": "Organization", "name": _author(record, centre)},
        "publisher": {"@type": "Organization", "name": centre},
        "spatialCoverage": [_country(each, language) for each in record["countries"]],
        "keywords": list(record["topics"]),
        "isBasedOn": (record.get("source") or {}).get("url"),
        "isAccessibleForFree": True,
        "workTranslation": _translations(record, kind, language, address),
    }
    document |= _legislation(record.get("policy") or {}, language)
    kept = {name: value for name, value in document.items() if value not in (None, "", [])}
    # The one sequence that could end a script element early, in the one spelling JSON has for it.
    text = encode(kept).decode().replace("<", "\\u003c")
    return Markup(text)  # noqa: S704 - JSON, and nothing in it ends the element


def _author(record: Document, centre: str) -> str:
    return (record.get("source") or {}).get("name") or centre


def _translations(
    record: Document, kind: str, language: str, address: Callable[[str], str]
) -> list[dict[str, str]]:
    """The record's other editions."""
    return [
        {"@type": kind, "@id": address(each), "inLanguage": each, "name": edition["title"]}
        for each, edition in record["editions"].items()
        if each != language
    ]


def _country(code: str, language: str) -> dict[str, str]:
    name = vocabulary.country_name(code, language)
    return {"@type": "Country", "identifier": code, "name": name}


def _legislation(policy: Mapping[str, Any], language: str) -> dict[str, Any]:
    if not policy:
        return {}
    force, since = _LEGAL_FORCE.get(policy.get("status", "")), policy.get("in_force")
    jurisdiction, authority = policy.get("jurisdiction"), policy.get("authority")
    return {
        "legislationIdentifier": policy.get("number"),
        "legislationType": policy.get("instrument"),
        "legislationJurisdiction": _country(jurisdiction, language) if jurisdiction else None,
        "legislationPassedBy": {"@type": "Organization", "name": authority} if authority else None,
        "legislationDate": policy.get("adopted"),
        "legislationLegalForce": f"https://schema.org/{force}" if force else None,
        "legislationChanges": list(policy.get("amends") or []),
        "legislationRepeals": list(policy.get("repeals") or []),
        "temporalCoverage": f"{since}/.." if since else None,
    }
