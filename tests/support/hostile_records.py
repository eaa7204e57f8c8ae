"""Entries that a centre may sign, and whose content no editor would write. Pure, and by a seed.

Rules:
- every field is tried at its bound, one beyond it and far beyond it;
- everything is a change of the signing centre's own records: what is wrong is the content alone;
- a text that protobuf's Python cannot hold is marked by a placeholder, which `with_bytes` replaces
  in the serialised entry by as many bytes.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2
from ulid import ULID

from bri_kit import content, log
from tests.support import hostile_text
from tests.support.centres import AT, a_record

DATES = (
    *("0000-01-01", "0001-01-01", "0999-12-31", "1000-01-01", "2871-11-25", "2871-11-26"),
    *("2926-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-1-1", "-2026-01-01"),
    *("2026-11-30T00:00:00Z", "yesterday", "٢٠٢٦-٠١-٠١", "\x00", "9" * 1_000_000),
)
TIMES = (
    *("", "2026-11-30", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    *("0001-01-01T00:00:00.000Z", "9999-12-31T23:59:60Z", "2026-11-30T24:00:00Z"),
    *("2871-11-26T00:00:00.000Z", "now", "2026-11-30T08:00:00+99:99", "T" * 1_000_000),
)
DEPTHS = (90, 101, 1_000, 40_000)
NESTED = ("div", "b", "table", "li", "blockquote", "ul><li", "span", "section")
MARK = "\ue000surrogate\ue001"
"""Stands for bytes that are not UTF-8; see `with_bytes`."""

_LARGE = 6 * 1024 * 1024
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Hostile:
    """An entry, not yet placed in a log; `at` is the time that it says it was written at."""

    name: str
    entry: log_pb2.Entry
    at: str = AT


Kind = Callable[[str, random.Random], Iterator[Hostile]]


def record_id(centre: str, chance: random.Random) -> str:
    """An identifier that follows from the seed."""
    return f"{centre}:{ULID.from_bytes(bytes([1]) + chance.randbytes(15))}"


def dates(centre: str, chance: random.Random) -> Iterator[Hostile]:
    """Each date field with each date, and each time with each time."""
    for text in DATES:
        record = a_record(record_id(centre, chance))
        record.dates.event = record.dates.original = text
        yield Hostile(f"date {text[:20]!r}", log.published(record))
    for text in TIMES:
        record = a_record(record_id(centre, chance))
        record.dates.published = text
        yield Hostile(f"time {text[:30]!r}", log.published(record), text)
    for text in DATES:
        record = _policy(record_id(centre, chance))
        record.policy.adopted = record.policy.in_force = text
        yield Hostile(f"adopted {text[:20]!r}", log.published(record))


def lengths(centre: str, chance: random.Random) -> Iterator[Hostile]:
    """Each text at its limit, one character beyond it, and megabytes beyond it."""
    limits: Mapping[str, int] = {
        "title": content.MAX_TITLE,
        "summary": content.MAX_SUMMARY,
        "body": content.MAX_BODY_BYTES,
        "language": 3,
    }
    for field, limit in limits.items():
        for length in (limit, limit + 1, _LARGE):
            record = a_record(record_id(centre, chance))
            setattr(
                record.editions[0], field, "字" * (length // 3) if length > limit else "w" * length
            )
            yield Hostile(f"{field} of {length}", log.published(record))
    for name in ("number", "authority", "jurisdiction", "instrument", "status"):
        record = _policy(record_id(centre, chance))
        setattr(record.policy, name, "x" * 1_000_000)
        yield Hostile(f"policy.{name} of 1 MB", log.published(record))
    record = a_record(record_id(centre, chance))
    record.source.name, record.source.url = "n" * 1_000_000, "https://x/" + "u" * 1_000_000
    yield Hostile("source of 1 MB", log.published(record))
    record = a_record(f"{centre}:" + "0" * 1_000_000)
    yield Hostile("id of 1 MB", log.published(record))


def characters(centre: str, chance: random.Random) -> Iterator[Hostile]:
    """Curious texts in each field that holds text, and bytes that are not UTF-8."""
    for name, text in {**hostile_text.curious(), "surrogates": MARK}.items():
        short = text[: content.MAX_TITLE]
        record = a_record(record_id(centre, chance))
        edition = record.editions[0]
        edition.title, edition.summary, edition.body = f"T {short}", short, f"<p>{text}</p>"
        record.source.name = short
        yield Hostile(f"text {name}", log.published(record))
        record = a_record(record_id(centre, chance))
        record.editions[0].body = f"<p>{text}</p>"
        yield Hostile(f"body {name}", log.published(record))
        yield Hostile(f"retraction {name}", log.retracted(record.id, 1, short))


def depths(centre: str, chance: random.Random) -> Iterator[Hostile]:
    """Elements nested deeper than any page needs."""
    for tag in NESTED:
        for depth in DEPTHS:
            record = a_record(record_id(centre, chance))
            record.editions[0].body = f"<{tag}>" * depth + "deep"
            yield Hostile(f"{depth} {tag}", log.published(record))


def counts(centre: str, chance: random.Random) -> Iterator[Hostile]:
    """Lists longer than any record needs."""
    for name in ("countries", "topics"):
        record = a_record(record_id(centre, chance))
        getattr(record, name).extend(["KZ" if name == "countries" else "solid-waste"] * _MANY)
        yield Hostile(f"{_MANY} {name}", log.published(record))
    record = a_record(record_id(centre, chance))
    for _ in range(_MANY):
        record.editions.add(
            language="en", title="t", body="<p>b</p>", origin=content_pb2.ORIGIN_HUMAN
        )
    yield Hostile(f"{_MANY} editions", log.published(record))
    record = _policy(record_id(centre, chance))
    record.policy.amends.extend(f"No. {index}" for index in range(_MANY))
    record.policy.repeals.extend(["x" * 600] * _MANY)
    yield Hostile(f"{_MANY} amends", log.published(record))


def references(centre: str, chance: random.Random) -> Iterator[Hostile]:
    """Policies that amend themselves and each other in a circle."""
    ids = [record_id(centre, chance) for _ in range(4)]
    for index, own in enumerate(ids):
        record = _policy(own, number=own)
        record.policy.amends.extend([own, ids[(index + 1) % len(ids)]])
        record.policy.repeals.extend(record.policy.amends)
        record.source.url = f"https://centre.example/{own}"
        yield Hostile("circle", log.published(record))


def retractions(centre: str, chance: random.Random) -> Iterator[Hostile]:
    """Retractions of nothing, of what is another's, and with reasons that no page can hold."""
    yield Hostile("retraction of nothing", log.retracted(record_id(centre, chance), 1, "gone"))
    for name, reason in {
        "6 MB": "r" * _LARGE,
        "null": "\x00",
        "blank": "",
        "tags": "<b>" * 9,
    }.items():
        record = a_record(record_id(centre, chance))
        yield Hostile("honest", log.published(record))
        yield Hostile(f"reason {name}", log.retracted(record.id, 1, reason))
        yield Hostile("again", log.retracted(record.id, 2**32 - 1, reason))


def revisions(centre: str, chance: random.Random) -> Iterator[Hostile]:
    """Revisions that go back, repeat and jump."""
    own = record_id(centre, chance)
    for revision in (5, 4, 5, 0, 2**31, 2**32 - 1, 1):
        yield Hostile(f"revision {revision}", log.published(a_record(own, revision)))


KINDS: Mapping[str, Kind] = {
    "dates": dates,
    "lengths": lengths,
    "characters": characters,
    "depths": depths,
    "counts": counts,
    "references": references,
    "retractions": retractions,
    "revisions": revisions,
}


def tiny(centre: str, chance: random.Random, count: int) -> Sequence[log_pb2.Entry]:
    """Small valid records."""
    return [log.published(a_record(record_id(centre, chance))) for _ in range(count)]


def with_bytes(data: bytes) -> bytes:
    """A serialised entry whose placeholders became bytes that are not UTF-8."""
    mark, bad = MARK.encode(), hostile_text.lone_surrogates()
    return data.replace(mark, bad + b"x" * (len(mark) - len(bad)))


def _policy(own: str, number: str = "1") -> content_pb2.Record:
    record = a_record(own)
    record.kind = content_pb2.KIND_POLICY
    record.policy.CopyFrom(
        content_pb2.Policy(jurisdiction="KZ", instrument="law", number=number, status="in-force")
    )
    return record
