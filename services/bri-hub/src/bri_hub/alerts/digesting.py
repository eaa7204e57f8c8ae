"""From events to what is told: items of a letter, and a webhook's document."""

from collections.abc import Sequence
from typing import Any

from bri_hub.alerts.judging import Kind
from bri_hub.alerts.tables import AlertEvent
from bri_pages.alerts import Told

MOST_ITEMS = 50
"""Items in one letter; of more only the number is told."""


def collapse(events: Sequence[AlertEvent]) -> list[Told]:
    """One item a record, in the order in which they changed last.

    What became of a record after it was new is part of its being new; what was withdrawn is told as
    that alone.
    """
    items: dict[str, Told] = {}
    for event in events:
        before = items.pop(event.record_id, None)
        items[event.record_id] = _joined(before, event)
    return list(items.values())


def document_of(event: AlertEvent, origin: str, language: str) -> dict[str, Any]:
    """What a webhook gets; `differences` are as `bri_pages.telling` explains them."""
    return {
        "type": f"record.{event.kind}",
        "timestamp": event.at,
        "data": {
            "id": event.record_id,
            "revision": event.revision,
            "titles": event.titles,
            "differences": event.details,
            "url": f"{origin}/{language}/records/{event.record_id}",
            "api": f"{origin}/api/v1/records/{event.record_id}",
        },
    }


def _joined(before: Told | None, event: AlertEvent) -> Told:
    told = Told(event.kind, event.record_id, event.titles, event.details)
    if before is None or event.kind == Kind.RETRACTED or before.kind == Kind.RETRACTED:
        return told
    if before.kind == Kind.NEW and event.kind == Kind.REVISED:
        return Told(before.kind, event.record_id, event.titles, before.differences)
    kind = Kind.AMENDED if Kind.AMENDED in (before.kind, event.kind) else event.kind
    differences = [*before.differences, *(e for e in event.details if e not in before.differences)]
    return Told(kind, event.record_id, event.titles, differences)
