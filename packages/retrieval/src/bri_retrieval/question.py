"""What a reader asks: terms, read from what was typed.

Rules:
- there is no query language: operators, brackets and stray quotes are punctuation, and punctuation
  is not searched for;
- what stands in a pair of quotes, of any script, is one term and has to be found as it stands;
- what is written together and has digits (`PM2.5`, `89-ФЗ`, `18485-2014`) is one term, its tokens
  found in a row, and so is the number of a Chinese document (`2018年第31号`); everything else is
  asked word by word;
- stop words count only where there is nothing else.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bri_retrieval import segmentation
from bri_retrieval.analysis import FAMILIES, Family, plain, stem, tokens, words
from bri_retrieval.folding import fold, printable, tidy
from bri_retrieval.stopwords import STOPWORDS

MAX_TERMS = 32
"""More words than this say no more about what is wanted; they would only cost time."""

MAX_CHARACTERS = 1_000
"""What comes after these is not read."""

_QUOTES = (('"', '"'), ("“", "”"), ("„", "“"), ("„", "”"), ("«", "»"), ("「", "」"), ("『", "』"))
_QUOTED = re.compile("|".join(f"{a}([^{a}{b}]+){b}" for a, b in _QUOTES))
_SCRIPTS = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff]+|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
    r"|[^\s\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
)
_JOINED = re.compile(r"[^\s\"#$%&()*+;<=>?@\[\]\\^`{|}~!„“”«»]+")
_MOST_PARTS = 16
"""No number of a document has more parts; what has is asked part by part."""

_HAS_DIGIT = re.compile("[0-9]")
_CHINESE_NUMBER = re.compile(
    r"(?:[0-9]{4} ?年|[〔\[(（【][0-9]{4}[〕\])）】]) ?(?:第 ?)?[0-9]{1,6} ?号|第 ?[0-9]{1,6} ?号"
)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to be found. `text` is folded; `forms` are its tokens in each family's index, in a
    row; a `quoted` term must be found, the others may be missing where too little is found; an
    `alternative` is another name of what was asked."""

    text: str
    forms: Mapping[Family, tuple[str, ...]]
    quoted: bool = False
    alternative: bool = False

    @property
    def is_word(self) -> bool:
        """Whether this is a single word, whose spelling may be off."""
        return all(len(form) == 1 for form in self.forms.values())

    @property
    def has_digits(self) -> bool:
        """Whether this is a number, of a document or any other: taken as it stands."""
        return _HAS_DIGIT.search(self.text) is not None

    def respelt(self, text: str) -> "Term":
        """The same term, spelt `text` (folded)."""
        return replace(self, text=text, forms={of: tokens(text, of) for of in FAMILIES})


def read(text: str) -> tuple[Term, ...]:
    """The terms of what a reader typed: at most MAX_TERMS, none twice; empty without any word."""
    text = plain(fold(tidy(printable(text[:MAX_CHARACTERS]))))
    quoted = [next(filter(None, found)) for found in _QUOTED.findall(text)]
    terms = {term.text: term for term in map(_phrase, quoted) if any(term.forms.values())}
    for term in _plain(_QUOTED.sub(" ", text)):
        terms.setdefault(term.text, term)
    telling = [term for term in terms.values() if term.quoted or term.text not in STOPWORDS]
    return tuple(telling or terms.values())[:MAX_TERMS]


def _phrase(text: str) -> Term:
    return Term(text.strip(), {of: tokens(text, of) for of in FAMILIES}, quoted=True)


def _plain(text: str) -> Iterator[Term]:
    for number in _CHINESE_NUMBER.findall(text)[:MAX_TERMS]:
        yield Term(number, {of: tokens(number, of) for of in FAMILIES})
    for run in _SCRIPTS.findall(_CHINESE_NUMBER.sub(" ", text)):
        if segmentation.is_han(run):
            yield from map(_word, words(" ".join(segmentation.chinese_words(run))))
        elif segmentation.is_unspaced(run):
            yield from map(_word, words(" ".join(segmentation.unspaced_words(run))))
        else:
            for piece in _JOINED.findall(run):
                yield from _number(piece) if _HAS_DIGIT.search(piece) else map(_word, words(piece))


def _number(run: str) -> Iterator[Term]:
    parts = words(run)
    if len(re.findall(r"[0-9]+|[^\W\d_]+", run)) > _MOST_PARTS:
        yield from map(_word, parts)
        return
    forms = {of: tokens(run, of) for of in FAMILIES}
    if parts:
        yield Term(run[run.index(parts[0]) : run.rindex(parts[-1]) + len(parts[-1])], forms)


def _word(word: str) -> Term:
    return Term(word, {of: (stem(word, of),) for of in FAMILIES})
