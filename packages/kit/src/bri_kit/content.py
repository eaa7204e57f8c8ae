"""What a record is made of, and what makes it one. The same rules hold at the node and at the hub.

Rules:
- at least one edition, the original language's among them; one edition a language;
- a title that is not blank and a body that has text, within their limits;
- no text holds characters that XML has not; bodies are HTML, nested at most 100 deep, and made safe
  where they are taken in, which drops such characters;
- languages that the centre publishes in; known kinds, origins, countries and topics;
- dates and times within the years of `bounds`; addresses that are http or https; a policy only with
  the kind policy;
- every list has a limit, and no message repeats more of a value than a line;
- fields of newer versions are kept and not looked at: `log.MAX_ENTRY_BYTES` bounds them.
"""

import re
from collections.abc import Collection, Iterator, Sequence, Set
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from bri.content.v1 import content_pb2

from bri_kit import bounds, clock, html, vocabulary
from bri_kit.bounds import (
    MAX_ADDRESS,
    MAX_BODY_BYTES,
    MAX_EDITIONS,
    MAX_ITEMS,
    MAX_QUOTED,
    MAX_SUMMARY,
    MAX_TEXT,
    MAX_TITLE,
    has_control_character,
)
from bri_kit.errors import FieldError

__all__ = [
    "MAX_BODY_BYTES",
    "MAX_ITEMS",
    "MAX_SUMMARY",
    "MAX_TEXT",
    "MAX_TITLE",
    "has_control_character",
]

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

TOO_DEEP = f"must not nest elements deeper than {html.MAX_DEPTH}"
"""What is said of a body that is nested too deep."""

_RECORD_ID = re.compile(r"[a-z][a-z0-9-]{1,31}:[0-9A-HJKMNP-TV-Z]{26}")
_NOT_IN_ADDRESSES = re.compile(r"[\s<>\"`\\]")  # RFC 3986, 2; and where an attribute would end


def is_record_id(text: str) -> bool:
    """Whether `text` is a centre's code, a colon and a ULID."""
    return _RECORD_ID.fullmatch(text) is not None


def centre_of(record_id: str) -> str:
    """The code of the centre that a record belongs to."""
    return record_id.partition(":")[0]


def display_date(record: content_pb2.Record) -> str:
    """The date readers know the record by: first published at the source, else of the event, else
    of a policy's adoption, else published by the centre. ISO 8601; empty for an unpublished draft
    with no date."""
    dates = record.dates
    return dates.original or dates.event or record.policy.adopted or dates.published[:10]


def check(
    record: content_pb2.Record, languages: Collection[str], today: date | None = None
) -> list[FieldError]:
    """Everything that is wrong with `record`, as one of a centre that publishes in `languages`.
    Dates are judged as on the day `today`, which is now where it is not given."""
    day = today or clock.now().date()
    return [FieldError(field, message) for field, message in _problems(record, languages, day)]


Problems = Iterator[tuple[str, str]]


def _problems(record: content_pb2.Record, languages: Collection[str], today: date) -> Problems:
    if record.kind not in KIND_NAMES:
        yield "kind", f"must be one of {', '.join(KINDS)}"
    if len(record.editions) > MAX_EDITIONS:
        yield "editions", f"must not hold more than {MAX_EDITIONS} items"
    else:
        yield from _edition_set_problems(record.original_language, record.editions)
        for edition in record.editions:
            for field, message in _edition_problems(edition, languages):
                yield f"editions.{edition.language[:MAX_QUOTED]}{field}", message
    yield from _code_problems("countries", record.countries, vocabulary.country_codes(), "country")
    yield from _code_problems("topics", record.topics, vocabulary.topics().keys(), "topic")
    if record.HasField("source"):
        yield from _text_problems("source.name", record.source.name, MAX_TEXT)
        yield from _address_problems("source.url", record.source.url)
    dates = record.dates
    yield from _date_problems("dates.event", dates.event, today)
    yield from _date_problems("dates.original", dates.original, today)
    published = dates.published
    if published and (message := bounds.time_problem(published, today)):
        yield "dates.published", message
    if record.HasField("policy"):
        yield from _policy_problems(record, today)


def _edition_set_problems(original: str, editions: Sequence[content_pb2.Edition]) -> Problems:
    present = [edition.language for edition in editions]
    if not present:
        yield "editions", "must hold at least one edition"
    elif original not in present:
        quoted = original[:MAX_QUOTED]
        yield f"editions.{quoted}", f"is missing: the original language is {quoted!r}"
    for language, edition in zip(present, editions, strict=True):
        is_original = edition.origin == content_pb2.ORIGIN_ORIGINAL
        if is_original != (language == original):
            path = f"editions.{language[:MAX_QUOTED]}.origin"
            yield path, "must be 'original' for the original language and for no other"
    if len(set(present)) < len(present):
        yield "editions", "must hold one edition for each language"


def _edition_problems(edition: content_pb2.Edition, languages: Collection[str]) -> Problems:
    if edition.language not in languages:
        yield "", f"is not a language of this centre, which publishes in {', '.join(languages)}"
    if edition.origin not in ORIGIN_NAMES:
        yield ".origin", f"must be one of {', '.join(ORIGINS)}"
    # Each reading of a text field decodes it anew, so each is read once.
    title = edition.title
    if not title.strip():
        yield ".title", "must not be blank"
    yield from _text_problems(".title", title, MAX_TITLE)
    yield from _text_problems(".summary", edition.summary, MAX_SUMMARY)
    for message in _body_problems(edition.body):
        yield ".body", message


def _body_problems(body: str) -> Iterator[str]:
    # A character is four bytes at most: only bodies near the limit are worth encoding to count.
    if len(body) * 4 > MAX_BODY_BYTES and len(body.encode(errors="replace")) > MAX_BODY_BYTES:
        yield f"must not be larger than {MAX_BODY_BYTES // 1024 // 1024} MiB"
        return
    if not html.has_text(body):
        yield "must not be blank"
    if html.is_too_deep(body):
        yield TOO_DEEP


def _text_problems(field: str, text: str, limit: int) -> Problems:
    if len(text) > limit:
        yield field, f"must not be longer than {limit} characters"
    if has_control_character(text):
        yield field, "must not hold control characters"


def _code_problems(field: str, codes: Sequence[str], known: Set[str], noun: str) -> Problems:
    if len(codes) > MAX_ITEMS:
        yield field, f"must not hold more than {MAX_ITEMS} items"
        return
    distinct = set(codes)
    if not distinct <= known:
        for index, code in enumerate(codes):
            if code not in known:
                yield f"{field}.{index}", f"{code[:MAX_QUOTED]!r} is not a known {noun}"
    if len(distinct) < len(codes):
        yield field, f"must name each {noun} once"


def _address_problems(field: str, url: str) -> Problems:
    if not url:
        return
    try:
        good = len(url) <= MAX_ADDRESS and not has_control_character(url)
        parts = urlsplit(url) if good else urlsplit("")
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
        good = good and _NOT_IN_ADDRESSES.search(url) is None
    except ValueError:
        good = False
    if not good:
        yield field, f"must be an http or https address of at most {MAX_ADDRESS} characters"


def _date_problems(field: str, text: str, today: date) -> Problems:
    if message := bounds.date_problem(text, today):
        yield field, message


def _policy_problems(record: content_pb2.Record, today: date) -> Problems:
    policy = record.policy
    if record.kind != content_pb2.KIND_POLICY:
        yield "policy", "is only for records of the kind 'policy'"
    jurisdiction = policy.jurisdiction
    if jurisdiction and jurisdiction not in vocabulary.country_codes():
        yield "policy.jurisdiction", f"{jurisdiction[:MAX_QUOTED]!r} is not a known country"
    if policy.instrument and policy.instrument not in INSTRUMENTS:
        yield "policy.instrument", f"must be one of {', '.join(INSTRUMENTS)}"
    if policy.status and policy.status not in POLICY_STATUSES:
        yield "policy.status", f"must be one of {', '.join(POLICY_STATUSES)}"
    for name in ("number", "authority"):
        yield from _text_problems(f"policy.{name}", getattr(policy, name), MAX_TEXT)
    for name in ("amends", "repeals"):
        yield from _list_problems(f"policy.{name}", getattr(policy, name))
    for name in ("adopted", "in_force"):
        yield from _date_problems(f"policy.{name}", getattr(policy, name), today)


def _list_problems(field: str, items: Sequence[str]) -> Problems:
    if len(items) > MAX_ITEMS or any(len(item) > MAX_TEXT for item in items):
        yield field, f"must be at most {MAX_ITEMS} texts of {MAX_TEXT} characters"
    elif any(map(has_control_character, items)):
        yield field, "must not hold control characters"


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
