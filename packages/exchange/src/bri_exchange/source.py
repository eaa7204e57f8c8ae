"""What this package asks of whoever serves it: a hub with its change log, or a node with its log.

Rules:
- items stand in the order of the changes that made them what they are; an item that changes moves
  to the end, so that whoever goes from position to position misses none;
- what was withdrawn, or is not shown any more, stays as an item without a document, for ever;
- an item's time is when it changed here, never earlier than what was answered before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Document = Mapping[str, Any]
"""JSON as the public API shows it."""


@dataclass(frozen=True, slots=True)
class Repository:
    """Who serves. `names` are by language, `address` begins absolute addresses and has no slash at
    the end, `contact` is an e-mail address, `earliest` (RFC 3339) is before every change. `kinds`
    tell by language what each kind of record is called, `feeds` the path of its Atom feed.
    `licence` is the address of the terms under which all is given, empty where that is not known.
    `has_dumps` says whether whole dumps and changes are served too."""

    code: str
    names: Mapping[str, str]
    address: str
    contact: str
    earliest: str
    languages: Sequence[str]
    kinds: Mapping[str, Mapping[str, str]]
    feeds: Mapping[str, str]
    licence: str = ""
    has_dumps: bool = False

    @property
    def name(self) -> str:
        """One name, the English one where there is one."""
        return self.names.get("en") or next(iter(self.names.values()), self.code)


@dataclass(frozen=True, slots=True)
class Item:
    """A record as it stands since `at` (RFC 3339, milliseconds), of these `sets`. One that is not
    given out any more is deleted; it has no `document`, nor has one that was not asked for whole.
    One that was set aside because nobody can read it is `is_unreadable`: it has its place in the
    list, and is not given out."""

    record_id: str
    at: str
    sets: Sequence[str]
    document: Document | None = None
    is_deleted: bool = False
    is_unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items are wanted: of a set, empty for all; changed from `since` to `until` (RFC 3339
    with milliseconds, inclusive, empty for no bound); after a position that was reached in `epoch`,
    both of the page before. Where not `whole`, items come without documents; where `counted`, it is
    told how many there are in all."""

    set: str = ""
    since: str = ""
    until: str = ""
    after: int = 0
    epoch: str = ""
    limit: int = 100
    whole: bool = True
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Items, the position that they end at, and whether there are more now. `total` is how many
    the whole list has, None where that was not asked for."""

    items: Sequence[Item]
    position: int
    epoch: str
    has_more: bool
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """How many published records a centre has of a kind, and when one of them changed last."""

    centre: str
    kind: str
    records: int
    changed: str


class PositionLost(Exception):
    """A position is of a log that this one is not any more, such as before a restored backup."""


class Source(Protocol):
    """Answers this package. Raises `bri_kit.errors.Unavailable` where an answer would not be true
    yet: whoever asks comes again."""

    async def repository(self) -> Repository:
        """Who serves."""

    async def centres(self) -> Sequence[Document]:
        """Whose records are here: `code`, `names`, `countries`, `url` where there is one."""

    async def countries(self) -> Sequence[str]:
        """The codes of countries that records are about, in order."""

    async def page(self, selection: Selection) -> Page:
        """The next items. Raises PositionLost."""

    async def item(self, record_id: str) -> Item | None:
        """One item, whole; None where there never was one."""

    async def holdings(self) -> Sequence[Holding]:
        """What there is, by centre and kind."""
