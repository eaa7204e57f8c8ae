"""How far apart two spellings are, and how far apart they may be."""

import re

LONGEST = 24
"""Letters of the longest word whose spelling may be off."""

_SPELT = re.compile(r"[a-z\u0430-\u052f]+")


def allowance(word: str) -> int:
    """How many typos `word`, folded, may have: 1 from 5 letters, 2 from 9; none in what has digits,
    is written in a script in which a letter is a word, or is longer than words are."""
    if len(word) > LONGEST or not _SPELT.fullmatch(word):
        return 0
    return 2 if len(word) >= 9 else int(len(word) >= 5)


def distance(one: str, other: str, limit: int) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours between two words (optimal
    string alignment); some number above `limit` where there are more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    last: list[int] = []
    before, row = last, list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def begins_nearly(word: str, beginning: str, limit: int) -> bool:
    """Whether some beginning of `word` is within `limit` edits of `beginning`; the first letter has
    to be right."""
    if word[:1] != beginning[:1]:
        return False
    lengths = range(len(beginning) - limit, len(beginning) + limit + 1)
    return any(distance(word[:length], beginning, limit) <= limit for length in lengths)
