"""What a source is, and what reading it yields.

Rules:
- a source is read from a cursor, which only its own kind understands, and yields what it found in
  the source's order; a `Mark` says that everything before it is contained in its cursor;
- absence says something only where a mark is `whole`: then the source holds nothing else;
- what is wrong is a `Fault` with its place; a fatal one ends the reading, and nothing after the
  last mark counts;
- everything is bounded: bytes, items, requests, redirects, time, and processor time, for each
  document (`cpu_time`) and for the whole reading.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, TypeAlias

Kind = Literal["feed", "oai", "wordpress", "page", "table"]
Cursor: TypeAlias = dict[str, str]

MAX_FAULTS = 100
"""Faults that one reading tells; more of them tell no more."""


class SourceFailed(Exception):
    """A source cannot be read further. `code` is for programs and for translation; `retry_after`
    is how many seconds the source asked for, 0 for none."""

    def __init__(self, code: str, detail: str, retry_after: int = 0) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Source:
    """What is read, and for whom. `languages` are those that the centre publishes in; `language` is
    what the source is written in where nothing says more, empty where nobody knows. `mapping` is
    the TOML of a table; `links` the pattern of addresses that a list page's articles have; `set_`
    the OAI-PMH set; `allowed` are private networks that may be asked."""

    kind: Kind
    url: str
    languages: tuple[str, ...]
    language: str = ""
    mapping: str = ""
    links: str = ""
    set_: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reading may cost. `bytes` is of one answer and `all_bytes` of all; `seconds` of one
    answer and `all_seconds` of the reading; `pause` is between two requests, in seconds.
    `cpu_seconds` and `cpu_seconds_a_mib` are the processor time that one document may take,
    `all_cpu_seconds` that of a reading: what comes after it is left for the next one."""

    bytes: int = 32 * 1024 * 1024
    all_bytes: int = 256 * 1024 * 1024
    seconds: float = 60.0
    all_seconds: float = 600.0
    items: int = 20_000
    requests: int = 200
    articles: int = 20
    redirects: int = 5
    pause: float = 1.0
    cpu_seconds: float = 6.0
    cpu_seconds_a_mib: float = 0.7
    all_cpu_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Text:
    """An edition in one language; `body` is HTML."""

    title: str
    body: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a source publishes, as it will be kept. `identity` is the source's own name
    for it; dates are ISO 8601 or empty; `place` is where it stood; `remarks` say what was replaced,
    assumed or left out in reading it, for the editor who decides on it."""

    identity: str
    language: str
    title: str
    body: str
    summary: str = ""
    url: str = ""
    date: str = ""
    event: str = ""
    kind: str = ""
    source_name: str = ""
    place: str = ""
    countries: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    policy: Mapping[str, str] = field(default_factory=dict)
    translations: Mapping[str, Text] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What is the same for the same content, under whatever identity and address."""
        parts = [self.language, self.title, self.summary, self.body, self.kind, self.event]
        for language, text in sorted(self.translations.items()):
            parts += [language, text.title, text.summary, text.body]
        parts += [*self.countries, "/", *self.topics, "/"]
        parts += [f"{name}={value}" for name, value in sorted(self.policy.items())]
        return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that the source says it no longer has, and how it says so."""

    identity: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What was wrong, in English words, and where. `code` is for programs and for translation;
    `retry_after` is how many seconds the source asked for."""

    code: str
    detail: str
    place: str = ""
    fatal: bool = False
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """Everything before this is contained in `cursor`. `unchanged` says that the source is as it
    was at the cursor before; `whole`, that it holds nothing but what was yielded."""

    cursor: Cursor
    whole: bool = False
    unchanged: bool = False


Finding: TypeAlias = Item | Gone | Fault | Mark
Findings: TypeAlias = AsyncGenerator[Finding, None]
