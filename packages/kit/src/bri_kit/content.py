"""What a record is made of, and what makes it one. The same rules hold at the node and at the hub.

Rules:
- at least one edition, the original language's among them; one edition a language;
- a title that is not blank and a body that has text, within their limits;
- no control characters in titles and summaries; bodies are HTML, and made safe wherever they are
  taken in or given out;
- languages that the centre publishes in; known kinds, origins, countries and topics;
- dates that exist; addresses that are http or https; a policy only with the kind policy.
"""

import re
from collections.abc import Collection, Iterator, Sequence, Set
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from bri.content.v1 import content_pb2

from bri_kit import html, vocabulary
from bri_kit.errors import FieldError

KINDS = {
    "news": content_pb2.KIND_NEWS,
    "policy": content_pb2.KIND_POLICY,
    "case": content_pb2.KIND_CASE,
    "cooperation": content_pb2.KIND_COOPERATION,
    "technology": content_pb2.KIND_TECHNOLOGY,
}
ORIGINS = {
    "original": content_pb2.ORIGIN_ORIGINAL,
    "human": content_pb2.ORIGIN_HUMAN,
    "machine": content_pb2.ORIGIN_MACHINE,
}
KIND_NAMES = {value: name for name, value in KINDS.items()}
ORIGIN_NAMES = {value: name for name, value in ORIGINS.items()}
INSTRUMENTS = tuple("law code regulation programme standard strategy agreement other".split())
_POLICY_TEXTS = tuple("jurisdiction instrument number authority status adopted in_force".split())
POLICY_STATUSES = ("draft", "adopted", "in-force", "amended", "repealed")

MAX_TITLE = 1_000
MAX_SUMMARY = 5_000
MAX_BODY_BYTES = 2 * 1024 * 1024
MAX_TEXT = 1_000
"""Limit of short texts (source, policy fields), in characters."""
MAX_ITEMS = 250
"""Limit of lists (countries, topics, amended instruments)."""

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])

_RECORD_ID = re.compile(r"[a-z][a-z0-9-]{1,31}:[0-9A-HJKMNP-TV-Z]{26}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NOT_IN_ADDRESSES = re.compile(r"[\s<>\"`\\]")  # RFC 3986, 2; and where an attribute would end


def is_record_id(text: str) -> bool:
    """Whether `text` is a centre's code, a colon and a ULID."""
    return _RECORD_ID.fullmatch(text) is not None


def centre_of(record_id: str) -> str:
    """The code of the centre that a record belongs to."""
    return record_id.partition(":")[0]


def has_control_character(text: str) -> bool:
    """Whether `text` holds what XML 1.0 forbids, so that no feed could carry it: control characters
    other than tab and line ends, lone surrogates, U+FFFE and U+FFFF."""
    if len(text) < 100 and text.isprintable():
        return False
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return True
    # Ten times as fast as a regular expression over the characters.
    forbidden = len(data.translate(None, _CONTROLS)) < len(data)
    return forbidden or "\ufffe" in text or "\uffff" in text


def display_date(record: content_pb2.Record) -> str:
    """The date readers know the record by: first published at the source, else of the event, else
    of a policy's adoption, else published by the centre. ISO 8601; empty for an unpublished draft
    with no date."""
    dates = record.dates
    return dates.original or dates.event or record.policy.adopted or dates.published[:10]


def check(record: content_pb2.Record, languages: Collection[str]) -> list[FieldError]:
    """Everything that is wrong with `record`, as one of a centre that publishes in `languages`."""
    return [FieldError(field, message) for field, message in _problems(record, languages)]


Problems = Iterator[tuple[str, str]]


def _problems(record: content_pb2.Record, languages: Collection[str]) -> Problems:
    if record.kind not in KIND_NAMES:
        yield "kind", f"must be one of {', '.join(KINDS)}"
    editions = list(record.editions)
    yield from _edition_set_problems(record.original_language, editions)
    for edition in editions:
        for field, message in _edition_problems(edition, languages):
            yield f"editions.{edition.language}{field}", message
    yield from _code_problems("countries", record.countries, vocabulary.country_codes(), "country")
    yield from _code_problems("topics", record.topics, vocabulary.topics().keys(), "topic")
    if record.HasField("source"):
        yield from _source_problems(record.source)
    yield from _date_problems("dates.event", record.dates.event)
    yield from _date_problems("dates.original", record.dates.original)
    if record.HasField("policy"):
        yield from _policy_problems(record)


def _edition_set_problems(original: str, editions: Sequence[content_pb2.Edition]) -> Problems:
    present = [edition.language for edition in editions]
    if not present:
        yield "editions", "must hold at least one edition"
    elif original not in present:
        yield f"editions.{original}", f"is missing: the original language is {original!r}"
    for language, edition in zip(present, editions, strict=True):
        is_original = edition.origin == content_pb2.ORIGIN_ORIGINAL
        if is_original != (language == original):
            path = f"editions.{language}.origin"
            yield path, "must be 'original' for the original language and for no other"
    if len(set(present)) < len(present):
        yield "editions", "must hold one edition for each language"


def _edition_problems(edition: content_pb2.Edition, languages: Collection[str]) -> Problems:
    if edition.language not in languages:
        yield "", f"is not a language of this centre, which publishes in {', '.join(languages)}"
    if edition.origin not in ORIGIN_NAMES:
        yield ".origin", f"must be one of {', '.join(ORIGINS)}"
    # Each reading of a text field decodes it anew, so each is read once.
    title, body = edition.title, edition.body
    if not title.strip():
        yield ".title", "must not be blank"
    elif len(title) > MAX_TITLE:
        yield ".title", f"must not be longer than {MAX_TITLE} characters"
    summary = edition.summary
    if len(summary) > MAX_SUMMARY:
        yield ".summary", f"must not be longer than {MAX_SUMMARY} characters"
    if has_control_character(title):
        yield ".title", "must not hold control characters"
    if has_control_character(summary):
        yield ".summary", "must not hold control characters"
    # A character is four bytes at most: only bodies near the limit are worth encoding to count.
    if len(body) * 4 > MAX_BODY_BYTES and len(body.encode()) > MAX_BODY_BYTES:
        yield ".body", f"must not be larger than {MAX_BODY_BYTES // 1024 // 1024} MiB"
    elif not html.has_text(body):
        yield ".body", "must not be blank"


def _code_problems(field: str, codes: Sequence[str], known: Set[str], noun: str) -> Problems:
    distinct = set(codes)
    if len(codes) > MAX_ITEMS:
        yield field, f"must not hold more than {MAX_ITEMS} items"
    elif not distinct <= known:
        for index, code in enumerate(codes):
            if code not in known:
                yield f"{field}.{index}", f"{code!r} is not a known {noun}"
    if len(distinct) < len(codes):
        yield field, f"must name each {noun} once"


def _source_problems(source: content_pb2.Source) -> Problems:
    if len(source.name) > MAX_TEXT:
        yield "source.name", f"must not be longer than {MAX_TEXT} characters"
    yield from _address_problems("source.url", source.url)


def _address_problems(field: str, url: str) -> Problems:
    if not url:
        return
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= 2_000
        good = good and _NOT_IN_ADDRESSES.search(url) is None
    except ValueError:
        good = False
    if not good:
        yield field, "must be an http or https address of at most 2000 characters"


def _date_problems(field: str, text: str) -> Problems:
    if not text:
        return
    try:
        good = _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        good = False
    if not good:
        yield field, f"{text[:40]!r} is not an ISO 8601 date such as 2019-01-08"


def _policy_problems(record: content_pb2.Record) -> Problems:
    policy = record.policy
    if record.kind != content_pb2.KIND_POLICY:
        yield "policy", "is only for records of the kind 'policy'"
    if policy.jurisdiction and policy.jurisdiction not in vocabulary.country_codes():
        yield "policy.jurisdiction", f"{policy.jurisdiction!r} is not a known country"
    if policy.instrument and policy.instrument not in INSTRUMENTS:
        yield "policy.instrument", f"must be one of {', '.join(INSTRUMENTS)}"
    if policy.status and policy.status not in POLICY_STATUSES:
        yield "policy.status", f"must be one of {', '.join(POLICY_STATUSES)}"
    yield from _policy_text_problems(policy)
    for name in ("adopted", "in_force"):
        yield from _date_problems(f"policy.{name}", getattr(policy, name))


def _policy_text_problems(policy: content_pb2.Policy) -> Problems:
    for name in ("number", "authority"):
        if len(getattr(policy, name)) > MAX_TEXT:
            yield f"policy.{name}", f"must not be longer than {MAX_TEXT} characters"
    for name in ("amends", "repeals"):
        items = getattr(policy, name)
        if len(items) > MAX_ITEMS or any(len(item) > MAX_TEXT for item in items):
            yield f"policy.{name}", f"must be at most {MAX_ITEMS} texts of {MAX_TEXT} characters"


def to_json(record: content_pb2.Record, state: str) -> dict[str, Any]:
    """The record as the public API shows it."""
    document: dict[str, Any] = {
        "id": record.id,
        "centre": centre_of(record.id),
        "revision": record.revision,
        "state": state,
        "kind": KIND_NAMES.get(record.kind, "unknown"),
        "original_language": record.original_language,
        "editions": {edition.language: _edition_to_json(edition) for edition in record.editions},
        "countries": list(record.countries),
        "topics": list(record.topics),
        "source": {"name": record.source.name, "url": record.source.url},
        "dates": _present(record.dates, ("event", "original", "published")),
    }
    if record.HasField("policy"):
        policy = record.policy
        document["policy"] = _present(policy, _POLICY_TEXTS)
        document["policy"] |= {"amends": list(policy.amends), "repeals": list(policy.repeals)}
    return document


def _edition_to_json(edition: content_pb2.Edition) -> dict[str, Any]:
    return {
        "title": edition.title,
        "summary": edition.summary,
        "body": edition.body,
        "origin": ORIGIN_NAMES.get(edition.origin, "unknown"),
        "stale": edition.stale,
    }


def _present(message: Any, names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name in names if (value := getattr(message, name))}
