"""Thesauri in SKOS: GEMET, AGROVOC, the UNBIS Thesaurus, or an operator's own.

Rules:
- Turtle, RDF/XML and N-Triples are read, by the file's name; nothing is fetched from anywhere;
- only labels are kept while a file is read (skos:prefLabel, altLabel, hiddenLabel), and of them
  those in the languages asked for: a file's other statements take no memory. Turtle alone is held
  as text while it is read;
- a file is read whole or refused, naming what is wrong with it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from bri_retrieval.folding import printable
from bri_retrieval.thesaurus.concepts import Concept, Name

MAX_BYTES = 512 * 1024 * 1024
MAX_NAMES = 400_000
"""Of one file: about 100 MB in memory."""

FORMATS = {".ttl": "turtle", ".rdf": "xml", ".xml": "xml", ".owl": "xml", ".nt": "nt"}
_LABELS = ("prefLabel", "altLabel", "hiddenLabel")
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_LONGEST_NAME = 200


class UnusableThesaurus(Exception):
    """The file cannot be taken; the message says why."""


def read(path: Path, languages: Collection[str]) -> list[Concept]:
    """The concepts in the file at `path`, named in `languages` (BCP 47 primary subtags).

    Raises:
        UnusableThesaurus: it cannot be read, is no SKOS, or is too large.
    """
    labels = _Labels(frozenset(languages))
    try:
        _check_size(path)
        _parse(path, labels)
    except UnusableThesaurus:
        raise
    except Exception as failure:
        # Each parser has exceptions of its own, and a few are bare ones.
        reason = " ".join(str(failure).split())[:200]
        raise UnusableThesaurus(f"it is not {FORMATS[path.suffix.lower()]}: {reason}") from failure
    concepts = list(labels.concepts())
    if not concepts:
        raise UnusableThesaurus(f"it has no skos:prefLabel in {', '.join(sorted(languages))}")
    return concepts


def _check_size(path: Path) -> None:
    if path.stat().st_size > MAX_BYTES:
        raise UnusableThesaurus(f"it is larger than {MAX_BYTES // 1024 // 1024} MiB")


class _Labels:
    """Takes statements and keeps labels."""

    def __init__(self, languages: Collection[str]) -> None:
        self._languages = languages
        self._of: dict[str, list[tuple[int, Name]]] = defaultdict(list)
        self._count = 0

    def take(self, subject: Any, predicate: Any, value: Any) -> None:
        """Keep a statement that labels a concept."""
        kind = str(predicate).removeprefix(_SKOS)
        language = (getattr(value, "language", None) or "").partition("-")[0].lower()
        if kind not in _LABELS or language not in self._languages:
            return
        text = printable(str(value))
        if not 0 < len(text) <= _LONGEST_NAME:
            return
        self._count += 1
        if self._count > MAX_NAMES:
            raise UnusableThesaurus(f"it has more than {MAX_NAMES} names")
        self._of[str(subject)].append((_LABELS.index(kind), Name(text, language)))

    def concepts(self) -> Iterator[Concept]:
        """The concepts labelled, labels before synonyms."""
        for names in self._of.values():
            names.sort(key=lambda each: each[0])
            yield tuple(dict.fromkeys(name for _, name in names))


def _parse(path: Path, labels: _Labels) -> None:
    # A quarter of a second and 13 MB, only where an operator has added a file.
    from rdflib import Graph
    from rdflib.store import Store

    class Keeper(Store):
        """A store that hands its statements on."""

        def add(self, triple: Any, context: Any, quoted: bool = False) -> None:
            labels.take(*triple)

    with path.open("rb") as file:
        graph = Graph(store=Keeper(), bind_namespaces="none")
        graph.parse(file=file, format=FORMATS[path.suffix.lower()], publicID="urn:thesaurus")
