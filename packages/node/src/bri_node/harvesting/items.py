"""From items to records, by the same rules as for everything that is sent to a node.

An item that breaks a rule is told with its place, field by field, and the others are kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bri.content.v1 import content_pb2
from pydantic import ValidationError

from bri_harvesting.source import Fault, Item
from bri_kit.errors import FieldError, InvalidInput
from bri_kit.problems import field_errors
from bri_node import mapping
from bri_node.harvesting.inputs import SourceSettings
from bri_node.inputs import RecordInput
from bri_node.profile import Profile


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item and the record that it is to be; everything that costs was done."""

    item: Item
    record: content_pb2.Record


def prepare(
    items: Iterable[Item], settings: SourceSettings, profile: Profile
) -> tuple[list[Prepared], list[Fault]]:
    """The items that may be kept, and what is wrong with the others."""
    prepared, faults = [], []
    for item in items:
        try:
            sent = RecordInput.model_validate(_document(item, settings))
            record = mapping.to_record(sent)
            mapping.check(record, profile.edition_languages)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            faults.append(_fault(item, field_errors(found)))
        except InvalidInput as error:
            faults.append(_fault(item, error.errors))
        else:
            prepared.append(Prepared(item, record))
    return prepared, faults


def _fault(item: Item, errors: Iterable[FieldError]) -> Fault:
    detail = "; ".join(f"{each.field} {each.message}" for each in errors)
    return Fault("invalid", detail[:500], item.place or item.identity[:200])


def _document(item: Item, settings: SourceSettings) -> dict[str, Any]:
    kind = item.kind or settings.record_kind
    editions: dict[str, Any] = {
        item.language: {"title": item.title, "summary": item.summary, "body": item.body}
    }
    for language, text in item.translations.items():
        editions[language] = {"title": text.title, "summary": text.summary, "body": text.body}
    return {
        "kind": kind,
        "original_language": item.language,
        "editions": editions,
        "countries": list(item.countries) or settings.countries,
        "topics": list(item.topics) or settings.topics,
        "source": {"name": item.source_name or settings.source_name, "url": item.url},
        "dates": {"original": item.date, "event": item.event},
        "policy": dict(item.policy) if kind == "policy" and item.policy else None,
    }
