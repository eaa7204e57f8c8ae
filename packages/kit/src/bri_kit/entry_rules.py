"""The rules for a whole entry, and what is shown where it may not be shown as it stands.

Rules:
- a publication is judged by `content.check`, and by the time that its entry was written at;
- dates are judged as on the day on which the entry says that it was written, where that can be:
  not after it arrived and not before RULES_BEGAN. So whoever takes the same log in again, years
  later, comes to the same verdicts;
- a clock that is wrong by days loses no record: what says that it was written more than a day after
  it arrived is shown with the time of its arrival;
- a retraction is never rejected for its reason or its time: the record goes, and what is shown is a
  reason of legible characters and bounded length, and a time that can be;
- what was accepted under older rules stays accepted, and is shown within today's.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import lru_cache

from bri.content.v1 import content_pb2
from bri.log.v1 import log_pb2

from bri_kit import bounds, clock, content, html
from bri_kit.errors import FieldError

RULES_BEGAN = date(2026, 1, 1)
CLOCK_TOLERANCE = timedelta(days=1)


def check(entry: log_pb2.Entry, languages: Collection[str], arrived: datetime) -> list[FieldError]:
    """Everything that keeps a publication from being applied; `arrived` is when it came."""
    if not entry.HasField("published"):
        return []
    today = _day(entry, arrived)
    found = content.check(entry.published, languages, today)
    if not content.is_record_id(entry.published.id):
        found.append(FieldError("id", "must be the centre's code, a colon and a ULID"))
    if message := bounds.time_problem(entry.written_at, today):
        found.append(FieldError("written_at", message))
    return found


def _day(entry: log_pb2.Entry, arrived: datetime) -> date:
    written = bounds.read_time(entry.written_at)
    if written is None or written > arrived:
        return arrived.date()
    return max(written.date(), RULES_BEGAN)


def shown(
    entry: log_pb2.Entry, arrived: datetime, *, is_checked: bool = False
) -> log_pb2.Entry | None:
    """What is shown of an entry that was accepted, where that is not the entry as it stands.

    `arrived` is when the hub took it in; `is_checked` says that `check` has just found nothing.
    What comes back is no longer what the centre signed.
    """
    written_at = shown_time(entry.written_at, arrived)
    changed = _copy(entry) if written_at != entry.written_at else None
    if entry.HasField("retracted"):
        reason = bounds.legible(entry.retracted.reason, bounds.MAX_REASON)
        if reason != entry.retracted.reason:
            changed = changed or _copy(entry)
        if changed is not None:
            changed.retracted.reason = reason
    elif entry.HasField("published"):
        record = entry.published
        bodies = [_shown_body(edition.body) for edition in record.editions]
        if any(bodies) or not _stands(record, arrived, is_checked=is_checked):
            changed = changed or _copy(entry)
        if changed is not None:
            _make_legible(changed.published, bodies, arrived)
    if changed is not None:
        changed.written_at = written_at
    return changed


def _copy(entry: log_pb2.Entry) -> log_pb2.Entry:
    copy = log_pb2.Entry()
    copy.CopyFrom(entry)
    return copy


def shown_time(text: str, arrived: datetime) -> str:
    """`text`, or the time of arrival where it is no time, or one that was still to come."""
    if len(text) <= bounds.MAX_QUOTED and _can_be_shown(text, arrived):
        return text
    return clock.rfc3339(arrived)


@lru_cache(maxsize=1_000)  # entries of a batch arrived, and were often written, together
def _can_be_shown(text: str, arrived: datetime) -> bool:
    moment = bounds.read_time(text)
    if moment is None or moment.year < bounds.FIRST_YEAR:
        return False
    return moment <= arrived + CLOCK_TOLERANCE


def _shown_body(body: str) -> str | None:
    """The body that is shown in place of `body`; None where that is `body` itself."""
    if html.is_sanitised(body):
        return None
    safe = html.sanitise_any(body)  # older ones may be deeper than is taken now
    return None if safe == body else safe or "<p></p>"


def _stands(record: content_pb2.Record, arrived: datetime, *, is_checked: bool) -> bool:
    """Whether all but the bodies can be shown as it is."""
    published = record.dates.published
    if published and shown_time(published, arrived) != published:
        return False
    return is_checked or _is_legible(record, arrived)


def _is_legible(record: content_pb2.Record, arrived: datetime) -> bool:
    dates, policy = record.dates, record.policy
    days = (dates.event, dates.original, policy.adopted, policy.in_force)
    if any(bounds.date_problem(day, arrived.date()) for day in days):
        return False
    return not any(bounds.has_control_character(text) for text in _texts(record))


def _texts(record: content_pb2.Record) -> list[str]:
    policy, source = record.policy, record.source
    texts = [source.name, policy.number, policy.authority, *policy.amends, *policy.repeals]
    return [text for text in texts if text] + [
        text for edition in record.editions for text in (edition.title, edition.summary)
    ]


def _make_legible(
    record: content_pb2.Record, bodies: Collection[str | None], arrived: datetime
) -> None:
    for edition, body in zip(record.editions, bodies, strict=True):
        edition.body = edition.body if body is None else body
        edition.title = bounds.legible(edition.title, bounds.MAX_TITLE)
        edition.summary = bounds.legible(edition.summary, bounds.MAX_SUMMARY)
    if record.dates.published:
        record.dates.published = shown_time(record.dates.published, arrived)
    _clear_dates(record.dates, ("event", "original"), arrived.date())
    if record.HasField("source"):
        record.source.name = bounds.legible(record.source.name, bounds.MAX_TEXT)
    if record.HasField("policy"):
        policy = record.policy
        _clear_dates(policy, ("adopted", "in_force"), arrived.date())
        policy.number = bounds.legible(policy.number, bounds.MAX_TEXT)
        policy.authority = bounds.legible(policy.authority, bounds.MAX_TEXT)
        for items in (policy.amends, policy.repeals):
            items[:] = [bounds.legible(item, bounds.MAX_TEXT) for item in items]


def _clear_dates(
    message: content_pb2.Dates | content_pb2.Policy, names: Collection[str], today: date
) -> None:
    for name in names:
        if bounds.date_problem(getattr(message, name), today):
            setattr(message, name, "")
