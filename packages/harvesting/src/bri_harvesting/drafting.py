"""From what a source says to an item: in a known language, with ISO dates and clean HTML.

Rules:
- bodies are sanitised HTML, titles and summaries are plain text (`markup`);
- a title may be missing where there is text, a body where there is a title: neither is invented
  beyond what stands in the other;
- a body of pictures alone keeps them, below the title as its text;
- a date that cannot be one is left out and reported; an item without anything to read is refused;
- what was replaced, assumed or left out is a remark of the item, which an editor sees.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape

from bri_harvesting import dates
from bri_harvesting.languages import OtherLanguage, language_of
from bri_harvesting.markup import CONTROLS, address, clean, line
from bri_harvesting.source import Fault, Item, Source
from bri_kit import html, vocabulary
from bri_kit.content import MAX_BODY_BYTES, MAX_SUMMARY, MAX_TEXT, MAX_TITLE

MAX_IDENTITY = 2_000
_INVENTED_TITLE = 120


@dataclass(frozen=True, slots=True)
class Raw:
    """An item as its source says it; texts may be HTML, dates as anybody writes them. `base` is
    what addresses in it are relative to."""

    identity: str
    title: str = ""
    body: str = ""
    summary: str = ""
    url: str = ""
    base: str = ""
    language: str = ""
    dates: tuple[str, ...] = ()
    source_name: str = ""
    place: str = ""
    categories: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    """Addresses of pictures that the source gives beside the body."""
    remarks: tuple[str, ...] = ()
    """On this item; `character_remarks` are on the whole document's characters."""
    character_remarks: tuple[str, ...] = ()


def draft(raw: Raw, source: Source) -> Iterator[Item | Fault]:
    """The item that `raw` is, after the faults that do not keep it from being one; or a fault."""
    place = (raw.place or raw.identity)[:200]
    title, cleaned = line(raw.title), clean(raw.body or raw.summary, raw.base or source.url)
    body, body_text = cleaned.html, html.plain_text(cleaned.html)
    if not title and not body_text:
        yield Fault("empty", "there is neither a title nor a text", place)
        return
    title = title or _beginning(body_text)
    if not body_text:
        pictures = body if cleaned.has_image else _pictures(raw, source)
        body_text, body = title, f"<p>{escape(title, quote=False)}</p>{pictures}"
    if len(body.encode()) > MAX_BODY_BYTES:
        yield Fault("too-large", f"the text is larger than {MAX_BODY_BYTES} bytes", place)
        return
    try:
        declared = raw.language or source.language
        language = language_of(f"{title}\n{body_text}", declared, source.languages)
    except OtherLanguage as fact:
        yield Fault("other-language", str(fact), place)
        return
    date, fault = first_date(raw.dates, place)
    if fault is not None:
        yield fault
    yield Item(
        identity=identity_of(raw, title, body),
        language=language,
        title=title[:MAX_TITLE],
        body=body,
        summary=_summary(raw),
        url=address(raw.url, raw.base or source.url),
        date=date,
        source_name=line(raw.source_name)[:MAX_TEXT],
        place=place,
        topics=topics_of(raw.categories),
        remarks=tuple(dict.fromkeys((*_remarks(raw, title, body), *cleaned.remarks))),
    )


def _pictures(raw: Raw, source: Source) -> str:
    tags = (f'<img src="{escape(each)}">' for each in raw.images)
    return clean("".join(tags), raw.base or source.url).html


def _remarks(raw: Raw, title: str, body: str) -> Iterator[str]:
    yield from raw.remarks
    if len(title) > MAX_TITLE:
        yield f"the title was cut to {MAX_TITLE} characters"
    text = f"{title}{body}"
    for remark in raw.character_remarks:
        # What was replaced is seen; what was assumed concerns all but ASCII.
        if ("\ufffd" in text) if "\ufffd" in remark else not text.isascii():
            yield remark


def identity_of(raw: Raw, title: str, body: str) -> str:
    """What the source calls it; its address or its text where the source calls it nothing."""
    named = CONTROLS.sub("", raw.identity).strip() or raw.url.strip()
    if named and len(named) <= MAX_IDENTITY:
        return named
    return Item("", "", named or title, "" if named else body).digest


def topics_of(categories: Iterable[str]) -> tuple[str, ...]:
    """The topics of the controlled vocabulary that these words are codes, labels or synonyms of."""
    known = _topic_names()
    return tuple(sorted({known[name] for each in categories if (name := _folded(each)) in known}))


@cache
def _topic_names() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for code, topic in vocabulary.topics().items():
        for language in topic.labels:
            names |= dict.fromkeys(map(_folded, topic.terms(language)), code)
    return names | {code: code for code in vocabulary.topics()}


def _folded(name: str) -> str:
    return line(name).casefold()


def first_date(texts: tuple[str, ...], place: str) -> tuple[str, Fault | None]:
    """The first of these that is a date, and what was wrong where none is."""
    fault = None
    for text in texts:
        try:
            if found := dates.published(text):
                return found, None
        except dates.NoDate as fact:
            fault = Fault("date", f"{fact}; the item has no date", place)
    return "", fault


def _summary(raw: Raw) -> str:
    return line(raw.summary)[:MAX_SUMMARY] if raw.body.strip() else ""


def _beginning(text: str) -> str:
    first = text.partition("\n")[0].strip()
    if len(first) <= _INVENTED_TITLE:
        return first
    return first[: _INVENTED_TITLE - 1].rsplit(" ", 1)[0] + "…"
