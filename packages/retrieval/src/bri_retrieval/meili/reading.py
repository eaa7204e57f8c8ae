"""What a question asks of the index: as it was typed or, where words of it occur nowhere, as it may
have been meant. The rules are those of every engine (embedded.reading)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bri_retrieval import question
from bri_retrieval.correcting import Correction, may_be_corrected, respell_words
from bri_retrieval.meili.asking import Asked, ask
from bri_retrieval.meili.source import Source
from bri_retrieval.meili.vocabulary import MeiliVocabulary
from bri_retrieval.thesaurus import Thesaurus

_REMEMBERED = 200
"""Characters of the longest question whose reading is remembered."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked; `meant` is the question as corrected, empty where it is as it was typed."""

    asked: Sequence[Asked]
    meant: str = ""


def read(source: Source, text: str, thesaurus: Thesaurus) -> Reading:
    """What `text`, as it was typed, asks."""
    if len(text) > _REMEMBERED:
        return _read(source, text, thesaurus)
    return source.memory.answers.once(("reading", text), lambda: _read(source, text, thesaurus))


def _read(source: Source, text: str, thesaurus: Thesaurus) -> Reading:
    terms = question.read(text)
    asked = ask(terms, thesaurus, source)
    unknown = [
        each.shown[0].text
        for each in asked
        if (each.is_guessed or not each.names) and may_be_corrected(each.shown[0])
    ]
    if not unknown or any(term.quoted for term in terms):
        return Reading(asked)
    vocabulary = MeiliVocabulary(
        source, text if 2 * len(unknown) > len(terms) else " ".join(unknown)
    )
    correction = Correction(vocabulary, thesaurus)
    if meant := correction.in_its_script(text, unknown):
        return Reading(ask(question.read(meant), thesaurus, source), meant)
    right = correction.spelt_right(unknown)
    meant = respell_words(text, right)
    if meant is None:
        return Reading(asked)
    corrected = [term.respelt(right.get(term.text, term.text)) for term in terms]
    # Where a word was misspelt, all that is spelt nearly so is found too.
    nearly = {
        right[word]: [corrected[0].respelt(each) for each in vocabulary.near(word)]
        for word in right
    }
    return Reading(ask(corrected, thesaurus, source, nearly), meant)
