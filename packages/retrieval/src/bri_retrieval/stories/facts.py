"""What two records can agree and disagree about, besides how near their texts are.

Rules:
- what contradicts keeps two records apart, however near they are: the annual report of one year
  is not that of the next, a standard is not another one of its series, a decree that amends a law
  is not the law, and a press release with other figures is another one;
- what is missing on one side contradicts nothing;
- numbers agree in translations almost without exception: of XQuAD's 940 pairs of passages in which
  both have any (en, zh, ru, vi, th) this module takes none for contradictory.
"""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from bri_retrieval.folding import fold
from bri_retrieval.segmentation import is_han
from bri_retrieval.stories.figures import figures, is_year
from bri_retrieval.stories.member import Law, Member
from bri_retrieval.stories.names import names

AGREEING = 0.5
"""Share of the fewer figures of two texts that the other has to have."""

EVENT_DAYS = 3
"""Days between which the same event may be dated; time zones and habits differ."""

NEWS_DAYS = 45
"""Days between which the same news may appear."""

_HAN_WEIGHT = 3
"""A Chinese character says as much as so many letters (XQuAD: 2.9 of English, 3.2 of Russian)."""

_SHORTEST_NUMBER = 3
"""Digits of a law's number that tell it from others by themselves."""

_DOCUMENT_NUMBER = re.compile(r"(?:第|no\.?|№|n°|nº|number)\s*(\d+)")
_AMENDING = re.compile(r"amend|修改|修订|修正|изменени|поправк|дополнени")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a record says that others can contradict. `law` is the digits of a law's number, in
    ascending order; `length` is in letters."""

    member: Member
    law: tuple[str, ...]
    amended: frozenset[tuple[str, ...]]
    is_amending: bool
    title_years: Set[str]
    title_figures: Set[str]
    title_numbers: Set[str]
    years: Set[str]
    figures: Set[str]
    names: Set[str]
    length: int


def read_facts(member: Member) -> Facts:
    """The facts of a record."""
    titles = [fold(text.title) for text in member.editions.values()]
    in_titles = {each for title in titles for each in figures(title)}
    bodies = [f"{text.summary}\n{text.body}" for text in member.editions.values()]
    in_bodies = {each for body in bodies for each in figures(body)}
    original = (
        member.original if member.original in member.editions else next(iter(member.editions))
    )
    return Facts(
        member=member,
        law=_digits(member.law.number),
        amended=frozenset(filter(None, map(_digits, member.law.amends))),
        is_amending=any(_AMENDING.search(title) for title in titles),
        title_years={each for each in in_titles if is_year(each)},
        title_figures={each for each in in_titles if len(each) > 3 and not is_year(each)},
        title_numbers={each for title in titles for each in _DOCUMENT_NUMBER.findall(title)},
        years={each for each in in_bodies if is_year(each)},
        figures={each for each in in_bodies if not is_year(each)},
        names={name for body in bodies for name in names(body)},
        length=_length("".join(member.editions[original])),
    )


def contradict(one: Facts, other: Facts) -> bool:
    """Whether the two cannot tell the same."""
    return any(_contradictions(one, other))


def evidence(one: Facts, other: Facts) -> int:
    """How much speaks for the two telling the same, from 0 to 3: figures that both have, and, each
    counting as one at most, names and years, which whole fields of work share."""
    found = len(one.figures & other.figures)
    found += bool(one.years & other.years) + bool(one.names & other.names)
    if one.law and one.law == other.law and sum(map(len, one.law)) >= _SHORTEST_NUMBER:
        found += 3
    if one.member.source and one.member.source == other.member.source:
        found += 3 if len(urlsplit(one.member.source).path) > 1 else 0
    return min(found, 3)


def likeness_in_length(one: Facts, other: Facts) -> float:
    """The shorter text's length as a share of the longer's."""
    return min(one.length, other.length) / max(one.length, other.length, 1)


def agreement(one: Set[str], other: Set[str]) -> float:
    """What both have, as a share of what the one with fewer has; 1 where one has nothing."""
    fewer = min(len(one), len(other))
    return len(one & other) / fewer if fewer else 1.0


def _contradictions(one: Facts, other: Facts) -> Iterator[bool]:
    first, second = one.member, other.member
    yield first.centre == second.centre and not set(first.editions).isdisjoint(second.editions)
    yield (first.kind == "policy") != (second.kind == "policy")
    yield _apart(set(first.countries), set(second.countries))
    yield from _laws_contradict(one, other)
    yield _days_between(first.event, second.event) > EVENT_DAYS
    if first.kind == second.kind == "news":
        yield _days_between(first.date, second.date) > NEWS_DAYS
    yield _apart(one.title_years, other.title_years)
    yield _apart(one.title_figures, other.title_figures)
    yield _apart(one.title_numbers, other.title_numbers)
    yield agreement(one.years, other.years) < AGREEING
    yield agreement(one.figures, other.figures) < AGREEING


def _laws_contradict(one: Facts, other: Facts) -> Iterator[bool]:
    first, second = one.member.law, other.member.law
    yield bool(one.law and other.law) and one.law != other.law
    yield one.law in other.amended or other.law in one.amended
    yield any(_differ(first, second, name) for name in ("jurisdiction", "adopted", "instrument"))
    if one.member.kind == "policy":
        yield one.is_amending != other.is_amending


def _differ(one: Law, other: Law, name: str) -> bool:
    first, second = getattr(one, name), getattr(other, name)
    return bool(first and second) and first != second


def _apart(one: Set[str], other: Set[str]) -> bool:
    return bool(one and other) and not one & other


def _days_between(one: str, other: str) -> int:
    try:
        return abs((date.fromisoformat(one) - date.fromisoformat(other)).days)
    except ValueError:
        return 0


def _digits(number: str) -> tuple[str, ...]:
    return tuple(sorted(_DIGITS.findall(fold(number))))


def _length(text: str) -> int:
    return len(text) + (_HAN_WEIGHT - 1) * sum(map(is_han, text))
