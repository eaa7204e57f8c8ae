"""What a search engine is, whichever it is: the embedded one, Meilisearch, or the next.

An engine holds cards, one document each, and a cursor: the number of the last change of the log
it follows, with the epoch of that log. Documents and cursor are stored together, so an engine that
lost its disk simply says 0 and is filled again. Engines are synchronous; whoever serves them gives
them threads.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from math import inf
from typing import TYPE_CHECKING, Literal, Protocol

from bri.content.v1 import content_pb2

from bri_retrieval.stories.card import Card

if TYPE_CHECKING:
    from bri_retrieval.meaning.meaning import Meaning
    from bri_retrieval.set_aside import SetAside

FACETS = (
    *("centre", "kind", "country", "topic", "edition", "year"),
    # What only policies have:
    *("jurisdiction", "instrument", "status"),
)
MAX_LIMIT = 100
MAX_OFFSET = 10_000
MAX_TEXT = 1_000
"""Longest query text, in characters."""
MOST_PERCOLATED = 100
MOST_TEXTS = 500
"""Records, and questions about them, in one percolation."""

Sort = Literal["relevance", "newest", "changed"]
"""The best match first, the newest by its own date, or what was published or revised last."""

Mode = Literal["words", "meaning", "hybrid"]
"""What a question is compared by; where there is no embedder, always by words."""
Source = Literal["topic", "country", "title"]


@dataclass(frozen=True, slots=True)
class Query:
    """A reader's question. Values of one filter are alternatives; filters add up.

    `text` is in any language, `language` is the reader's (BCP 47); `since` and `until` are ISO 8601
    dates, both inclusive, empty for none. From `deadline` on (of `time.monotonic`) what is there is
    answered, without the facets that are still to be counted.
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
    jurisdictions: Sequence[str] = ()
    instruments: Sequence[str] = ()
    statuses: Sequence[str] = ()
    deadline: float = inf
    mode: Mode = "hybrid"

    @property
    def filters(self) -> Mapping[str, Sequence[str]]:
        """What is asked for, by facet; facets of which nothing is asked are not in it."""
        values = {
            "centre": self.centres,
            "kind": self.kinds,
            "country": self.countries,
            "topic": self.topics,
            "edition": self.editions,
            "jurisdiction": self.jurisdictions,
            "instrument": self.instruments,
            "status": self.statuses,
        }
        return {name: some for name, some in values.items() if some}

    @property
    def days(self) -> tuple[int, int] | None:
        """The first and the last day, both inclusive, as `date.toordinal` counts them; None where
        all days are good."""
        if not self.since and not self.until:
            return None
        first = date.fromisoformat(self.since) if self.since else date.min
        last = date.fromisoformat(self.until) if self.until else date.max
        return first.toordinal(), last.toordinal()


@dataclass(frozen=True, slots=True)
class Version:
    """Another record of a hit's story. `title` is in the reader's language where there is one."""

    id: str
    centre: str
    languages: Sequence[str]
    title: str
    date: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One card. `language` is the edition shown: the reader's where there is one, else the one that
    matched. `snippet` is escaped HTML in which `<mark>` is the only tag; `date` is ISO 8601. It was
    `published` at first, and as it is now at `changed`: RFC 3339, empty where nobody said."""

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
    versions: Sequence[Version] = ()
    published: str = ""
    changed: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits; `total` counts cards, `facets` maps each of FACETS to counts by value,
    in descending order of the counts. A facet obeys all filters but its own. `did_you_mean` is the
    question as it may have been meant, empty where nothing suggests another; what is `partial`
    lacks facets, because the deadline came first. `mode` is what the question was compared by."""

    total: int
    hits: Sequence[Hit]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    did_you_mean: str = ""
    partial: bool = False
    mode: Mode = "words"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion of what a reader is typing; `code` is the topic's, the country's (ISO 3166-1) or
    the record's identifier."""

    text: str
    source: Source
    code: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one record: `record` is its newest published content, or None where it must
    not be found any more. `joined` and `parted` are records of which editors decided that they tell
    the same, or do not, whether those are here or not. `at` is the RFC 3339 time at which its
    centre published the content. `unreadable` says why the content cannot be indexed, which
    sets the record aside (see `set_aside`)."""

    number: int
    record_id: str
    record: content_pb2.Record | None
    joined: Sequence[str] = ()
    parted: Sequence[str] = ()
    at: str = ""
    unreadable: str = ""


class EngineUnavailable(Exception):
    """The engine does not answer; it may again later."""


class BatchFailed(EngineUnavailable):
    """What was applied cannot be committed, though the engine's disk and files are in order: a
    record may be the cause (see `isolation`)."""


class Engine(Protocol):
    """Holds records and finds them, a card at a time: a record by itself, or the records of a story
    together. One writer, any number of readers, from any thread."""

    name: str

    def cursor(self) -> int:
        """The number of the last change that can be searched; 0 for an engine that is empty."""

    def epoch(self) -> str:
        """The epoch of the log in which the cursor was reached; empty where none was named."""

    def enter_epoch(self, epoch: str) -> None:
        """What is applied from now on is of this epoch; it is kept with the next commit."""

    def count(self) -> int:
        """How many records can be found."""

    def set_aside(self) -> "SetAside":
        """The records that could not be indexed, as of the last commit."""

    def caught_up(self) -> None:
        """Say that all of the log is in the engine: it is filled, if it had to be filled again."""

    def remark(self) -> str:
        """What operators should know of the engine though it answers: it cannot be written, or is
        being filled again. Empty where all is well."""

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in changes, in the order of their numbers. They are found after `commit`. A record
        that changes stays on its card; one that is gone leaves the others on theirs; one that
        cannot be indexed is set aside.

        Raises:
            EngineUnavailable: nothing can be taken in now, or what was taken in since the last
                commit was lost: it has to be followed for again from the cursor.
        """

    def cards(self, record_ids: Collection[str]) -> Mapping[str, Card]:
        """The card of each of these records that can be found."""

    def bind(self, stories: Collection[Collection[str]]) -> None:
        """Put the records of each of `stories` on one card, in place of the cards they are on; who
        shared one of those and is in none of `stories` is left on a card without them. Records
        that are unknown are left out, and no record is in two stories. Found after `commit`."""

    def commit(self) -> None:
        """Make everything applied findable and keep it with its cursor, all or nothing.

        Raises:
            BatchFailed, EngineUnavailable: as `apply`; nothing was committed.
        """

    def clear(self) -> None:
        """Forget everything, at once and for good: the cursor is 0. For a log that began anew."""

    def search(self, query: Query) -> Results:
        """Answer a question.

        Raises:
            EngineUnavailable: the engine does not answer.
        """

    def attach(self, meaning: "Meaning") -> None:
        """Ask `meaning` too from now on, and tell it what changes. What it has not been told of so
        far, because the engine ran without it, it is told of now."""

    def related(self, record_id: str, language: str, limit: int) -> Results:
        """The records that are most like one, on other cards, the nearest first; none for a record
        that is not there. Facets are not counted.

        Raises:
            EngineUnavailable: the engine does not answer.
        """

    def percolate(self, record_ids: Collection[str], texts: Sequence[str]) -> Sequence[Set[str]]:
        """For each of `texts`, those of the records that have everything it asks (see
        `embedded.percolating`); a record that is not there has nothing.

        Raises:
            EngineUnavailable: the engine does not answer.
        """

    def suggest(self, text: str, language: str, limit: int) -> Sequence[Suggestion]:
        """Complete what a reader is typing, the best completion first."""

    def close(self) -> None:
        """Let go of files and connections; what was not committed is given up."""
