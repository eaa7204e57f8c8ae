"""What else a thing is called, in the same language and in others."""

from bri_retrieval.thesaurus.concepts import Concept, Name, Thesaurus, Widening
from bri_retrieval.thesaurus.loading import begin_loading, default_thesaurus, load
from bri_retrieval.thesaurus.topics import topic_concepts

__all__ = [
    "Concept",
    "Name",
    "Thesaurus",
    "Widening",
    "begin_loading",
    "default_thesaurus",
    "load",
    "topic_concepts",
]
