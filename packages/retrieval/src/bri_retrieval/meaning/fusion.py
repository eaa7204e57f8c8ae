"""How words and meaning become one order. The constants hold for every engine.

Rules:
- add, don't rank: a record's score is its affinity plus WORDS times its share of the best score
  that the question's words could have. Where no word matches, as across languages, that adds
  nothing; within a language it decides;
- a record is found for its meaning if its affinity is at least SURE, and NEAR_BEST of the best: how
  good the best is differs from question to question. Where that are fewer than ENOUGH, the next
  best follow, down to LEAST;
- what a reader quotes, and numbers of documents, are found exactly or not at all: meaning brings in
  nothing without them. Only a whole sentence is still understood where no record has them as they
  stand: it may well quote a name in its own language.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bri_retrieval.question import Term

if TYPE_CHECKING:
    from bri_retrieval.meaning.meaning import Meaning
    from bri_retrieval.meaning.vectors import Near

WORDS = 0.6
"""What all words matched to saturation are worth, in affinity. 0.4 to 1.0 do nearly as well."""

RECENT_AFFINITY = 0.01
"""What the current year adds to a score: less than what tells one good answer from the next."""

SURE = 0.10
"""Affinity above that of 19 in 20 unrelated passages."""

NEAR_BEST = 0.5
LEAST = 0.05
ENOUGH = 10

SENTENCE = 3
"""Words beside what is quoted that make a question a sentence."""

CANDIDATES = 100
"""Records compared by affinity for one question; what has less gets none."""

FILTERED_CANDIDATES = 400
"""The same, where filters will take most of them away."""

ROWS_PER_RECORD = 2
"""Rows asked for, for each record wanted: some records have several among the nearest."""

ROWS_PER_RELATION = 10
"""The same, where records are compared with one: many rows are of the same card."""

_LONG_NUMBER = re.compile(r"[0-9]{5}")
_QUANTITY = re.compile(r"[0-9.,]+(?:\W|-(?=[а-я]))?[^\W\d_]{1,3}")
"""A number with a unit, or an ordinal: 10km, 565°c, 20th, 7-й."""

_WORDS = re.compile(r"[^\W\d_\u3400-\u9fff]{4}|(?:[^\W\d_\u3400-\u9fff][\W\d_]*){5}")
"""More letters than codes have: 24-yard, кислород-18, 3rd-and-9."""

_NUMBERED = re.compile(r"№|\b[Nn]o\.\s*\d")
"""How it is said that a number is a document's: № 89, No. 31."""

_LAW = re.compile(r"[0-9]+-(?:фз|фкз|зру|зрк|fz)")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Kin:
    """Records by their best affinity, the best first, and how many of them count as found."""

    affinities: dict[str, float]
    editions: dict[str, str]
    """The language of the edition that each owes its affinity to."""
    found: int

    @property
    def names(self) -> list[str]:
        """The records that are found for their meaning."""
        return list(self.affinities)[: self.found]


def kin(near: "Iterable[Near]", most: int = CANDIDATES) -> Kin:
    """The records that passages, the best first, belong to."""
    affinities: dict[str, float] = {}
    editions: dict[str, str] = {}
    for each in near:
        if each.record_id not in affinities:
            affinities[each.record_id] = each.affinity
            editions[each.record_id] = each.edition
            if len(affinities) == most:
                break
    sure = max(SURE, NEAR_BEST * max(affinities.values(), default=0.0))
    found = sum(value >= sure for value in affinities.values())
    enough = min(ENOUGH, sum(value >= LEAST for value in affinities.values()))
    return Kin(affinities, editions, max(found, enough))


def kin_of(record_id: str, limit: int, meaning: "Meaning | None") -> Kin | None:
    """The records with the passages nearest to any passage of one record, enough of them for
    `limit` cards; None where nothing compares them, or the record is not embedded yet."""
    if meaning is None or not meaning.ready:
        return None
    vectors, most = meaning.vectors, ROWS_PER_RELATION * limit
    near = [each for row in vectors.rows(record_id) for each in vectors.akin(row.vector, most)]
    near.sort(key=lambda each: -each.affinity)
    found = kin(near, most)
    return found if found.affinities else None


def is_exact(term: Term, text: str) -> bool:
    """Whether `term` of the question `text` has to be found, come what may: it is quoted, or the
    number of a document."""
    numbered = term.has_digits and _NUMBERED.search(text) is not None
    return term.quoted or numbered or is_document_number(term.text)


def is_document_number(text: str) -> bool:
    """Whether a folded term names a document or a substance (`18485-2014`, `89-фз`, `pm2.5`), and
    is no quantity, date or ordinal."""
    if not _DIGIT.search(text):
        return False
    if _LAW.fullmatch(text) or _LONG_NUMBER.search(text):
        return True
    if _QUANTITY.fullmatch(text) or _WORDS.search(text):
        return False
    return _LETTER.search(text) is not None
