"""How the words of titles sound."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import islice

from bri_retrieval.meili.documents import SOUNDS
from bri_retrieval.meili.tokens import unmoved


class Sounds:
    """How the words of titles sound, and how many cards have each."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._sorted = sorted(counts)

    def begun(self, letters: str) -> Iterator[tuple[str, str, int]]:
        """The sounds that begin with `letters`, the words that sound so, and their counts."""
        mark = f"{SOUNDS}{letters}"
        for kept in islice(self._sorted, bisect_left(self._sorted, mark), None):
            if not kept.startswith(mark):
                return
            sound = "".join(char for char in kept if char < SOUNDS)
            yield sound, unmoved(kept[len(sound) + 1 :]), self._counts[kept]
