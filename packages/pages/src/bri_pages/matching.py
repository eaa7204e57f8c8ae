"""Which of a few records a search would let through: its filters, decided here for all at once.

Rules:
- values of one filter are alternatives, filters add up, as in every engine;
- each value's records are one number's bits, so that a search costs a few operations whatever the
  batch, and ten thousand searches cost milliseconds; words are asked of search, and only where the
  filters let a record through.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bri.content.v1 import content_pb2

from bri_kit import content
from bri_pages.asking import Question

_POLICY_FILTERS = ("jurisdiction", "instrument", "status")


class Sieve:
    """Knows a batch of records by what they can be filtered by."""

    def __init__(self, records: Sequence[content_pb2.Record]) -> None:
        self._ids = [record.id for record in records]
        self._dates = [content.display_date(record) for record in records]
        self._bits: dict[tuple[str, str], int] = defaultdict(int)
        for place, record in enumerate(records):
            for pair in _values(record):
                self._bits[pair] |= 1 << place

    def passing(self, question: Question) -> set[str]:
        """The records that the question's filters let through, whatever its words."""
        left = (1 << len(self._ids)) - 1
        wanted = {*question.fixed, *question.filters}
        for name in {name for name, _ in wanted}:
            left &= self._any(pair for pair in wanted if pair[0] == name)
            if not left:
                return set()
        places = (place for place in range(len(self._ids)) if left >> place & 1)
        return {self._ids[place] for place in places if self._is_in_time(place, question)}

    def _any(self, pairs: Iterable[tuple[str, str]]) -> int:
        bits = 0
        for pair in pairs:
            bits |= self._bits.get(pair, 0)
        return bits

    def _is_in_time(self, place: int, question: Question) -> bool:
        date = self._dates[place]
        if not (question.since or question.until):
            return True
        return bool(date) and question.since <= date <= (question.until or "9999-12-31")


def _values(record: content_pb2.Record) -> Iterator[tuple[str, str]]:
    yield "centre", content.centre_of(record.id)
    yield "kind", content.KIND_NAMES.get(record.kind, "")
    for country in record.countries:
        yield "country", country
    for topic in record.topics:
        yield "topic", topic
    for edition in record.editions:
        yield "edition", edition.language
    for name in _POLICY_FILTERS:
        yield name, getattr(record.policy, name)
