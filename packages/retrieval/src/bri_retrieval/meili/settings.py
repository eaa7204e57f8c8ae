"""How an index is set up: from our own vocabulary and rules, never from what a server came with.

Rules:
- tokens are ours, so no language is to be guessed for any attribute;
- spelling mistakes are allowed as `typos` allows them, never in numbers, and only in words as they
  are spelt: a question's own words are asked in quotes, which Meilisearch takes at their word, and
  a word that occurs nowhere is corrected by the words that are spelt nearly so;
- synonyms are the thesaurus's, which widens the question itself, as it does for every engine, and
  grows while the index stands;
- no stop words: questions leave them out themselves, and phrases have them;
- an index tells what it was made with; one that was made with anything else is made anew.
"""

from hashlib import sha256
from typing import Any

import orjson

from bri_retrieval.engine import FACETS, MAX_LIMIT, MAX_OFFSET

FORMAT = 4
"""Grows with every change of documents or tokens: older indexes are then filled anew."""

MAX_VALUES = 10_000
"""More than any facet has values."""

CUTOFF_MS = 1_500
"""Meilisearch stops ranking after so long, and answers what it has."""

_COUNTED_HITS = 1_000_000_000
"""Totals are exact up to here; readers page to MAX_OFFSET + MAX_LIMIT only."""

assert MAX_OFFSET + MAX_LIMIT < _COUNTED_HITS


_OURS = ("shown", "records", "members", "sounds")
"""What we alone filter and count by."""


def settings() -> dict[str, Any]:
    """The settings of an index."""
    equal = {"facetSearch": False, "filter": {"equality": True, "comparison": False}}
    ordered = {"facetSearch": False, "filter": {"equality": True, "comparison": True}}
    return {
        "searchableAttributes": ["title", "summary", "body", "typed", "words", "sounds"],
        "filterableAttributes": [
            {
                "attributePatterns": [*FACETS, *_OURS],
                "features": equal,
            },
            {"attributePatterns": ["day"], "features": ordered},
        ],
        "sortableAttributes": [
            *("newest_day", "newest_number"),
            *("changed", "changed_number"),
        ],
        "rankingRules": ["sort", "words", "typo", "proximity", "attribute", "exactness"],
        "localizedAttributes": [{"attributePatterns": ["*"], "locales": ["eng"]}],
        "typoTolerance": {
            "enabled": True,
            # One more than `typos.allowance` says: words that are asked so have a mark before them.
            "minWordSizeForTypos": {"oneTypo": 6, "twoTypos": 10},
            "disableOnNumbers": True,
        },
        "stopWords": [],
        "synonyms": {},
        "faceting": {"maxValuesPerFacet": MAX_VALUES, "sortFacetValuesBy": {"*": "count"}},
        "pagination": {"maxTotalHits": _COUNTED_HITS},
        "facetSearch": False,
        "prefixSearch": "indexingTime",
        "proximityPrecision": "byWord",
        "searchCutoffMs": CUTOFF_MS,
    }


def made_with() -> str:
    """Names the format and the settings; another name is another index."""
    return f"{FORMAT}-{sha256(orjson.dumps(settings())).hexdigest()[:12]}"
