"""From the desk's form to the record, by the same rules as the API.

Rules:
- what is expensive (Markdown, sanitising) is done before the log is locked;
- what was typed on a revision that is not the newest is never saved over it: `Conflict` carries
  both;
- saving, what follows it (submit, publish), its Markdown and the end of what was kept aside are one
  transaction;
- a form that is sent twice does once what it says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from bri.content.v1 import content_pb2
from sqlmodel import Session

from bri_node import idempotency, mapping, reading, repository, service
from bri_node.actor import Actor, require_editor
from bri_node.desk import content, drafts, form, scheduling
from bri_node.desk.form import Form
from bri_node.desk.users import User
from bri_node.domain import State
from bri_node.node import Node
from bri_node.tables import HistoryRow, RecordRow


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that two people changed."""

    field: str
    mine: str
    theirs: str


class Conflict(Exception):
    """Somebody saved a newer revision. `merged` is theirs with what only I have changed."""

    def __init__(
        self,
        record_id: str,
        revision: int,
        by: str,
        merged: Mapping[str, str],
        theirs: Mapping[str, str],
        clashes: Sequence[Clash],
    ) -> None:
        super().__init__(f"The newest revision is {revision}.")
        self.record_id = record_id
        self.revision = revision
        self.by = by
        self.merged = merged
        self.theirs = theirs
        self.clashes = clashes


@dataclass(frozen=True, slots=True)
class Prepared:
    """A form that was read; `sent` is the record as the API would have been sent it."""

    values: dict[str, str]
    record: content_pb2.Record
    removed: set[str]
    is_changed: bool


def prepare(typed: Form, stored: Mapping[str, str]) -> Prepared:
    """Read a form, at some cost; `stored` is the record that it is a change of. Raises
    InvalidInput."""
    mine = content.coded(typed.content())
    changed, confirmed = form.changed(mine, typed.was()), typed.all("fresh")
    sent = content.to_input({**stored, **mine}, changed, confirmed)
    is_changed = bool(changed) or bool(confirmed)
    return Prepared(mine, mapping.to_record(sent), mapping.removed_languages(sent), is_changed)


def save(
    session: Session, node: Node, user: User, key: str, prepared: Prepared, typed: Form
) -> RecordRow:
    """Save what was prepared as the record `key`, or as a new one; then do what the form says.

    Raises:
        Conflict: there is a newer revision.
        BriError: as the node's rules say.
    """
    made = idempotency.recall(session, user.actor, f"desk {key}", "")
    if key.startswith(drafts.NEW) and made is None:
        mapping.check(prepared.record, node.profile.edition_languages)
        row = service.create(session, node.centre, prepared.record, user.actor, publish=False)
        idempotency.remember(session, user.actor, f"desk {key}", "", row.id.encode())
    else:
        row = _revise(session, node, user, made.decode() if made else key, prepared, typed)
    drafts.discard(session, user, key)
    content.keep_sources(session, content_pb2.Record.FromString(row.content), prepared.values)
    action = typed.text("action")
    if action == "submit" and row.state == State.DRAFT:
        service.submit(session, node.centre, row.id, row.revision, user.actor)
    if action == "publish" and row.state != State.PUBLISHED:
        require_editor(user.actor)
        service.publish(session, node.centre, row.id, row.revision, user.actor)
        scheduling.cancel(session, row.id)
    return row


def _revise(
    session: Session, node: Node, user: User, key: str, prepared: Prepared, typed: Form
) -> RecordRow:
    row = reading.known(session, key, user.actor)
    if row.revision != typed.number("revision"):
        raise conflict(session, row, prepared.values, typed.was())
    if not prepared.is_changed:
        return row
    return service.edit(
        session,
        node.centre,
        row.id,
        prepared.record,
        prepared.removed,
        row.revision,
        user.actor,
    )


def conflict(
    session: Session, row: RecordRow, mine: Mapping[str, str], was: Mapping[str, str]
) -> Conflict:
    """Both texts, and where they collide."""
    theirs = content.values_of(session, content_pb2.Record.FromString(row.content))
    merged, clashes = merge(mine, theirs, was)
    steps: Sequence[HistoryRow] = repository.history(session, row.id)
    return Conflict(row.id, row.revision, steps[-1].actor if steps else "", merged, theirs, clashes)


def merge(
    mine: Mapping[str, str], theirs: Mapping[str, str], was: Mapping[str, str]
) -> tuple[dict[str, str], list[Clash]]:
    """Theirs with my changes, and the fields that both of us changed, differently; those stand as
    mine in what is merged."""
    merged, clashes = dict(theirs), []
    for name in sorted(form.changed(mine, was)):
        their_text = theirs.get(name, "")
        if form.digest(their_text) == form.digest(mine[name]):
            continue
        merged[name] = mine[name]
        if form.digest(their_text) != was.get(name, form.digest("")):
            clashes.append(Clash(name, mine[name], their_text))
    return merged, clashes


def led_to(session: Session, actor: Actor, typed: Form) -> str:
    """Where a form led that did its work before; empty where it is still to do it."""
    if not typed.text("once"):
        return ""
    return (idempotency.recall(session, actor, _once(typed), "") or b"").decode()


def remember(session: Session, actor: Actor, typed: Form, place: str) -> None:
    """Keep that a form has done its work, and where it led."""
    if typed.text("once"):
        idempotency.remember(session, actor, _once(typed), "", place.encode())


def _once(typed: Form) -> str:
    return f"desk {typed.text('once')[:40]} {fingerprint(typed)}"


def fingerprint(typed: Form) -> str:
    """What is the same for the same form."""
    parts = [f"{name}={value}" for name, value in sorted(typed.content().items())]
    parts += [typed.text("action"), typed.text("revision"), typed.text("reason")]
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
