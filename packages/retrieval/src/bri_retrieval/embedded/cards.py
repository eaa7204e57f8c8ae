"""Which edition of a found record is shown, and what of it.

Rules:
- the reader's language where there is an edition in it, else the edition that has most of the
  question's terms, else the original;
- the snippet is of the body or of the summary, whichever has more of the terms; where neither has
  any, it is how the edition begins.
"""

from collections.abc import Mapping, Sequence

from bri_retrieval import snippet
from bri_retrieval.embedded.documents import Card, Text
from bri_retrieval.engine import Hit
from bri_retrieval.marking import Marker, Match
from bri_retrieval.question import Term


class Shower:
    """Makes cards for the records that one question found."""

    def __init__(self, terms: Sequence[Term], language: str) -> None:
        self._terms = terms
        self._language = language
        self._markers: dict[str, Marker] = {}

    def hit(self, card: Card, score: float) -> Hit:
        """The card of a record, as a hit."""
        language = self._edition(card)
        text = card.editions[language]
        return Hit(
            id=card.id,
            centre=card.centre,
            kind=card.kind,
            language=language,
            title=text.title,
            snippet=self._snippet(text, self._marker(language)),
            date=card.date,
            countries=card.countries,
            topics=card.topics,
            editions=list(card.editions),
            score=score,
        )

    def _marker(self, language: str) -> Marker:
        if language not in self._markers:
            self._markers[language] = Marker(self._terms, language)
        return self._markers[language]

    def _edition(self, card: Card) -> str:
        wanted = self._language.partition("-")[0]
        for language in (self._language, wanted):
            if language in card.editions:
                return language
        if len(card.editions) == 1:
            return next(iter(card.editions))
        return self._best(card.editions, card.original)

    def _best(self, editions: Mapping[str, Text], original: str) -> str:
        def worth(language: str) -> tuple[int, bool]:
            marker = self._marker(language)
            found = {match.term for part in editions[language] for match in marker.find(part)}
            return len(found), language == original

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
