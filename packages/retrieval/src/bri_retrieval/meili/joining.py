"""Several queries as one, and what they find together.

Rules:
- the server joins them (a federated search): each card once, with exact totals, which Meilisearch
  gives with pages only;
- of what is found come names and versions alone: an answer of some hundred bytes a hit takes the
  server as long as the search itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bri_retrieval.meili.narrowing import SHOWN

_LIGHT = ("id", "version")


class Wanted(NamedTuple):
    """A query that narrows what it finds itself, and how much its own ranking counts."""

    text: str
    only: str = SHOWN
    weight: float = 1.0


class Joined(NamedTuple):
    """What some queries find together: how many, a page of them, and facets."""

    total: int
    hits: Sequence[Mapping[str, Any]]
    facets: Mapping[str, Mapping[str, int]]


class Page(NamedTuple):
    """So many hits from `offset` on."""

    offset: int
    limit: int

    @property
    def number(self) -> int:
        """Which page of so many hits as `size` says holds these, from 1 on."""
        return self.offset // self.size + 1 if self.limit else 1

    @property
    def size(self) -> int:
        """Hits of a page that holds these."""
        return self.limit if not self.limit or self.offset % self.limit == 0 else self._end

    @property
    def hits(self) -> slice:
        """These, of the hits of that page."""
        skipped = self.offset - (self.number - 1) * self.size
        return slice(skipped, skipped + self.limit)

    @property
    def _end(self) -> int:
        return self.offset + self.limit


def request(
    index: str,
    wanted: Sequence[Wanted],
    narrowed_by: Sequence[str],
    page: Page,
    sort: Sequence[str],
    facets: Sequence[str],
) -> dict[str, Any]:
    """The body of a federated search for what any of `wanted` finds."""
    one = {
        "indexUid": index,
        "matchingStrategy": "all",
        "attributesToRetrieve": _LIGHT,
        **({"sort": sort} if sort else {}),
    }
    queries = [
        {
            **one,
            "q": each.text,
            "filter": [*narrowed_by, each.only],
            "federationOptions": {"weight": each.weight},
        }
        for each in wanted
    ]
    federation = {
        "page": page.number,
        "hitsPerPage": page.size,
        "facetsByIndex": {index: facets},
    }
    return {"federation": federation, "queries": queries}


def read(index: str, page: Page, answer: Mapping[str, Any]) -> Joined:
    """What the server answered to a request for `page`."""
    counted = answer.get("facetsByIndex", {}).get(index, {}).get("distribution", {})
    return Joined(
        int(answer["totalHits"]),
        answer["hits"][page.hits],
        {name: _in_order(counts) for name, counts in counted.items()},
    )


def _in_order(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
