"""A question whose words occur nowhere, as it may have been meant: the same for every engine.

Rules:
- words that occur nowhere are first read as another script (pinyin, romanised Russian, the other
  keyboard), then as misspelt; words that occur are never doubted;
- numbers, short words, what is quoted and what the thesaurus names are taken at their word;
- the words that are meant are the index's own or, where it has none, the thesaurus's.
"""

import re
from collections.abc import Collection, Mapping

from bri_retrieval import question, respelling
from bri_retrieval.folding import fold, printable, tidy
from bri_retrieval.question import Term
from bri_retrieval.respelling import Vocabulary
from bri_retrieval.segmentation import is_han, is_unspaced
from bri_retrieval.thesaurus import Thesaurus
from bri_retrieval.typos import allowance

MOST_CORRECTED = 4
"""Who misspells more words than this has typed none at all."""

_WORD = re.compile(r"[^\W\d_]+")


def may_be_corrected(term: Term) -> bool:
    """Whether `term` is a word in a script in which spelling can be wrong."""
    if not term.is_word or term.has_digits or term.quoted:
        return False
    return not is_han(term.text) and not is_unspaced(term.text)


class Correction:
    """Corrects questions by the words of one index and one thesaurus."""

    def __init__(self, vocabulary: Vocabulary, thesaurus: Thesaurus) -> None:
        self._vocabulary = vocabulary
        self._thesaurus = thesaurus

    def correct(self, text: str, unknown: Collection[str]) -> str | None:
        """`text` with its `unknown` words (folded) as they may have been meant; None where nobody
        knows."""
        return self.in_its_script(text, unknown) or respell_words(text, self.spelt_right(unknown))

    def in_its_script(self, text: str, unknown: Collection[str]) -> str | None:
        """`text` with its unknown words in the script that they were meant in."""
        shown = _shown(text)
        folded, words = fold(shown), frozenset(unknown)
        # Of a question in pinyin a syllable or two may happen to be words.
        mostly = 2 * len(words) > len(folded.split())
        if mostly and (meant := respelling.respell(folded, self._vocabulary)):
            return meant
        changed = shown
        for start, end in list(respelling.runs(folded, words))[MOST_CORRECTED - 1 :: -1]:
            if meant := respelling.respell(folded[start:end], self._vocabulary):
                changed = changed[:start] + meant + changed[end:]
        return changed if changed != shown else None

    def spelt_right(self, unknown: Collection[str]) -> dict[str, str]:
        """The words that some of `unknown` are misspellings of."""
        if len(unknown) > MOST_CORRECTED:
            return {}
        nearest = {word: self._nearest(word) for word in unknown}
        return {word: right for word, right in nearest.items() if right}

    def _nearest(self, word: str) -> str | None:
        if not (allowed := allowance(word)):
            return None
        near = self._vocabulary.near(word, allowed) or self._thesaurus.near(word, allowed)
        return near[0] if near else None


def respell_words(text: str, right: Mapping[str, str]) -> str | None:
    """`text` with the words that `right` names spelt so; None where it names none of them."""
    if not right:
        return None
    return _WORD.sub(lambda found: right.get(fold(found[0]), found[0]), _shown(text))


def _shown(text: str) -> str:
    # Folding leaves this form's length alone, so that places in both are the same.
    return tidy(printable(text[: question.MAX_CHARACTERS]))
