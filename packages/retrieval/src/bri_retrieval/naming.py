"""The names of topics and countries, to complete what is typed and to know what was meant by sound.

Rules:
- a name is met by the beginning of any of its words, by its pinyin or by its initials;
- those in the reader's language first, labels before synonyms, shorter before longer;
- each topic and each country once.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from bri_kit import vocabulary
from bri_retrieval import pinyin
from bri_retrieval.analysis import typed, words
from bri_retrieval.engine import Source, Suggestion
from bri_retrieval.folding import fold
from bri_retrieval.segmentation import is_han
from bri_retrieval.typos import allowance, begins_nearly

LANGUAGES = ("zh", "en", "ru")


@dataclass(frozen=True, slots=True)
class _Name:
    """A name of a topic or a country in one language; `sounds` are pinyin and initials."""

    text: str
    spelt: str
    sounds: Sequence[str]
    language: str
    source: Source
    code: str
    is_label: bool


def spelt(text: str) -> str:
    """The words of `text` with a space before each: what begins at a word begins with a space."""
    return "".join(f" {word}" for word in words(typed(text)))


def complete(beginning: str, language: str) -> Iterator[Suggestion]:
    """Names of which a word begins with `beginning`, as `spelt` gives it."""
    yield from _ranked([name for name in _names() if beginning in name.spelt], language)


def complete_nearly(beginning: str, language: str) -> Iterator[Suggestion]:
    """Names that begin nearly so; for words of four letters and more."""
    bare = beginning.strip()
    allowed = max(map(allowance, bare.split()), default=0)
    if not allowed:
        return
    near = [name for name in _names() if begins_nearly(name.spelt.strip(), bare, allowed)]
    yield from _ranked(near, language)


def is_word(word: str) -> bool:
    """Whether some name has `word`, folded, spelt so."""
    return word in _words()


def sounding(letters: str, *, whole: bool) -> Sequence[str]:
    """Chinese names that sound so or, unless they have to be `whole`, begin to sound so; the
    shortest first."""
    heard = _heard()
    if whole:
        return heard.get(letters, ())
    found = {name for sound in heard if sound.startswith(letters) for name in heard[sound]}
    return sorted(found, key=lambda name: (len(name), name))


def _ranked(found: list[_Name], language: str) -> Iterator[Suggestion]:
    found.sort(
        key=lambda name: (
            *(name.source != "topic", name.language != language),
            *(not name.is_label, len(name.text)),
        )
    )
    seen: set[str] = set()
    for name in found:
        if name.code not in seen:
            seen.add(name.code)
            yield Suggestion(name.text, name.source, name.code)


@cache
def _words() -> frozenset[str]:
    return frozenset(word for name in _names() for word in name.spelt.split())


@cache
def _heard() -> Mapping[str, Sequence[str]]:
    heard: dict[str, set[str]] = defaultdict(set)
    for name in _names():
        for sound in name.sounds:
            heard[sound].add(fold(name.text))
    return {sound: sorted(names, key=len) for sound, names in heard.items()}


@cache
def _names() -> Sequence[_Name]:
    return (*_topic_names(), *_country_names())


def _topic_names() -> Iterator[_Name]:
    for topic in vocabulary.topics().values():
        for language in {**topic.labels, **topic.synonyms}:
            for term in topic.terms(language):
                is_label = term == topic.labels.get(language)
                yield _name(term, language, "topic", topic.code, is_label)


def _country_names() -> Iterator[_Name]:
    for language in LANGUAGES:
        for code in vocabulary.countries():
            name = vocabulary.country_name(code, language)
            yield _name(name, language, "country", code, is_label=True)


def _name(text: str, language: str, source: Source, code: str, is_label: bool) -> _Name:
    heard: tuple[str, ...] = ()
    if is_han(text):
        folded = fold(text)
        heard = tuple(filter(None, (*pinyin.sounds(folded), pinyin.initials(folded))))
    return _Name(text, spelt(text), heard, language, source, code, is_label)
