"""What a reader asks: terms, read from what was typed.

Rules:
- there is no query language: operators, brackets and stray quotes are punctuation, and punctuation
  is not searched for;
- what stands in a pair of quotes, of any script, is one term and has to be found as it stands;
- what is written together and has digits (`PM2.5`, `89-ФЗ`, `18485-2014`) is one term, its tokens
  found in a row; everything else is asked word by word;
- stop words count only where there is nothing else.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bri_retrieval import segmentation
from bri_retrieval.analysis import FAMILIES, Family, stem, tokens, words
from bri_retrieval.folding import fold, printable, tidy
from bri_retrieval.stopwords import STOPWORDS

MAX_TERMS = 32
"""More words than this say no more about what is wanted; they would only cost time."""

_MAX_CHARACTERS = 1_000
_QUOTES = (('"', '"'), ("“", "”"), ("„", "“"), ("„", "”"), ("«", "»"), ("「", "」"), ("『", "』"))
_QUOTED = re.compile("|".join(f"{a}([^{a}{b}]+){b}" for a, b in _QUOTES))
_SCRIPTS = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff]+|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
    r"|[^\s\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
)
_JOINED = re.compile(r"[^\s\"#$%&()*+;<=>?@\[\]\\^`{|}~!„“”«»]+")
_HAS_DIGIT = re.compile("[0-9]")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to be found. `text` is folded; `forms` are its tokens in each family's index, in a
    row; a `quoted` term must be found, the others may be missing where too little is found; the
    spelling may be off by so many `typos`."""

    text: str
    forms: Mapping[Family, tuple[str, ...]]
    quoted: bool = False
    typos: int = 0

    @property
    def is_word(self) -> bool:
        """Whether this is a single word, whose spelling may be off."""
        return all(len(form) == 1 for form in self.forms.values())


def read(text: str) -> tuple[Term, ...]:
    """The terms of what a reader typed: at most MAX_TERMS, none twice; empty without any word."""
    text = fold(tidy(printable(text[:_MAX_CHARACTERS])))
    quoted = [next(filter(None, found)) for found in _QUOTED.findall(text)]
    terms = {term.text: term for term in map(_phrase, quoted) if any(term.forms.values())}
    for term in _plain(_QUOTED.sub(" ", text)):
        terms.setdefault(term.text, term)
    telling = [term for term in terms.values() if term.quoted or term.text not in STOPWORDS]
    return tuple(telling or terms.values())[:MAX_TERMS]


def _phrase(text: str) -> Term:
    return Term(text.strip(), {of: tokens(text, of) for of in FAMILIES}, quoted=True)


def _plain(text: str) -> Iterator[Term]:
    for run in _SCRIPTS.findall(text):
        if segmentation.is_han(run):
            yield from map(_word, words(" ".join(segmentation.chinese_words(run))))
        elif segmentation.is_unspaced(run):
            yield from map(_word, words(" ".join(segmentation.unspaced_words(run))))
        else:
            for piece in _JOINED.findall(run):
                yield from _number(piece) if _HAS_DIGIT.search(piece) else map(_word, words(piece))


def _number(run: str) -> Iterator[Term]:
    forms = {of: tokens(run, of) for of in FAMILIES}
    if parts := words(run):
        yield Term(run[run.index(parts[0]) : run.rindex(parts[-1]) + len(parts[-1])], forms)


def _word(word: str) -> Term:
    return Term(word, {of: (stem(word, of),) for of in FAMILIES})
