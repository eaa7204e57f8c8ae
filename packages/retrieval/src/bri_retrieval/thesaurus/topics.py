"""The controlled vocabulary's topics as concepts."""

from collections.abc import Iterator

from bri_kit import vocabulary
from bri_retrieval.thesaurus.concepts import Concept, Name


def topic_concepts() -> Iterator[Concept]:
    """A concept a topic, named by its labels and synonyms in all languages."""
    for topic in vocabulary.topics().values():
        yield tuple(
            Name(text, language)
            for language in {**topic.labels, **topic.synonyms}
            for text in topic.terms(language)
        )
