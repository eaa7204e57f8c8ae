"""What has to be known of a document to weigh it anew.

Rules:
- tokens are kept in UTF-8, a space before and after every one, so that counting tokens in a row is
  counting bytes;
- of a part that an edition lacks there is nothing, in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from bri_retrieval.meili.documents import PARTS

FIELDS = ("id", "records", "year", "newest_day", "newest_number", *PARTS)
"""Of a document, to make a Weighable of it."""

Edition = Sequence[tuple[bytes, int]]
"""The tokens of each part and how many they are."""


@dataclass(frozen=True, slots=True)
class Weighable:
    """A document with its records, the years of its dates, and its newest day and number."""

    name: str
    records: Sequence[str]
    years: Sequence[int]
    newest: tuple[int, int]
    editions: Sequence[Edition]

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Weighable":
        """What the server has of it."""
        parts = ([_padded(text) for text in found[part]] for part in PARTS)
        return cls(
            found["id"],
            found["records"],
            [int(year) for year in found["year"]],
            (found["newest_day"], found["newest_number"]),
            list(zip_longest(*parts, fillvalue=(b"", 0))),
        )

    @property
    def size(self) -> int:
        """Bytes of all tokens."""
        return sum(len(text) for edition in self.editions for text, _ in edition)


def _padded(text: str) -> tuple[bytes, int]:
    return f" {text} ".encode(), text.count(" ") + 1
