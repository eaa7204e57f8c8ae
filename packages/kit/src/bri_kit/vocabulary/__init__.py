"""The controlled vocabularies: topics, countries and languages, with labels in all languages."""

from bri_kit.vocabulary.country_lookup import country_code
from bri_kit.vocabulary.names import (
    countries,
    country_codes,
    country_name,
    is_language,
    language_name,
)
from bri_kit.vocabulary.topics import Topic, topic, topics

__all__ = [
    "Topic",
    "countries",
    "country_code",
    "country_codes",
    "country_name",
    "is_language",
    "language_name",
    "topic",
    "topics",
]
