"""What the editor's page shows: two editions side by side, and what is to be said about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bri.content.v1 import content_pb2
from markupsafe import Markup
from sqlmodel import Session
from starlette.responses import Response
from ulid import ULID

from bri_kit import content as rules
from bri_kit import html, vocabulary
from bri_kit.errors import FieldError, NotFound
from bri_node import reading
from bri_node.desk import content, drafts, form, remarks, scheduling, sentences, terms
from bri_node.desk.drafts import Draft
from bri_node.desk.form import Form
from bri_node.desk.terms import Missing
from bri_node.desk.turn import Turn
from bri_node.desktables import DeskCommentRow, DeskScheduleRow
from bri_node.domain import State

_CHOICES = {"kinds": tuple(rules.KINDS), "instruments": rules.INSTRUMENTS}


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of a record before anything was typed; `revision` 0 is one to be."""

    key: str
    revision: int
    state: str
    values: dict[str, str]
    stale: frozenset[str] = frozenset()
    comments: Sequence[DeskCommentRow] = ()
    plan: DeskScheduleRow | None = None

    @property
    def is_new(self) -> bool:
        return self.revision == 0


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the page's fields, and what they were first."""

    revision: int
    values: dict[str, str]
    was: Mapping[str, str]
    fresh: Sequence[str]
    left: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """What the page has to say: errors by field, a code of what went wrong or was done."""

    errors: Sequence[FieldError] = ()
    problem: str = ""
    done: str = ""
    previews: bool = False
    offered: Draft | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One edition as the page shows it."""

    language: str
    is_original: bool
    stale: bool
    sentences: int
    differs: bool
    missing: Sequence[Missing]
    preview: Markup | None


@dataclass(frozen=True, slots=True)
class _Text:
    html: str
    plain: str
    values: Mapping[str, str] = field(default_factory=dict)


def stored(turn: Turn, session: Session, key: str) -> Stored:
    """The record `key`, or a new one to be. Raises NotFound."""
    if key.startswith(drafts.NEW):
        drafts.check_key(key)
        profile = turn.node.profile
        first = profile.edition_languages[0]
        language = turn.language if turn.language in profile.edition_languages else first
        return Stored(key, 0, State.DRAFT, {"kind": "news", "original_language": language})
    row = reading.known(session, key, turn.me.actor)
    record = content_pb2.Record.FromString(row.content)
    return Stored(
        key=row.id,
        revision=row.revision,
        state=row.state,
        values=content.values_of(session, record),
        stale=frozenset(each.language for each in record.editions if each.stale),
        comments=[each for each in remarks.thread(session, row.id) if each.resolved_at is None],
        plan=scheduling.of_record(session, row.id),
    )


def untouched(known: Stored) -> Typed:
    """The page before anybody typed."""
    was = {name: form.digest(value) for name, value in known.values.items()}
    return Typed(known.revision, known.values, was if not known.is_new else {}, ())


def from_draft(known: Stored, draft: Draft) -> Typed:
    """The page as it was when it was kept."""
    values = known.values | draft.values
    return Typed(draft.revision, values, draft.was, draft.fresh, draft.left, draft.right)


def from_form(known: Stored, sent: Form) -> Typed:
    """The page as it was sent."""
    values = known.values | sent.content()
    left, right = sent.text("left"), sent.text("right")
    fresh = sent.all("fresh")
    return Typed(sent.number("revision"), values, sent.was(), fresh, left, right)


def show(
    turn: Turn,
    session: Session,
    known: Stored,
    typed: Typed,
    notes: Notes,
    status: int = 200,
) -> Response:
    """The editor's page."""
    offered = turn.node.profile.edition_languages
    left, right = _sides(typed, offered)
    texts = {tag: _text(typed.values, tag) for tag in {left, right, _original(typed)}}
    shown = content.named(typed.values, turn.language)
    values = {
        "known": known,
        "typed": typed,
        "notes": notes,
        "sides": [_side(turn, known, typed, tag, texts, notes.previews) for tag in (left, right)],
        "offered": offered,
        "hidden": _hidden(known, typed, (left, right)),
        "errors": _by_field(notes.errors),
        "was": form.digests_of(typed.was),
        "once": str(ULID()),
        "others": drafts.others(session, turn.me, known.key),
        "choices": _CHOICES | {"statuses": rules.POLICY_STATUSES},
        "countries": vocabulary.countries(),
        "topics": tuple(vocabulary.topics()),
        "shown": shown,
        "lists": {name: form.lines(shown[name]) for name in ("countries", "topics")},
        "can_translate": bool(turn.desk.settings.translate_url),
        "is_draft": known.state in (State.DRAFT, State.IN_REVIEW),
    }
    title = typed.values.get(f"editions.{_original(typed)}.title", "")[:80]
    return turn.show("edit.html", title or turn.say("New record"), values, status)


def _original(typed: Typed) -> str:
    return typed.values.get("original_language", "")


def _sides(typed: Typed, offered: Sequence[str]) -> tuple[str, str]:
    """The languages left and right: as chosen, else the original and its first translation."""
    left = typed.left if typed.left in offered else _original(typed)
    left = left if left in offered else offered[0]
    others = [tag for tag in offered if tag != left]
    there = [tag for tag in others if typed.values.get(f"editions.{tag}.title")]
    right = typed.right if typed.right in others else next(iter([*there, *others]), left)
    return left, right


def _side(
    turn: Turn,
    known: Stored,
    typed: Typed,
    language: str,
    texts: Mapping[str, _Text],
    previews: bool,
) -> Side:
    original = _original(typed)
    mine, first = texts[language], texts.get(original, _Text("", ""))
    counts = {tag: sentences.count(text.plain, tag) for tag, text in texts.items()}
    is_original = language == original
    names = turn.node.profile.names
    return Side(
        language=language,
        is_original=is_original,
        stale=language in known.stale,
        sentences=counts[language],
        differs=not is_original
        and bool(mine.plain)
        and sentences.differ(counts.get(original, 0), counts[language]),
        missing=terms.missing(first.plain, original, mine.plain, language, names),
        preview=Markup(mine.html) if previews else None,  # noqa: S704 - sanitised just now
    )


def _text(values: Mapping[str, str], language: str) -> _Text:
    start = f"editions.{language}"
    try:
        body = html.from_markdown(values.get(f"{start}.body", "")[: rules.MAX_BODY_BYTES])
    except html.TooDeep:  # which saving it says; until then there is nothing to preview
        body = ""
    parts = [values.get(f"{start}.title", ""), values.get(f"{start}.summary", "")]
    return _Text(body, "\n".join(part for part in [*parts, html.plain_text(body)] if part))


def _hidden(known: Stored, typed: Typed, shown: Sequence[str]) -> dict[str, str]:
    """What was typed in editions that the page does not show now, to be sent along."""
    return {
        name: value
        for name, value in typed.values.items()
        if name.startswith("editions.")
        and name.split(".")[1] not in shown
        and value != known.values.get(name)
    }


def _by_field(errors: Sequence[FieldError]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in errors:
        name = each.field
        if name.startswith(("countries.", "topics.", "policy.amends.", "policy.repeals.")):
            name = name.rpartition(".")[0]
        if name.startswith("editions.") and name.count(".") == 1:
            name = f"{name}.body"
        found.setdefault(name, []).append(each.message)
    return found


def new_key() -> str:
    """The key of a record to be."""
    return f"{drafts.NEW}{ULID()}"


def check_language(turn: Turn, language: str) -> None:
    """Let pass only languages that the centre publishes in. Raises NotFound."""
    if language not in turn.node.profile.edition_languages:
        raise NotFound("This centre does not publish in that language.")
