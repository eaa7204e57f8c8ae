"""How alike records are, told by their vectors.

Only the first passage of an edition is compared: it has the title, the summary and the beginning of
the body, and a translation begins as its original does.
"""

from collections.abc import Mapping
from typing import Protocol

from bri_retrieval.meaning.vectors import Row, Vectors
from bri_retrieval.stories.linking import CANDIDATES, Near


class Likeness(Protocol):
    """Tells how alike records are."""

    def editions(self, record_id: str) -> list[str]:
        """The languages in which a record can be compared; none where it has no vectors yet."""

    def near(self, record_id: str, edition: str) -> Mapping[str, Near]:
        """Of each language the records, others than this, most like its edition."""

    def between(self, one: str, other: str) -> Mapping[tuple[str, str], float]:
        """How alike two records are, by the languages of their editions; empty if unknown."""


class VectorLikeness:
    """Told by vectors."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def editions(self, record_id: str) -> list[str]:
        """The languages in which a record can be compared."""
        return [row.edition for row in self._rows(record_id)]

    def near(self, record_id: str, edition: str) -> Mapping[str, Near]:
        """Of each language the records, others than this, most like its edition."""
        row = next((each for each in self._rows(record_id) if each.edition == edition), None)
        if row is None:
            return {}
        found = self._vectors.counterparts(row, CANDIDATES + 1)
        return {
            language: [
                (each.record_id, each.affinity)
                for each in some
                if each.record_id != record_id and each.passage == 0
            ]
            for language, some in found.items()
        }

    def between(self, one: str, other: str) -> Mapping[tuple[str, str], float]:
        """How alike two records are, by the languages of their editions."""
        return {
            (mine.edition, theirs.edition): self._vectors.likeness(mine, theirs)
            for mine in self._rows(one)
            for theirs in self._rows(other)
        }

    def _rows(self, record_id: str) -> list[Row]:
        return [row for row in self._vectors.rows(record_id) if row.passage == 0]
