"""Differences between revisions, and what a search asks, in a reader's words."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bri_kit import vocabulary
from bri_pages import formatting, labels
from bri_pages.asking import Question
from bri_pages.messages import PSEUDO, messages

Say = Callable[[str], str]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_TAG = 3


def N_(text: str) -> str:  # noqa: N802 - gettext's name
    """Marks a text to be translated where it is used."""
    return text


KINDS = {
    "new": N_("New"),
    "revised": N_("Revised"),
    "amended": N_("Amended"),
    "retracted": N_("Withdrawn"),
}
RHYTHMS = {
    "immediately": N_("At once"),
    "daily": N_("Daily"),
    "weekly": N_("Weekly"),
}
_WHOLE = {
    "countries": N_("The countries changed."),
    "topics": N_("The topics changed."),
    "dates": N_("The dates changed."),
    "source": N_("The source changed."),
    "again": N_("It is published again."),
}
_BY_LANGUAGE = {
    "added": N_("Now also in: %(languages)s."),
    "dropped": N_("No longer in: %(languages)s."),
    "text": N_("The text changed: %(languages)s."),
}
_BY_LAW = {
    "amended-by": N_("It amends: %(title)s."),
    "repealed-by": N_("It repeals: %(title)s."),
}


def pick_title(titles: Mapping[str, str], language: str) -> tuple[str, str]:
    """A title and its language: the reader's where there is one, else English, else any."""
    for tag in (language, language.partition("-")[0], "en"):
        if tag in titles:
            return titles[tag], tag
    return next(((title, tag) for tag, title in titles.items()), ("", language))


def say_difference(difference: Sequence[Any], language: str) -> str:
    """One difference as a sentence; empty where nobody here knows its code."""
    say = messages(language).gettext
    code, *rest = difference
    if code in _WHOLE:
        return say(_WHOLE[code])
    if code in _BY_LANGUAGE:
        names = [vocabulary.language_name(tag, _known(language)) for tag in rest]
        return say(_BY_LANGUAGE[code]) % {"languages": formatting.format_list(names, language)}
    if code in _BY_LAW:
        return say(_BY_LAW[code]) % {"title": pick_title(rest[1], language)[0]}
    if code == "status":
        before, after = (labels.label(say, "status", each) if each else "–" for each in rest)
        return say("Status: %(before)s → %(after)s.") % {"before": before, "after": after}
    return say("Reason: %(reason)s") % {"reason": rest[0]} if code == "reason" else ""


def _known(language: str) -> str:
    return "en" if language == PSEUDO else language


def say_known(question: Question, language: str) -> str:
    """What of a search consists of our own words, in a line: filters with values of our
    vocabularies, and dates. Nothing that somebody typed is in it; empty where nothing is left."""
    chosen = tuple(
        pair for pair in dict.fromkeys((*question.fixed, *question.filters)) if _is_ours(*pair)
    )
    since, until = (day if _DAY.fullmatch(day) else "" for day in (question.since, question.until))
    known = Question(filters=chosen, since=since, until=until)
    return say_search(known, language, {}) if chosen or since or until else ""


def _is_ours(name: str, value: str) -> bool:
    if name in ("country", "jurisdiction"):
        return value in vocabulary.country_codes()
    if name == "topic":
        return vocabulary.topic(value) is not None
    if name == "edition":
        return len(value) <= _LONGEST_TAG and vocabulary.is_language(value)
    return name in ("kind", "instrument", "status") and value in labels.LABELS[name]


def say_search(question: Question, language: str, names: Mapping[str, str]) -> str:
    """What a search asks, in a line."""
    say = messages(language).gettext
    parts = [f"“{question.text}”"] if question.text else []
    chosen = dict.fromkeys((*question.fixed, *question.filters))
    parts += [
        labels.value_name(say, language, names, name, value)
        if name != "kind"
        else labels.label(say, "kind", value)
        for name, value in chosen
    ]
    days = [formatting.format_date(day, language) if day else "…" for day in
            (question.since, question.until)]  # fmt: skip
    if question.since or question.until:
        parts.append(" – ".join(days))
    return " · ".join(parts) or say("Everything")
