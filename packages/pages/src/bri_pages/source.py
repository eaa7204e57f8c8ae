"""What pages ask of whoever serves them: a hub with its database and search, or a node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bri_kit.keyring import Tenure
from bri_pages.asking import Question
from bri_retrieval.engine import Hit, Query, Results, Suggestion

Document = Mapping[str, Any]
"""JSON as the public API shows it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A record as it once was. `document` is None where this step withdrew it; `at` is RFC 3339."""

    number: int
    at: str
    document: Document | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a record's bytes come from. `verified` says that the key which signed at the entry's
    number signed them, checked while the page was made: the entry itself, or the later one numbered
    `vouched_by` that proves all before it. `key` is that key and `hash` the entry's SHA-256, both
    hexadecimal; `keys` are all keys that the centre ever had, the oldest first."""

    centre: str
    entry: int
    hash: str
    key: str
    verified: bool
    received_at: str = ""
    vouched_by: int = 0
    keys: Sequence[Tenure] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A place in a list of everything: an identifier or path, and when it last changed (RFC 3339),
    empty where that is not known."""

    path: str
    changed: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of everything: of the centre's records in the order of their identifiers, withdrawn
    ones among them, so many at a time, those of the place `number`, counted from 0. One of them
    changed last at `changed` (RFC 3339)."""

    centre: str
    number: int
    changed: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """A published record with everything that its page tells. `story` are the others of its
    story."""

    document: Document
    provenance: Provenance
    revisions: Sequence[Revision] = ()
    story: Sequence[Document] = ()
    related: Sequence[Hit] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A record that its centre took back at the RFC 3339 time `at`."""

    record_id: str
    centre: str
    at: str
    reason: str


class Source(Protocol):
    """Answers pages. Errors are those of `bri_kit.errors`: NotFound, Retracted, Unavailable."""

    async def search(self, query: Query) -> Results:
        """One page of what `query` asks for. Raises Unavailable where search is away."""

    async def suggest(self, text: str, language: str, limit: int) -> Sequence[Suggestion]:
        """Completions of what is typed. Raises Unavailable where search is away."""

    async def record(self, record_id: str, language: str) -> RecordView:
        """A record for a reader of `language`. Raises NotFound, or Retracted with a tombstone."""

    async def withdrawn(self, question: Question) -> Sequence[Withdrawn]:
        """Records that `question` would have listed and that were withdrawn lately, the last one
        first, as far as that is known."""

    async def documents(self, record_ids: Sequence[str]) -> Sequence[Document]:
        """Those of these records that are published here."""

    async def stretches(self, length: int) -> Sequence[Stretch]:
        """Where, among so many records at a time, published ones are."""

    async def listing(self, centre: str, number: int, length: int) -> Sequence[Listed]:
        """The published records of one such stretch, in the order of their identifiers."""

    async def centres(self) -> Sequence[Document]:
        """Who takes part."""

    async def federation(self) -> Document:
        """How every centre's log and search stand."""
