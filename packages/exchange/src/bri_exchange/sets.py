"""Sets by which parts of everything are harvested: a centre's, a kind's, a country's.

A set is written as the protocol's setSpec, `kind:news`; what stands before the colon is the set of
all that has such a value.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bri_exchange.source import Document
from bri_kit import vocabulary
from bri_kit.content import KINDS

CENTRE, KIND, COUNTRY = "centre", "kind", "country"
_CODE = re.compile("[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Set:
    """A set and what it is called in English."""

    spec: str
    name: str


def specs_of(centre: str, kind: str, countries: Iterable[str]) -> list[str]:
    """The sets that a record belongs to, each once; what is no code of a country makes none."""
    codes = dict.fromkeys(each for each in countries if _CODE.fullmatch(each))
    return [f"{CENTRE}:{centre}", f"{KIND}:{kind}", *(f"{COUNTRY}:{each}" for each in codes)]


def split(spec: str) -> tuple[str, str]:
    """The name of a set and its value, empty where it is the set of all values."""
    name, _, value = spec.partition(":")
    return name, value


def named(centres: Sequence[Document], countries: Iterable[str]) -> Iterator[Set]:
    """All sets that there are, each after the one that it is part of."""
    yield Set(CENTRE, "By the centre that published it")
    for centre in centres:
        names = centre["names"]
        name = names.get("en") or next(iter(names.values()), centre["code"])
        yield Set(f"{CENTRE}:{centre['code']}", name)
    yield Set(KIND, "By kind")
    yield from (Set(f"{KIND}:{kind}", kind.capitalize()) for kind in KINDS)
    yield Set(COUNTRY, "By the country that it is about")
    for code in countries:
        yield Set(f"{COUNTRY}:{code}", vocabulary.country_name(code, "en"))
