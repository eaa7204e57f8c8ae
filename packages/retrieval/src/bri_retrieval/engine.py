"""What a search engine is, whichever it is: the embedded one, Meilisearch, or the next.

An engine holds records, one document each, and a cursor: the number of the last change of the log
it follows. Documents and cursor are stored together, so an engine that lost its disk simply says
0 and is filled again. Engines are synchronous; whoever serves them gives them threads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bri.content.v1 import content_pb2

FACETS = ("centre", "kind", "country", "topic", "edition", "year")
MAX_LIMIT = 100
MAX_OFFSET = 10_000
MAX_TEXT = 1_000
"""Longest query text, in characters."""

Sort = Literal["relevance", "newest"]


@dataclass(frozen=True, slots=True)
class Query:
    """A reader's question. Values of one filter are alternatives; filters add up.

    `text` is in any language, `language` is the reader's (BCP 47); `since` and `until` are ISO 8601
    dates, both inclusive, empty for none.
    """

    text: str = ""
    language: str = "en"
    centres: Sequence[str] = ()
    kinds: Sequence[str] = ()
    countries: Sequence[str] = ()
    topics: Sequence[str] = ()
    editions: Sequence[str] = ()
    since: str = ""
    until: str = ""
    sort: Sort = "relevance"
    limit: int = 10
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """One card. `language` is the edition shown: the reader's where there is one, else the one that
    matched. `snippet` is escaped HTML in which `<mark>` is the only tag; `date` is ISO 8601."""

    id: str
    centre: str
    kind: str
    language: str
    title: str
    snippet: str
    date: str
    countries: Sequence[str]
    topics: Sequence[str]
    editions: Sequence[str]
    story: Sequence[str] = ()
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits; `total` counts cards, `facets` maps each of FACETS to counts by value,
    in descending order of the counts."""

    total: int
    hits: Sequence[Hit]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion of what a reader is typing; `code` is the topic's or the record's identifier."""

    text: str
    source: Literal["topic", "title"]
    code: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one record: `record` is its newest published content, or None where it must
    not be found any more."""

    number: int
    record_id: str
    record: content_pb2.Record | None


class EngineUnavailable(Exception):
    """The engine does not answer; it may again later."""


class Engine(Protocol):
    """Holds records and finds them. One writer, any number of readers, from any thread."""

    name: str

    def cursor(self) -> int:
        """The number of the last change that can be searched; 0 for an engine that is empty."""

    def count(self) -> int:
        """How many records can be found."""

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in changes, in the order of their numbers. They are found after `commit`."""

    def commit(self) -> None:
        """Make everything applied findable and keep it with its cursor, all or nothing."""

    def clear(self) -> None:
        """Forget everything, at once and for good: the cursor is 0. For a log that began anew."""

    def search(self, query: Query) -> Results:
        """Answer a question.

        Raises:
            EngineUnavailable: the engine does not answer.
        """

    def suggest(self, text: str, language: str, limit: int) -> Sequence[Suggestion]:
        """Complete what a reader is typing, the best completion first."""

    def close(self) -> None:
        """Let go of files and connections; what was not committed is given up."""
