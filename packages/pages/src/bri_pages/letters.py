"""Letters to readers: a subject, plain text and HTML, in the reader's language.

Rules:
- both forms say the same; the HTML has no picture and loads nothing, so that nobody learns when a
  letter was read;
- everything from a record is escaped in the HTML and is one line in the text;
- a letter to an address that has not confirmed anything says nothing that a stranger wrote, in its
  subject neither: otherwise anybody could have us send what he likes to whom he likes. It names
  filters by our own words; the search's own words are on the page behind the link.
- what cannot be told of one record is set aside, and the letter tells the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bri_kit.set_aside import Revision, write_each
from bri_kit.xml_text import xml_text
from bri_pages.alerts import Told
from bri_pages.asking import Question
from bri_pages.formatting import format_number
from bri_pages.messages import messages
from bri_pages.rendering import Renderer
from bri_pages.telling import KINDS, pick_title, say_difference, say_known, say_search

_LONGEST_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to an address."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a digest. `language` is the title's; `link` leads to the record."""

    kind: str
    label: str
    title: str
    language: str
    link: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Digest:
    """What a reader is told at once; `more` things are told by `link` alone, which is the list
    itself; `manage` and `leave` are addresses."""

    question: Question
    told: Sequence[Told]
    more: int
    link: str
    manage: str
    leave: str


def write_confirmation(
    renderer: Renderer, origin: str, language: str, question: Question, link: str, days: int
) -> Letter:
    """Asks whether an address wants to follow a search; `link` says so, for so many days."""
    subject = messages(language).gettext("Please confirm what you want to follow")
    values = {"search": say_known(question, language), "link": link, "days": days}
    return _write(renderer, origin, "confirmation", language, subject, values)


def write_overview(renderer: Renderer, origin: str, language: str, link: str, days: int) -> Letter:
    """Tells where all that an address follows is shown; `link` does so, for so many days."""
    subject = messages(language).gettext("What you follow")
    return _write(renderer, origin, "overview", language, subject, {"link": link, "days": days})


def write_digest(renderer: Renderer, origin: str, digest: Digest, language: str) -> Letter | None:
    """Tells what is new of a search; None where nothing of it can be told."""
    items = list(
        write_each("letter", digest.told, lambda told: _item(told, origin, language), _revision_of)
    )
    if not items and not digest.more:
        return None
    search = say_search(digest.question, language, {})
    values = {
        "search": search,
        "items": items,
        "more": digest.more,
        "link": digest.link,
        "manage": digest.manage,
        "leave": digest.leave,
    }
    return _write(renderer, origin, "digest", language, _subject(items, digest, language), values)


def _subject(items: Sequence[Item], digest: Digest, language: str) -> str:
    if len(items) == 1 and not digest.more:
        return f"{items[0].label}: {items[0].title}"
    number = len(items) + digest.more
    told = messages(language).ngettext(
        "%(num)s change: %(search)s", "%(num)s changes: %(search)s", number
    )
    search = say_search(digest.question, language, {})
    return told % {"num": format_number(number, language), "search": search}


def _item(told: Told, origin: str, language: str) -> Item:
    title, tongue = pick_title(told.titles, language)
    lines = [line for each in told.differences if (line := say_difference(each, language))]
    return Item(
        told.kind,
        messages(language).gettext(KINDS[told.kind]),
        _one_line(title),
        tongue,
        f"{origin}/{language}/records/{told.record_id}",
        [_one_line(line) for line in lines],
    )


def _revision_of(told: Told) -> Revision:
    return Revision(told.record_id, told.kind)


def _write(
    renderer: Renderer,
    origin: str,
    name: str,
    language: str,
    subject: str,
    values: Mapping[str, Any],
) -> Letter:
    subject = _one_line(subject)
    if len(subject) > _LONGEST_SUBJECT:
        subject = f"{subject[: _LONGEST_SUBJECT - 1]}…"
    values = {**values, "origin": origin, "subject": subject}
    text = renderer.write(f"alerts/{name}.txt", language, values)
    return Letter(subject, text, renderer.write(f"alerts/{name}.html", language, values))


def _one_line(text: str) -> str:
    return " ".join(xml_text(text).split())
