"""Whether two records tell the same, judged by how near they are and by what else they say.

An edition chooses, of each language, the record whose edition is most like it. Two records that
choose each other are linked, if they are alike enough, and clearly more alike than the next best
are to either (a margin, as in Artetxe & Schwenk, 2019, but of differences: likeness is centred, so
that what is unrelated has a likeness of about 0, and ratios of such numbers mean nothing). The less
else speaks for it, the more alike they have to be.

Rules:
- what contradicts a record (see facts) is never chosen by it, and counts among the next best;
- records of one centre in the same language are never linked: the centre knew of both;
- editions in the same language have to be nearly the same text, and name the same names: there,
  likeness is easily had;
- the thresholds were chosen on half of XQuAD's passages, and hold for languages and sizes that they
  were not chosen on: ADR 17.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from bri_retrieval.stories.facts import (
    AGREEING,
    Facts,
    agreement,
    contradict,
    evidence,
    likeness_in_length,
)

NEXT_BEST = 4
CANDIDATES = 12
"""Counterparts that are looked at in each language; contradictions make some of them fall out."""

LIKENESS = (0.42, 0.40, 0.36, 0.30)
MARGIN = (0.25, 0.25, 0.20, 0.12)
"""What is required, by the evidence for it (0 to 3)."""

SUPPORTED_LIKENESS = (0.38, 0.38, 0.34, 0.30)
SUPPORTED_MARGIN = (0.18, 0.18, 0.15, 0.12)
"""What is required where a second link between the same stories says so too."""

LENGTH = 0.6
"""Share of the longer text that the shorter one has at least, where there is little evidence."""
_LITTLE = 1

SAME_TEXT = 0.85
"""Likeness that two editions in one language need to be linked."""

SAME_LANGUAGE = 0.75
"""Likeness that two editions in one language need to be in one story."""

SAME_STORY = 0.30
"""Likeness that any two records of a story need in their best pair of editions."""

Near = Sequence[tuple[str, float]]
"""Records with their likeness, the most alike first."""


class Link(NamedTuple):
    """Two records that chose each other. One that is not firm counts only beside another."""

    margin: float
    firm: bool


class Choice(NamedTuple):
    """The record that an edition chose, and by how much it is more alike than the next best."""

    record_id: str
    likeness: float
    margin: float


def choose(own: Facts, near: Near, facts: Callable[[str], Facts | None]) -> Choice | None:
    """The most alike of `near` that could tell the same as `own`."""
    for place, (record_id, likeness) in enumerate(near[: CANDIDATES - NEXT_BEST]):
        other = facts(record_id)
        if other is not None and not contradict(own, other):
            rest = [value for _, value in (*near[:place], *near[place + 1 :])][:NEXT_BEST]
            return Choice(record_id, likeness, likeness - sum(rest) / NEXT_BEST)
    return None


def link(
    one: Facts, other: Facts, there: Choice, back: Choice, *, same_language: bool
) -> Link | None:
    """How two records that chose each other are linked; None where they are not."""
    margin = (there.margin + back.margin) / 2
    found = evidence(one, other)
    if found <= _LITTLE and likeness_in_length(one, other) < LENGTH:
        return None
    if same_language:
        alike = there.likeness >= SAME_TEXT and agreement(one.names, other.names) >= AGREEING
        return Link(margin, firm=True) if alike and margin >= MARGIN[found] else None
    if there.likeness >= LIKENESS[found] and margin >= MARGIN[found]:
        return Link(margin, firm=True)
    if there.likeness >= SUPPORTED_LIKENESS[found] and margin >= SUPPORTED_MARGIN[found]:
        return Link(margin, firm=False)
    return None


def could_share_a_story(
    one: Facts, other: Facts, likeness: Mapping[tuple[str, str], float]
) -> bool:
    """Whether two records that others link are alike enough to be in one story; `likeness` is by
    the languages of the editions compared."""
    if contradict(one, other):
        return False
    same = [value for (first, second), value in likeness.items() if first == second]
    return min(same, default=1.0) >= SAME_LANGUAGE and max(likeness.values()) >= SAME_STORY
