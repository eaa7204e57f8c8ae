"""Writing a record: the editor's page, saving, and the small answers that its script asks for."""

from fastapi import APIRouter
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from ulid import ULID

from bri_kit import html
from bri_kit.content import MAX_BODY_BYTES, TOO_DEEP
from bri_kit.errors import BriError, FieldError, InvalidInput, NotFound, TooLarge
from bri_kit.web import JSON
from bri_node import repository
from bri_node.desk import cleaning, drafts, editing, form, saving, sentences, translating
from bri_node.desk.editing import Notes, Typed
from bri_node.desk.form import Form
from bri_node.desk.saving import Conflict
from bri_node.desk.translating import Text, TranslationFailed
from bri_node.desk.turn import Sent, Turn, Writer

router = APIRouter()


@router.get("/new")
def begin_record(turn: Writer) -> Response:
    """An empty page with a key of its own."""
    return turn.go(f"/records/{editing.new_key()}/edit")


@router.get("/records/{key}/edit")
def show_editor(
    turn: Writer, key: str, restore: str = "", left: str = "", right: str = "", note: str = ""
) -> Response:
    """The editor; with what was typed and not saved where that is wanted, else it is offered."""
    with turn.node.store.reading() as session:
        known = editing.stored(turn, session, key)
        draft = drafts.find(session, turn.me, key)
        if draft is not None and restore:
            return editing.show(
                turn, session, known, editing.from_draft(known, draft), Notes(done=note)
            )
        first = editing.untouched(known)
        typed = Typed(first.revision, first.values, first.was, (), left, right)
        return editing.show(turn, session, known, typed, Notes(offered=draft, done=note))


@router.post("/records/{key}/edit")
async def take(sent: Sent, key: str) -> Response:
    """Save, or show the page again as the person wants it."""
    turn, typed = sent
    action = typed.text("action")
    if action.startswith("translate."):
        return await _translate(turn, key, typed, action.removeprefix("translate."))
    return await run_in_threadpool(_take, turn, key, typed, action)


def _take(turn: Turn, key: str, typed: Form, action: str) -> Response:
    if action in ("keep", "preview"):
        return _again(turn, key, typed, Notes(previews=action == "preview", done="kept"))
    if action == "discard":
        with turn.node.store.writing() as session:
            drafts.discard(session, turn.me, key)
        return turn.go("/" if key.startswith(drafts.NEW) else f"/records/{key}")
    try:
        return turn.go(_save(turn, key, typed))
    except Conflict as fact:
        return _show_conflict(turn, key, typed, fact)
    except BriError as fact:
        return _again(turn, key, typed, _told(fact), fact.status)


def _told(fact: BriError) -> Notes:
    problem = "invalid" if isinstance(fact, InvalidInput) else type(fact).__name__
    return Notes(errors=fact.errors, problem=problem, detail=fact.detail)


def _save(turn: Turn, key: str, typed: Form) -> str:
    """Save, once; answers where that leads."""
    with turn.node.store.reading() as session:
        if led := saving.led_to(session, turn.me.actor, typed):
            return led
        known = editing.stored(turn, session, key)
    prepared = saving.prepare(typed, known.values)
    turn.node.centre.seal.gate.wait()
    with turn.node.store.writing() as session:
        if led := saving.led_to(session, turn.me.actor, typed):
            return led
        row = saving.save(session, turn.node, turn.me, key, prepared, typed)
        place = f"/records/{row.id}?done={row.state}"
        saving.remember(session, turn.me.actor, typed, place)
    return place


def _again(turn: Turn, key: str, typed: Form, notes: Notes, status: int = 200) -> Response:
    """The page with everything as it was typed, which is kept too."""
    with turn.node.store.writing() as session:
        _check(session, key)
        drafts.keep(session, turn.me, key, typed)
    with turn.node.store.reading() as session:
        known = editing.stored(turn, session, key)
        page = editing.from_form(known, typed)
        return editing.show(turn, session, known, page, notes, status)


def _show_conflict(turn: Turn, key: str, typed: Form, fact: Conflict) -> Response:
    """Both texts, for the person to choose; what they typed is kept."""
    with turn.node.store.writing() as session:
        drafts.keep(session, turn.me, key, typed)
    values = {
        "fact": fact,
        "was": form.digests_of({name: form.digest(text) for name, text in fact.theirs.items()}),
        "quiet": {
            name: text
            for name, text in fact.merged.items()
            if name not in {clash.field for clash in fact.clashes}
            and (not name.startswith("editions.") or text != fact.theirs.get(name))
        },
        "action": typed.text("action"),
        "once": str(ULID()),
        "left": typed.text("left"),
        "right": typed.text("right"),
        "fresh": typed.all("fresh"),
    }
    return turn.show("conflict.html", turn.say("Changed in the meantime"), values, 412)


async def _translate(turn: Turn, key: str, typed: Form, target: str) -> Response:
    """Fill an edition by the translation service; whatever happens, nothing typed is lost."""
    editing.check_language(turn, target)
    values = typed.content()
    source = values.get("original_language", "")
    parts = (values.get(f"editions.{source}.{name}", "") for name in ("title", "summary", "body"))
    try:
        found = await translating.translate(turn.desk.settings, Text(*parts), source, target)
    except TranslationFailed as fact:
        notes = Notes(problem=f"translate-{fact.reason}", detail=fact.detail)
        return await run_in_threadpool(_again, turn, key, typed, notes, 502)
    filled = {
        f"editions.{target}.title": found.title,
        f"editions.{target}.summary": found.summary,
        f"editions.{target}.body": found.body,
        f"editions.{target}.origin": "machine",
    }
    fields = [(name, typed.text(name)) for name in ("left", "right", "was", "revision")]
    fields += [("fresh", each) for each in {*typed.all("fresh"), target}]
    sent = Form([*fields, *(values | filled).items()])
    return await run_in_threadpool(_again, turn, key, sent, Notes(done="translated"))


@router.post("/records/{key}/autosave")
def autosave(sent: Sent, key: str) -> Response:
    """Keep what is typed, and tell who else is there and which revision is the newest."""
    turn, typed = sent
    with turn.node.store.writing() as session:
        revision = _check(session, key)
        saved_at = drafts.keep(session, turn.me, key, typed)
        others = drafts.others(session, turn.me, key)
    return JSON(
        {
            "saved_at": saved_at,
            "revision": revision,
            "others": [{"name": name, "since": since} for name, since in others],
        }
    )


def _check(session: Session, key: str) -> int:
    """The newest revision of a record, 0 of one to be. Raises NotFound."""
    if key.startswith(drafts.NEW):
        drafts.check_key(key)
        return 0
    row = repository.find(session, key)
    if row is None:
        raise NotFound("There is no such record here.")
    return row.revision


@router.get("/session")
def tell_session(turn: Writer) -> Response:
    """The token of the forms of this session, for a page that outlived another one."""
    return JSON({"token": turn.token, "user": turn.me.id})


@router.post("/preview")
def preview(sent: Sent) -> Response:
    """Markdown as readers would see it, and how many sentences it has."""
    _, typed = sent
    text = typed.text("text")
    if len(text) > MAX_BODY_BYTES:
        raise TooLarge("The text is too long.")
    try:
        body = html.from_markdown(text)
    except html.TooDeep as fact:
        raise InvalidInput("The text cannot be shown.", [FieldError("text", TOO_DEEP)]) from fact
    count = sentences.count(html.plain_text(body), typed.text("language") or "en")
    return JSON({"html": body, "sentences": count})


@router.post("/clean")
def clean(sent: Sent) -> Response:
    """What is pasted as HTML, as Markdown."""
    _, typed = sent
    cleaned = cleaning.clean(typed.text("html"))
    return JSON({"markdown": cleaned.markdown, "pictures": cleaned.pictures})
