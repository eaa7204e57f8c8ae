"""Between records and the fields of the desk's form.

Rules:
- an edition goes into a save only where its text was changed or it was declared up to date, so that
  a translation that was merely looked at turns stale when the original changes;
- what an editor typed as Markdown comes back as they typed it, as long as the body that was made of
  it is still the record's; any other body is made Markdown to be edited;
- countries and topics may be typed by code or by name in any language of the desk or the centre;
  they are shown by name, and compared and kept by code.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from bri.content.v1 import content_pb2
from pydantic import ValidationError
from sqlalchemy import delete
from sqlmodel import Session, col, select

from bri_kit import content, html, vocabulary
from bri_kit.problems import validation_error
from bri_node.desk import cleaning, form
from bri_node.desk.form import Values
from bri_node.desktables import DeskSourceRow
from bri_node.inputs import RecordInput
from bri_pages import formatting

POLICY_TEXTS = tuple("jurisdiction instrument number authority status adopted in_force".split())
POLICY_LISTS = ("amends", "repeals")
_EDITION_TEXTS = ("title", "summary", "body")
_NAME_LANGUAGES = ("zh", "en", "ru")


def values_of(session: Session, record: content_pb2.Record) -> dict[str, str]:
    """A record as the fields of the form."""
    values = {
        "kind": content.KIND_NAMES.get(record.kind, ""),
        "original_language": record.original_language,
        "countries": "\n".join(record.countries),
        "topics": "\n".join(record.topics),
        "source.name": record.source.name,
        "source.url": record.source.url,
        "dates.event": record.dates.event,
        "dates.original": record.dates.original,
    }
    for name in POLICY_TEXTS:
        values[f"policy.{name}"] = getattr(record.policy, name)
    for name in POLICY_LISTS:
        values[f"policy.{name}"] = "\n".join(getattr(record.policy, name))
    sources = _sources(session, record.id)
    for edition in record.editions:
        start = f"editions.{edition.language}"
        values[f"{start}.title"] = edition.title
        values[f"{start}.summary"] = edition.summary
        values[f"{start}.body"] = _markdown(edition, sources.get(edition.language))
        values[f"{start}.origin"] = content.ORIGIN_NAMES.get(edition.origin, "")
    return values


def _sources(session: Session, record_id: str) -> dict[str, DeskSourceRow]:
    query = select(DeskSourceRow).where(DeskSourceRow.record_id == record_id)
    return {row.language: row for row in session.exec(query)}


def _markdown(edition: content_pb2.Edition, source: DeskSourceRow | None) -> str:
    if source is not None and source.digest == _digest(edition.body):
        return source.text
    return cleaning.to_markdown(edition.body)


def _digest(body: str) -> str:
    return sha256(body.encode()).hexdigest()


def keep_sources(session: Session, record: content_pb2.Record, values: Values) -> None:
    """Keep the Markdown of those bodies that were made of it."""
    for edition in record.editions:
        text = values.get(f"editions.{edition.language}.body")
        if text is None or not _gives(text, edition.body):
            continue
        key = (record.id, edition.language)
        row = session.get(DeskSourceRow, key)
        if row is None:
            row = DeskSourceRow(record_id=key[0], language=key[1], digest="", text="")
            session.add(row)
        row.digest, row.text = _digest(edition.body), text


def _gives(text: str, body: str) -> bool:
    try:
        return html.from_markdown(text) == body
    except html.TooDeep:
        return False


def forget_sources(session: Session, record_id: str) -> None:
    """Forget what the bodies of a record were made of."""
    of = col(DeskSourceRow.record_id) == record_id
    session.connection().execute(delete(DeskSourceRow.__table__).where(of))


def to_input(values: Values, changed: Iterable[str], confirmed: Iterable[str]) -> RecordInput:
    """What is sent to the node: with the editions that were `changed` or `confirmed` to be up to
    date, and without those whose fields are all blank.

    Raises:
        InvalidInput: field by field.
    """
    changed = set(changed)
    document: dict[str, Any] = {
        "kind": values.get("kind", ""),
        "original_language": values.get("original_language", ""),
        "countries": resolved(form.lines(values.get("countries", "")), _country_codes()),
        "topics": resolved(form.lines(values.get("topics", "")), _topic_codes()),
        "source": {name: values.get(f"source.{name}", "") for name in ("name", "url")},
        "dates": {name: values.get(f"dates.{name}", "") for name in ("event", "original")},
        "editions": _editions(values, changed, set(confirmed)),
        "format": "markdown",
    }
    if document["kind"] == "policy":
        document["policy"] = _policy(values)
    try:
        return RecordInput.model_validate(document)
    except ValidationError as error:
        raise validation_error(error.errors()) from error


def _editions(values: Values, changed: set[str], confirmed: set[str]) -> dict[str, Any]:
    original = values.get("original_language", "")
    found: dict[str, Any] = {}
    for language in form.languages(values):
        start = f"editions.{language}"
        texts = {name: values.get(f"{start}.{name}", "") for name in _EDITION_TEXTS}
        is_changed = any(f"{start}.{name}" in changed for name in (*_EDITION_TEXTS, "origin"))
        if not any(text.strip() for text in texts.values()) and language != original:
            if is_changed:
                found[language] = None
            continue
        if is_changed or language in confirmed or "original_language" in changed:
            origin = values.get(f"{start}.origin", "")
            texts["origin"] = "original" if language == original else _origin(origin)
            found[language] = texts
    return found


def _origin(text: str) -> str:
    return text if text in ("human", "machine") else "human"


def _policy(values: Values) -> dict[str, Any]:
    policy: dict[str, Any] = {name: values.get(f"policy.{name}", "") for name in POLICY_TEXTS}
    policy["jurisdiction"] = next(
        iter(resolved([policy["jurisdiction"].strip()], _country_codes())), ""
    )
    return policy | {name: form.lines(values.get(f"policy.{name}", "")) for name in POLICY_LISTS}


def coded(values: Values) -> dict[str, str]:
    """The fields with codes in place of names of countries and topics."""
    found = dict(values)
    for name, codes in (
        ("countries", _country_codes()),
        ("topics", _topic_codes()),
        ("policy.jurisdiction", _country_codes()),
    ):
        if name in found:
            found[name] = "\n".join(resolved(form.lines(found[name]), codes))
    return found


def named(values: Values, language: str) -> dict[str, str]:
    """The fields with names in `language` in place of codes of countries and topics."""
    found = dict(values)
    for name, name_of in (
        ("countries", formatting.country),
        ("topics", formatting.topic),
        ("policy.jurisdiction", formatting.country),
    ):
        shown = [name_of(each, language) for each in form.lines(found.get(name, ""))]
        found[name] = "\n".join(shown)
    return found


def resolved(typed: Sequence[str], codes: Mapping[str, str]) -> list[str]:
    """The codes of what was typed, each once; what is not known stays, for the error to name it."""
    return list(dict.fromkeys(codes.get(each.casefold(), each) for each in typed))


@cache
def _country_codes() -> Mapping[str, str]:
    codes: dict[str, str] = {}
    for code in vocabulary.countries():
        for language in _NAME_LANGUAGES:
            codes.setdefault(vocabulary.country_name(code, language).casefold(), code)
        codes[code.casefold()] = code
    return codes


@cache
def _topic_codes() -> Mapping[str, str]:
    codes: dict[str, str] = {}
    for code, topic in vocabulary.topics().items():
        codes[code.casefold()] = code
        for language in topic.labels:
            for term in topic.terms(language):
                codes.setdefault(term.casefold(), code)
    return codes
