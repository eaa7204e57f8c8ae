"""What an index can be asked, in Meilisearch's terms.

Rules:
- nothing takes longer than the question's deadline;
- what was asked before, and documents that have not changed since, are not asked for again.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import inf
from typing import Any

from bri_retrieval.meili import documents, joining
from bri_retrieval.meili.documents import PARTS, SPELT, TYPED, typing
from bri_retrieval.meili.joining import Joined, Page, Wanted
from bri_retrieval.meili.narrowing import SHOWN, among, equals
from bri_retrieval.meili.remembering import Hit, Memory, StoredCard
from bri_retrieval.meili.server import Server
from bri_retrieval.meili.sounds import Sounds
from bri_retrieval.meili.weighing import FIELDS, Weighable
from bri_retrieval.stories.card import Card

_MOST_AT_ONCE = 200
"""Queries in one request."""

_FEW = 3

_CARDS_AT_ONCE = 1_000
_SAMPLE = 20
"""Cards that are looked into for the words that they have."""


class Source:
    """One index of one server, asked by one deadline (of `time.monotonic`)."""

    def __init__(
        self,
        server: Server,
        index: str,
        facets: Sequence[str] = (),
        deadline: float = inf,
        memory: Memory | None = None,
    ) -> None:
        """`facets` can be counted; `memory` is of what was asked of this index before."""
        self._server = server
        self._index = index
        self._deadline = deadline
        self.memory = memory or Memory()
        self.facets = facets

    def total(self) -> int:
        """How many cards there are."""
        return self.counted([""])[0]

    def count_records(self) -> int:
        """How many records are on those cards."""
        found = self.joined([Wanted("")], [], 0, facets=["members"])
        sizes = found.facets.get("members", {})
        return sum(int(size) * count for size, count in sizes.items())

    def counted(self, queries: Sequence[str]) -> list[int]:
        """How many cards each of `queries` finds."""
        return self._counts([(each, SHOWN) for each in queries])

    def having(self, values: Sequence[tuple[str, str]]) -> list[int]:
        """How many cards have each of some values of facets."""
        return self._counts([("", f"{SHOWN} AND {equals(*each)}") for each in values])

    def joined(
        self,
        wanted: Sequence[Wanted],
        narrowed_by: Sequence[str],
        limit: int,
        *,
        offset: int = 0,
        sort: Sequence[str] = (),
        facets: Sequence[str] = (),
    ) -> Joined:
        """What any of `wanted` finds."""
        page = Page(offset, limit)
        body = joining.request(self._index, wanted, narrowed_by, page, sort, facets)
        return joining.read(self._index, page, self._ask("/multi-search", body))

    def cards(self, hits: Sequence[Hit]) -> dict[str, Card]:
        """The cards of what was found, by the names of their documents."""

        def ask(names: Sequence[str]) -> Iterator[tuple[str, StoredCard]]:
            for each in self._named(names, ("id", "card")):
                yield each["id"], StoredCard(each["card"].encode())

        found = self.memory.cards.those_of(hits, ask)
        return {name: each.load() for name, each in found.items()}

    def weighable(self, hits: Sequence[Hit]) -> list[Weighable]:
        """What was found, to be weighed anew."""

        def ask(names: Sequence[str]) -> Iterator[tuple[str, Weighable]]:
            for each in self._named(names, FIELDS):
                yield each["id"], Weighable.of(each)

        return list(self.memory.texts.those_of(hits, ask).values())

    def cards_of(self, record_ids: Collection[str]) -> dict[str, Card]:
        """The cards that have any of these records, by each record on them."""
        wanted = list(record_ids)
        cards: dict[str, Card] = {}
        for start in range(0, len(wanted), _CARDS_AT_ONCE):
            some = among("records", wanted[start : start + _CARDS_AT_ONCE])
            body = {"filter": f"{SHOWN} AND {some}", "fields": ["card"], "limit": _CARDS_AT_ONCE}
            for each in self._fetched(body):
                card = documents.read_card(each)
                cards |= dict.fromkeys(card.ids, card)
        return cards

    def records(self) -> Iterator[str]:
        """All records that can be found."""
        offset = 0
        while True:
            body = {"filter": SHOWN, "fields": ["records"], "limit": _CARDS_AT_ONCE}
            found = self._fetched({**body, "offset": offset})
            if not found:
                return
            offset += len(found)
            for each in found:
                yield from each["records"]

    def titled(self, beginning: str, most: int) -> list[Card]:
        """Cards with a title that has the words of `beginning`, the last one unfinished, the newest
        first; typos in that one are forgiven, which is for the caller to judge."""
        words = typing(beginning)
        if not words:
            return []
        *whole, last = words
        query = " ".join([*(f'"{word}"' for word in whole), last])
        found = self._hits(query, most, ["card", "newest_day", "newest_number"])
        found.sort(key=lambda each: (-each["newest_day"], -each["newest_number"]))
        return [documents.read_card(each) for each in found]

    def begun(self, beginning: str) -> list[str]:
        """Tokens that begin so, the commonest first, in the first cards that have any."""
        counted: Counter[str] = Counter()
        for hit in self._hits(beginning, _SAMPLE, PARTS):
            found = {word for part in PARTS for text in hit[part] for word in text.split()}
            counted.update(word for word in found if word.startswith(beginning))
        return [word for word, _ in counted.most_common()]

    def near(self, word: str, most: int) -> list[Card]:
        """Cards that have words spelt nearly as `word`."""
        found = self._hits(f"{SPELT}{word} ", most, ["card"])
        return [documents.read_card(each) for each in found]

    def spelt(self, words: Sequence[str]) -> list[int]:
        """How many cards have each of `words`, spelt so."""
        return self.counted([f'"{SPELT}{word}"' for word in words])

    def begin_titles(self, words: Sequence[str]) -> list[bool]:
        """Whether each of `words` begins a word of a title."""
        found = self._searched(
            [
                {"q": f"{TYPED}{word}", "limit": _FEW, "attributesToRetrieve": ["typed"]}
                for word in words
            ]
        )
        return [
            any(f"{TYPED}{word}" in title for hit in result["hits"] for title in hit["typed"])
            for word, result in zip(words, found, strict=True)
        ]

    def sounds(self) -> Sounds:
        """How the words of titles sound; the commonest."""

        def ask() -> Mapping[str, int]:
            return self.joined([Wanted("")], [], 0, facets=["sounds"]).facets.get("sounds", {})

        return self.memory.answers.once("sounds", lambda: Sounds(ask()))

    def _hits(self, text: str, most: int, fields: Sequence[str]) -> list[Any]:
        body = {
            "q": text,
            "filter": SHOWN,
            "matchingStrategy": "all",
            "limit": most,
            "attributesToRetrieve": fields,
        }
        return list(self._ask(f"/indexes/{self._index}/search", body)["hits"])

    def _counts(self, queries: Sequence[tuple[str, str]]) -> list[int]:
        def ask(unknown: Sequence[tuple[str, str]]) -> list[int]:
            found = self._searched(
                [
                    {"q": text, "filter": only, "attributesToRetrieve": [], "hitsPerPage": 0}
                    for text, only in unknown
                ]
            )
            return [int(result["totalHits"]) for result in found]

        return self.memory.answers.each(queries, ask)

    def _searched(self, queries: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What each of `queries` finds by itself."""
        one = {"indexUid": self._index, "matchingStrategy": "all"}
        found: list[Any] = []
        for start in range(0, len(queries), _MOST_AT_ONCE):
            some = queries[start : start + _MOST_AT_ONCE]
            body = {"queries": [{**one, **each} for each in some]}
            found += self._ask("/multi-search", body)["results"]
        return found

    def _named(self, names: Sequence[str], fields: Sequence[str]) -> list[Any]:
        return self._fetched({"ids": names, "fields": fields, "limit": len(names)})

    def _fetched(self, body: Mapping[str, Any]) -> list[Any]:
        return list(self._ask(f"/indexes/{self._index}/documents/fetch", body)["results"])

    def _ask(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._server.ask(path, body, self._deadline)
