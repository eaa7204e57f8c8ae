"""What services answer and are sent, as types for a type checker; values are plain dictionaries.

Documents may hold more than is named here: what is new to a service needs no new client. Times are
RFC 3339 in UTC, dates ISO 8601, countries ISO 3166-1 alpha-2, languages BCP 47, bytes base64.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

Kind = Literal["news", "policy", "case", "cooperation", "technology"]
Origin = Literal["original", "human", "machine"]


class Edition(TypedDict):
    """A record's text in one language; `body` is sanitised HTML, or Markdown where it is sent
    with `format`."""

    title: str
    summary: NotRequired[str]
    body: str
    origin: NotRequired[Origin]
    stale: NotRequired[bool]
    format: NotRequired[Literal["html", "markdown"]]


class Source(TypedDict):
    """Who published the content first."""

    name: NotRequired[str]
    url: NotRequired[str]


class Dates(TypedDict):
    """When it happened, was first told, and was published here."""

    event: NotRequired[str]
    original: NotRequired[str]
    published: NotRequired[str]


class Policy(TypedDict):
    """What is particular to a legal instrument."""

    jurisdiction: NotRequired[str]
    instrument: NotRequired[str]
    number: NotRequired[str]
    authority: NotRequired[str]
    status: NotRequired[str]
    adopted: NotRequired[str]
    in_force: NotRequired[str]
    amends: NotRequired[Sequence[str]]
    repeals: NotRequired[Sequence[str]]


class NewRecord(TypedDict):
    """A record as it is sent. With `node.update` an edition that is not sent is kept, and one that
    is None is removed."""

    kind: Kind
    original_language: str
    editions: Mapping[str, Edition | None]
    countries: NotRequired[Sequence[str]]
    topics: NotRequired[Sequence[str]]
    source: NotRequired[Source]
    dates: NotRequired[Dates]
    policy: NotRequired[Policy]
    format: NotRequired[Literal["html", "markdown"]]


class Provenance(TypedDict):
    """Where at the hub a record comes from."""

    entry: int
    hash: str
    received_at: str


class Record(TypedDict):
    """A record as it is shown. The hub adds `updated_at` and `provenance`."""

    id: str
    centre: str
    revision: int
    state: Literal["draft", "in-review", "published", "retracted"]
    kind: Kind
    original_language: str
    editions: dict[str, Edition]
    countries: list[str]
    topics: list[str]
    source: NotRequired[Source]
    dates: NotRequired[Dates]
    policy: NotRequired[Policy]
    updated_at: NotRequired[str]
    provenance: NotRequired[Provenance]


class Step(TypedDict):
    """One step of a record's history."""

    revision: int
    state: str
    action: str
    at: str
    by: str
    reason: NotRequired[str]


class SignedEntry(TypedDict):
    """An entry of a centre's log, byte for byte; hashes are hexadecimal."""

    record: str
    number: int
    entry: str
    signature: str
    key: str
    hash: str
    previous: str
    written_at: str


class Proof(SignedEntry):
    """All that it takes to verify an entry offline, given any key of its centre."""

    run: NotRequired[list[SignedEntry]]
    rotations: NotRequired[list[SignedEntry]]


class Evidence(SignedEntry):
    """One side of a fork: `held` by the hub, the `other`, or a `witness` of the other."""

    fork: int
    role: Literal["held", "other", "witness"]
    at: str


class Version(TypedDict):
    """Another record of a hit's story."""

    id: str
    centre: str
    languages: list[str]
    title: str
    date: str


class StoryMember(Version):
    """A record that tells the same: found, or decided by an editor."""

    url: str
    linked: Literal["found", "decided"]


class Hit(TypedDict):
    """One card. `snippet` is escaped HTML in which `<mark>` is the only tag."""

    id: str
    centre: str
    kind: Kind
    language: str
    title: str
    snippet: str
    date: str
    countries: list[str]
    topics: list[str]
    editions: list[str]
    story: list[str]
    versions: list[Version]
    published: str | None
    changed: str | None
    url: str


class Results(TypedDict):
    """What a search answers; `total` counts cards."""

    total: int
    took_ms: int
    hits: list[Hit]
    facets: dict[str, dict[str, int]]
    did_you_mean: str | None
    partial: bool
    mode: str


class Suggestion(TypedDict):
    """A completion; `code` is that of a topic."""

    text: str
    source: str
    code: str


class Topic(TypedDict):
    """A topic of the vocabulary; `broader` is the wider one's code."""

    code: str
    broader: str | None
    labels: dict[str, str]
    synonyms: dict[str, list[str]]


class Country(TypedDict):
    """A country and its names."""

    code: str
    labels: dict[str, str]
