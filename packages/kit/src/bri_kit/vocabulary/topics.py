"""Environmental topics: a concept scheme after SKOS, a preferred label and synonyms a language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import orjson


@dataclass(frozen=True, slots=True)
class Topic:
    """A concept. `broader` is the code of the wider concept, or None at the top."""

    code: str
    broader: str | None
    labels: Mapping[str, str]
    synonyms: Mapping[str, Sequence[str]]

    def terms(self, language: str) -> list[str]:
        """The label and all synonyms in `language`."""
        label = self.labels.get(language)
        return ([label] if label else []) + list(self.synonyms.get(language, ()))


@cache
def topics() -> Mapping[str, Topic]:
    """All topics by code, wider ones before narrower ones."""
    data = orjson.loads(files(__package__).joinpath("topics.json").read_bytes())
    return {row["code"]: Topic(**row) for row in data}


def topic(code: str) -> Topic | None:
    """The topic with this code, or None."""
    return topics().get(code)
