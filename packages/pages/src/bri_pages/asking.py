"""A search page's address: what it asks, and the addresses beside it.

Rules:
- an address is never refused: what cannot be read in it is left out, since it may have been shared
  long ago, cut by a mail program or typed by hand;
- changing a filter goes back to the first page;
- filters stand in one order, so that the same question has one address.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from bri_kit import content, vocabulary
from bri_retrieval.engine import MAX_OFFSET, MAX_TEXT, Query, Sort

PAGE = 10
FILTERS = (
    "kind", "country", "topic", "edition", "centre", "jurisdiction", "instrument", "status",
)  # fmt: skip
_MOST_VALUES = 20
_LONGEST_VALUE = 64
_LONGEST_DAY = 20
_MOST_DAYS = 31
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader asks by a page's address. `page` counts from 1; `fixed` filters belong to the
    page itself (a country's, a module's) and are not in the address."""

    text: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    since: str = ""
    until: str = ""
    sort: Sort = "relevance"
    page: int = 1
    fixed: tuple[tuple[str, str], ...] = ()

    def values(self, name: str) -> tuple[str, ...]:
        """The chosen values of a filter."""
        return tuple(value for each, value in self.filters if each == name)

    def has(self, name: str, value: str) -> bool:
        """Whether a value is chosen."""
        return (name, value) in self.filters

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words narrows the answer."""
        return bool(self.filters or self.since or self.until)

    def toggled(self, name: str, value: str) -> "Question":
        """The question with one more value, or without it where it is chosen."""
        pair = (name, value)
        others = tuple(each for each in self.filters if each != pair)
        filters = others if pair in self.filters else _ordered((*others, pair))
        return replace(self, filters=filters, page=1)

    def without(self, name: str) -> "Question":
        """The question without any value of a filter."""
        filters = tuple(each for each in self.filters if each[0] != name)
        return replace(self, filters=filters, page=1)

    @property
    def year(self) -> str:
        """The year that the dates are the first and the last day of; empty for other dates."""
        year = self.since[:4]
        return year if (self.since, self.until) == (f"{year}-01-01", f"{year}-12-31") else ""

    def in_year(self, year: str) -> "Question":
        """The question about one year, or about all where it is that year's already."""
        if self.year == year:
            return self.undated()
        return replace(self, since=f"{year}-01-01", until=f"{year}-12-31", page=1)

    def undated(self) -> "Question":
        """The question without dates."""
        return replace(self, since="", until="", page=1)

    def cleared(self) -> "Question":
        """The words alone."""
        return replace(self, filters=(), since="", until="", page=1)

    def sorted_by(self, sort: Sort) -> "Question":
        """The question with another order."""
        return replace(self, sort=sort, page=1)

    def at(self, page: int) -> "Question":
        """Another page of the answer."""
        return replace(self, page=page)

    def asking(self, text: str) -> "Question":
        """Other words, the same filters."""
        return replace(self, text=text, page=1)

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of the address, without those that say nothing."""
        named = [("q", self.text), *self.filters, ("from", self.since), ("to", self.until)]
        if self.sort == "newest":
            named.append(("sort", self.sort))
        if self.page > 1:
            named.append(("page", str(self.page)))
        return [(name, value) for name, value in named if value]

    def encoded(self) -> str:
        """The address's query part, with its question mark; empty where it says nothing."""
        pairs = self.pairs()
        return f"?{urlencode(pairs)}" if pairs else ""

    def query(self, language: str, limit: int = PAGE) -> Query:
        """The question as search takes it."""
        chosen: dict[str, list[str]] = {name: [] for name in FILTERS}
        for name, value in (*self.fixed, *self.filters):
            chosen[name].append(value)
        return Query(
            text=self.text,
            language=language,
            centres=chosen["centre"],
            kinds=chosen["kind"],
            countries=chosen["country"],
            topics=chosen["topic"],
            editions=chosen["edition"],
            jurisdictions=chosen["jurisdiction"],
            instruments=chosen["instrument"],
            statuses=chosen["status"],
            since=self.since,
            until=self.until,
            sort=self.sort if self.text else "newest",
            limit=limit,
            offset=min((self.page - 1) * limit, MAX_OFFSET),
        )


def read(params: QueryParams, fixed: Iterable[tuple[str, str]] = ()) -> Question:
    """The question in an address; `fixed` is what the page itself asks."""
    held = tuple(fixed)
    sort: Sort = "newest" if params.get("sort") == "newest" else "relevance"
    return Question(
        text=_printable(params.get("q", ""))[:MAX_TEXT].strip(),
        filters=_ordered(pair for pair in _filters(params) if pair not in held),
        since=_day(params.get("from", "")),
        until=_day(params.get("to", ""), is_end=True),
        sort=sort,
        page=_page(params.get("page", "")),
        fixed=held,
    )


def topic_and_below(code: str) -> list[tuple[str, str]]:
    """The filter for a topic and those directly below it; empty where there is no such topic."""
    topics = vocabulary.topics()
    below = [each.code for each in topics.values() if each.broader == code]
    return [("topic", each) for each in (code, *below)] if code in topics else []


def _filters(params: QueryParams) -> Iterable[tuple[str, str]]:
    for name in FILTERS:
        for value in params.getlist(name)[:_MOST_VALUES]:
            known = name != "kind" or value in content.KINDS
            if value and known and len(value) <= _LONGEST_VALUE and value == _printable(value):
                yield name, value


def _ordered(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(set(pairs), key=lambda pair: (FILTERS.index(pair[0]), pair[1])))


def _printable(text: str) -> str:
    return "".join(each for each in text if each.isprintable())


def _day(text: str, *, is_end: bool = False) -> str:
    """A date as forms send it or as people write it, such as 2019年1月8日 or 08.01.2019: the year
    stands first or last. A year or a month alone is its first day, or its last where `is_end`."""
    numbers = [int(each) for each in _NUMBERS.findall(text[:_LONGEST_DAY])]
    if len(numbers) > 1 and numbers[-1] > _MOST_DAYS:
        numbers.reverse()
    if not 1 <= len(numbers) <= 3:
        return ""
    year, month, day = (*numbers, 0, 0)[:3]
    try:
        month = month or (12 if is_end else 1)
        return date(year, month, day or (monthrange(year, month)[1] if is_end else 1)).isoformat()
    except (ValueError, OverflowError):
        return ""


def _page(text: str) -> int:
    last = MAX_OFFSET // PAGE
    return min(max(int(text), 1), last) if text.isascii() and text.isdigit() else 1
