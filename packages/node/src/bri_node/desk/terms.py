"""Terms that have one official form in each language, looked for in every translation.

Rules:
- what is looked for: the terms of `terms.json` (our own compilation of official names), the
  centre's own names, and the topics' labels where they are more than an everyday word;
- a term that the original holds is to be in the translation, in any of its forms there; for topics
  a synonym of the vocabulary will do;
- words are compared by their stems, so that a form of declension is the same term;
- a longer term hides the shorter ones inside it;
- what is missing is told with the expected form, and never stands in anybody's way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import orjson

from bri_kit import vocabulary
from bri_retrieval import analysis

_LEAST_HAN = 4
_LEAST_WORDS = 2
_HAN = "\u4e00"

Forms = Mapping[str, Sequence[str]]
"""What a term is called, by language; the first form is the one to suggest."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A term of the original that the translation does not have, and what it is expected to be."""

    term: str
    expected: str


@cache
def locked() -> Sequence[Forms]:
    """The terms of the file."""
    found: list[Forms] = orjson.loads(files(__package__).joinpath("terms.json").read_bytes())
    return found


@cache
def _topics() -> Sequence[Forms]:
    return [
        {language: topic.terms(language) for language in topic.labels}
        for topic in vocabulary.topics().values()
    ]


def missing(
    original: str, language: str, translation: str, into: str, names: Mapping[str, str]
) -> list[Missing]:
    """The terms that the plain text `original` holds and its `translation` lacks; `names` are the
    centre's own."""
    if language == into or not translation.strip():
        return []
    text, other = _Text(original, language), _Text(translation, into)
    own: Forms = {tag: [name] for tag, name in names.items()}
    found: list[tuple[str, Forms]] = []
    for forms in (*locked(), own):
        found.extend((term, forms) for term in forms.get(language, ()) if text.holds(term))
    for forms in _topics():
        label = next(iter(forms.get(language, ())), "")
        if _is_term(label) and text.holds(label):
            found.append((label, forms))
    return list(_lacking(found, other, into))


def _lacking(found: Sequence[tuple[str, Forms]], other: "_Text", into: str) -> Iterator[Missing]:
    told: set[str] = set()
    for term, forms in found:
        hidden = any(term != longer and term in longer for longer, _ in found)
        expected = forms.get(into, ())
        if hidden or not expected or expected[0] in told:
            continue
        if not any(other.holds(form) for form in expected):
            told.add(expected[0])
            yield Missing(term, expected[0])


def _is_term(label: str) -> bool:
    if label and label[0] >= _HAN:
        return len(label) >= _LEAST_HAN
    return len(label.split()) >= _LEAST_WORDS


class _Text:
    """A text in which terms are looked for: Han as it stands, others stem by stem."""

    def __init__(self, text: str, language: str) -> None:
        self._language = language
        self._text = self._read(text)

    def holds(self, term: str) -> bool:
        return self._read(term) in self._text

    def _read(self, text: str) -> str:
        if self._language == "zh":
            return "".join(text.split())
        stems = analysis.tokens(text, analysis.family(self._language))
        return f" {' '.join(stems)} "
