"""From what editors send to records, and from records to the rows that lists filter on.

Rules:
- bodies are sanitised here, whatever their format, and never again;
- an edition that is sent is fresh; one that is kept turns stale where the original's text changed;
- editions are ordered by language, so that the same record is the same bytes.
"""

from collections.abc import Collection, Iterable
from typing import Any

from bri.content.v1 import content_pb2

from bri_kit import content, html, log
from bri_kit.errors import FieldError, InvalidInput
from bri_node.inputs import EditionInput, Format, RecordInput

_ENVELOPE_BYTES = 1024
"""What an entry may add to its record, amply."""

_MARKUP = {"html": html.sanitise, "markdown": html.from_markdown}


def to_record(sent: RecordInput) -> content_pb2.Record:
    """The record that was sent, without id and revision; it may still break rules.

    Raises:
        InvalidInput: a body is nested too deep to be sanitised.
    """
    original = sent.original_language
    record = content_pb2.Record(
        kind=content.KINDS.get(sent.kind, content_pb2.KIND_UNSPECIFIED),
        original_language=original,
        editions=[
            _to_edition(language, edition, language == original, sent.format)
            for language, edition in sorted(sent.editions.items())
            if edition is not None
        ],
        countries=sent.countries,
        topics=sent.topics,
    )
    if sent.source is not None:
        record.source.name, record.source.url = sent.source.name, sent.source.url
    if sent.dates is not None:
        record.dates.event, record.dates.original = sent.dates.event, sent.dates.original
    if sent.policy is not None:
        record.policy.CopyFrom(content_pb2.Policy(**sent.policy.model_dump()))
    return record


def _to_edition(
    language: str, sent: EditionInput, is_original: bool, format_: Format
) -> content_pb2.Edition:
    origin = sent.origin or ("original" if is_original else "human")
    return content_pb2.Edition(
        language=language,
        title=sent.title,
        summary=sent.summary.strip(),
        body=_to_body(language, sent.body, sent.format or format_),
        origin=content.ORIGINS.get(origin, content_pb2.ORIGIN_UNSPECIFIED),
    )


def _to_body(language: str, body: str, format_: Format) -> str:
    try:
        return _MARKUP[format_](body)
    except html.TooDeep as fact:
        errors = [FieldError(f"editions.{language[:40]}.body", content.TOO_DEEP)]
        raise InvalidInput("The record breaks rules.", errors) from fact


def merge(
    new: content_pb2.Record, old: content_pb2.Record, removed: Collection[str]
) -> content_pb2.Record:
    """`new` in place of `old`: with its identity, and with its editions that were neither sent nor
    `removed`."""
    merged = content_pb2.Record()
    merged.CopyFrom(new)
    merged.id, merged.revision = old.id, old.revision
    merged.dates.published = old.dates.published
    sent = {edition.language for edition in new.editions}
    kept = [
        each for each in old.editions if each.language not in sent and each.language not in removed
    ]
    editions = [*new.editions, *kept]
    changed = _original_text(editions, new.original_language) != _original_text(
        old.editions, old.original_language
    )
    for edition in kept:
        _keep(edition, is_original=edition.language == new.original_language, changed=changed)
    del merged.editions[:]
    merged.editions.extend(sorted(editions, key=lambda edition: edition.language))
    return merged


def _keep(edition: content_pb2.Edition, *, is_original: bool, changed: bool) -> None:
    if is_original:
        edition.origin, edition.stale = content_pb2.ORIGIN_ORIGINAL, False
        return
    if edition.origin == content_pb2.ORIGIN_ORIGINAL:
        edition.origin = content_pb2.ORIGIN_HUMAN
    edition.stale = edition.stale or changed


def _original_text(
    editions: Iterable[content_pb2.Edition], language: str
) -> tuple[str, str, str] | None:
    for edition in editions:
        if edition.language == language:
            return edition.title, edition.summary, edition.body
    return None


def removed_languages(sent: RecordInput) -> set[str]:
    """The languages whose editions were sent as null."""
    return {language for language, edition in sent.editions.items() if edition is None}


def check(record: content_pb2.Record, languages: Collection[str]) -> None:
    """Let pass only what may be kept, as a record of a centre that publishes in `languages`.

    Raises:
        InvalidInput: with everything that is wrong, field by field.
    """
    errors = content.check(record, languages)
    if not errors and record.ByteSize() > log.MAX_ENTRY_BYTES - _ENVELOPE_BYTES:
        limit = log.MAX_ENTRY_BYTES // 1024 // 1024
        errors = [FieldError("editions", f"must not be larger than {limit} MiB together")]
    if errors:
        raise InvalidInput("The record breaks rules.", errors)


def filterable(record: content_pb2.Record, created_at: str) -> dict[str, Any]:
    """The columns of a record that lists filter and sort by. Times are RFC 3339 text."""
    return {
        "kind": content.KIND_NAMES[record.kind],
        "date": content.display_date(record) or created_at[:10],
    }


def tags(record: content_pb2.Record) -> list[dict[str, str]]:
    """The values of a record that lists filter by, as rows of `record_tag`."""
    values = {
        "country": record.countries,
        "topic": record.topics,
        "language": [edition.language for edition in record.editions],
    }
    return [
        {"record_id": record.id, "name": name, "value": value}
        for name, items in values.items()
        for value in items
    ]
