"""From what a source says to an item: in a known language, with ISO dates and clean HTML.

Rules:
- addresses in a body are absolute, so that its links lead where they led;
- bodies are sanitised by the same rules as everywhere, titles and summaries are plain text;
- a title may be missing where there is text, a body where there is a title: neither is invented
  beyond what stands in the other;
- a date that cannot be one is left out and told; an item without anything to read is refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

from lxml import html as lxml_html
from lxml.etree import LxmlError

from bri_harvesting import dates
from bri_harvesting.languages import OtherLanguage, language_of
from bri_harvesting.source import Fault, Item, Source
from bri_kit import html, vocabulary
from bri_kit.content import MAX_BODY_BYTES, MAX_SUMMARY, MAX_TEXT, MAX_TITLE

MAX_IDENTITY = 2_000
_MAX_ADDRESS = 2_000
_INVENTED_TITLE = 120
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TAG_LIKE = re.compile(r"</?[a-zA-Z][^<>]*>")


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


def draft(raw: Raw, source: Source) -> Iterator[Item | Fault]:
    """The item that `raw` is, after the faults that do not keep it from being one; or a fault."""
    place = (raw.place or raw.identity)[:200]
    title, body = line(raw.title), clean(raw.body or raw.summary, raw.base or source.url)
    body_text = html.plain_text(body)
    if not title and not body_text:
        yield Fault("empty", "there is neither a title nor a text", place)
        return
    title = title or _beginning(body_text)
    if not body_text:
        body = body_text = f"<p>{escape(title, quote=False)}</p>"
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
    )


def identity_of(raw: Raw, title: str, body: str) -> str:
    """What the source calls it; its address or its text where the source calls it nothing."""
    named = _CONTROLS.sub("", raw.identity).strip() or raw.url.strip()
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


def line(text: str) -> str:
    """Plain text in one line, of what may be HTML in an attribute's or an element's escaping."""
    if _TAG_LIKE.search(text) or "&" in text:
        text = unescape(html.plain_text(html.sanitise_any(text)))
    return " ".join(_CONTROLS.sub(" ", text).split())


def clean(markup: str, base: str) -> str:
    """Sanitised HTML with absolute addresses; plain text becomes paragraphs."""
    markup = _CONTROLS.sub("", markup).strip()
    if not markup:
        return ""
    if not _TAG_LIKE.search(markup):
        return paragraphs(unescape(markup))
    return html.sanitise_any(_absolute(markup, base))


def paragraphs(text: str) -> str:
    """Plain text as HTML: a blank line parts paragraphs, a line end breaks a line."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    shown = (escape(block.strip(), quote=False).replace("\n", "<br>") for block in blocks)
    return "".join(f"<p>{block}</p>" for block in shown if block)


def _absolute(markup: str, base: str) -> str:
    try:
        tree = lxml_html.fragment_fromstring(markup, create_parent="div")
        tree.make_links_absolute(base, handle_failures="discard")
        whole = str(lxml_html.tostring(tree, encoding="unicode"))
        return whole.removeprefix("<div>").removesuffix("</div>")
    except (LxmlError, ValueError, AssertionError):
        return markup  # what cannot be read as a tree is for the sanitiser alone


def address(url: str, base: str) -> str:
    """An http or https address, absolute; empty where it is none."""
    try:
        whole = urljoin(base, "".join(_CONTROLS.sub("", url).split()))
        parts = urlsplit(whole)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return whole if good and len(whole) <= _MAX_ADDRESS and url.strip() else ""


def _summary(raw: Raw) -> str:
    return line(raw.summary)[:MAX_SUMMARY] if raw.body.strip() else ""


def _beginning(text: str) -> str:
    first = text.partition("\n")[0].strip()
    if len(first) <= _INVENTED_TITLE:
        return first
    return first[: _INVENTED_TITLE - 1].rsplit(" ", 1)[0] + "…"
