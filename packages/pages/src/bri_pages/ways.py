"""Ways on for a reader who found nothing: what else to ask, and how much that would find.

Each way is really asked, so none of them leads to nothing again; search is asked no more than
_MOST_ASKED times.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bri_pages.asking import Question
from bri_pages.visit import Visit

_MOST_ASKED = 8
_MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Way:
    """Another question and how much it finds. `filter` is the one that it does without ("date" and
    "all" too), empty where the words are others."""

    question: Question
    filter: str
    total: int


async def find_ways(visit: Visit, question: Question) -> Sequence[Way]:
    """The ways that find something, the one that finds least of those without filters first: it is
    the nearest to what was asked."""
    asked = list(_others(question))[:_MOST_ASKED]
    answers = await asyncio.gather(
        *(visit.search(other.query(visit.language, 1)) for _, other in asked)
    )
    found = [
        Way(other, name, results.total)
        for (name, other), (results, _) in zip(asked, answers, strict=True)
        if results.total
    ]
    return sorted(found, key=lambda way: (not way.filter, way.total))


def _others(question: Question) -> Iterator[tuple[str, Question]]:
    names = list(dict.fromkeys(name for name, _ in question.filters))
    for name in names:
        yield name, question.without(name)
    if question.since or question.until:
        names.append("date")
        yield "date", question.undated()
    if len(names) > 1:
        yield "all", question.cleared()
    words = list(dict.fromkeys(question.text.split()))
    if 1 < len(words) <= _MOST_WORDS:
        yield from (("", question.asking(word)) for word in words)
