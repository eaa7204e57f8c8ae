"""Which edition of a found card is shown, and what of it.

Rules:
- of a story's members those are shown that the question's filters would let through by themselves:
  who asks for one centre sees what that centre wrote;
- of those, the reader's language where there is an edition in it, else the edition that has most of
  the question's terms, else the original;
- where several editions are as good, the one with most of the terms, then the newest record's;
- the snippet is of the body or of the summary, whichever has more of the terms; where neither has
  any, it is how the edition begins.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import structlog

from bri_retrieval import panics, snippet
from bri_retrieval.engine import Hit, Query, Version
from bri_retrieval.marking import Marker, Match
from bri_retrieval.question import Term
from bri_retrieval.stories.card import Card, keywords
from bri_retrieval.stories.member import Member, Text, milliseconds

_log = structlog.get_logger()


class _Shown(NamedTuple):
    """An edition of a member."""

    member: Member
    language: str
    text: Text


class Shower:
    """Makes hits of the cards that one question found."""

    def __init__(self, terms: Sequence[Term], query: Query) -> None:
        self._terms = terms
        self._languages = (query.language, query.language.partition("-")[0])
        self._query = query
        self._markers: dict[str, Marker] = {}

    def hits(self, cards: Iterable[tuple[Card, float]]) -> list[Hit]:
        """The cards with their scores, as hits. One that cannot be shown is left out: the others of
        its page are shown."""
        return [hit for card, score in cards if (hit := self._tried(card, score))]

    def _tried(self, card: Card, score: float) -> Hit | None:
        try:
            with panics.as_errors():
                return self.hit(card, score)
        except Exception:  # noqa: BLE001 - it is logged
            _log.exception("card.not_shown", record=card.id)
            return None

    def hit(self, card: Card, score: float) -> Hit:
        """A card, as a hit."""
        member, language, text = self._edition(self._passing(card.members))
        others = [each for each in card.members if each is not member]
        return Hit(
            id=member.id,
            centre=member.centre,
            kind=member.kind,
            language=language,
            title=text.title,
            snippet=self._snippet(text, self._marker(language)),
            date=member.date,
            countries=_union(each.countries for each in (member, *others)),
            topics=_union(each.topics for each in (member, *others)),
            editions=_union(list(each.editions) for each in (member, *others)),
            story=[each.id for each in others],
            versions=[self._version(each) for each in others],
            score=score,
            published=member.published,
            changed=max((member, *others), key=lambda each: milliseconds(each.changed)).changed,
        )

    def _version(self, member: Member) -> Version:
        languages = list(member.editions)
        own = next((each for each in self._languages if each in languages), member.original)
        title = member.editions[own if own in languages else languages[0]].title
        return Version(member.id, member.centre, languages, title, member.date)

    def _marker(self, language: str) -> Marker:
        if language not in self._markers:
            self._markers[language] = Marker(self._terms, language)
        return self._markers[language]

    def _passing(self, members: Sequence[Member]) -> Sequence[Member]:
        """Those that pass most of the filters; all of them, where no member passes by itself what
        the story passes as a whole."""
        if len(members) == 1:
            return members
        passed = [_passed(member, self._query) for member in members]
        return [each for each, count in zip(members, passed, strict=True) if count == max(passed)]

    def _edition(self, members: Sequence[Member]) -> _Shown:
        editions = [_Shown(each, *edition) for each in members for edition in each.editions.items()]
        for language in self._languages:
            own = [shown for shown in editions if shown.language == language]
            if own:
                return self._best(own)
        return self._best(editions)

    def _best(self, editions: Sequence[_Shown]) -> _Shown:
        if len(editions) == 1:
            return editions[0]

        def worth(shown: _Shown) -> tuple[int, int, bool, str, int]:
            marker, member = self._marker(shown.language), shown.member
            found = {match.term for part in shown.text for match in marker.find(part)}
            own = sum(not self._terms[term].alternative for term in found)
            return own, len(found), shown.language == member.original, member.date, member.number

        return max(editions, key=worth)

    def _snippet(self, text: Text, marker: Marker) -> str:
        if not self._terms:
            return snippet.extract(text.summary or text.body, ())
        summary, body = marker.find(text.summary), marker.find(text.body)
        if _variety(summary) > _variety(body):
            return snippet.extract(text.summary, summary)
        return snippet.extract(text.body if body or not text.summary else text.summary, body)


def _variety(matches: Sequence[Match]) -> int:
    return len({match.term for match in matches})


def _union(lists: Iterable[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(value for values in lists for value in values))


def _passed(member: Member, query: Query) -> int:
    """How many of the question's filters let a record through."""
    return sum(_verdicts(member, query))


def _verdicts(member: Member, query: Query) -> Iterator[bool]:
    values = keywords(member)
    for name, some in query.filters.items():
        yield not set(some).isdisjoint(values[name])
    if query.since:
        yield member.date >= query.since
    if query.until:
        yield member.date <= query.until
