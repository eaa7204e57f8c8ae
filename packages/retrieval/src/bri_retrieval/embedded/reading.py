"""What a question asks of the index: as it was typed or, where words of it occur nowhere, as it may
have been meant (`correcting`).

Rules:
- a corrected question is what is asked, and is told, so that the reader sees it;
- where a word was misspelt, all that is spelt nearly so is found too: it may have been meant
  otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tantivy import Searcher

from bri_retrieval import question
from bri_retrieval.correcting import Correction, may_be_corrected, respell_words
from bri_retrieval.embedded.matching import Asked, ask
from bri_retrieval.embedded.vocabulary import IndexVocabulary
from bri_retrieval.question import Term
from bri_retrieval.thesaurus import Thesaurus


@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked; `meant` is the question as corrected, empty where it is as it was typed."""

    asked: Sequence[Asked]
    meant: str = ""


def read(searcher: Searcher, text: str, thesaurus: Thesaurus) -> Reading:
    """What `text`, as it was typed, asks."""
    terms = question.read(text)
    asked = ask(searcher, terms, thesaurus)
    unknown = [term for term, each in zip(terms, asked, strict=True) if _is_unknown(term, each)]
    if not unknown or any(term.quoted for term in terms):
        return Reading(asked)
    correction = Correction(IndexVocabulary(searcher), thesaurus)
    words = [term.text for term in unknown]
    if meant := correction.in_its_script(text, words):
        return Reading(ask(searcher, question.read(meant), thesaurus), meant)
    right = correction.spelt_right(words)
    meant = respell_words(text, right)
    if meant is None:
        return Reading(asked)
    corrected = [term.respelt(right.get(term.text, term.text)) for term in terms]
    typed = {place: term for place, term in enumerate(terms) if term.text in right}
    return Reading(ask(searcher, corrected, thesaurus, typed), meant)


def _is_unknown(term: Term, asked: Asked) -> bool:
    return may_be_corrected(term) and not asked.widened and not asked.rarity
