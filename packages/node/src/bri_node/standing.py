"""What the hub's word about our log means. Pure: it is handed both sides.

The hub says up to which number it holds our log, and the hash of that entry. Rules:
- it agrees where we hold the same entry, or it holds none;
- it has more where the number is beyond our log: our database was restored from an older backup;
- it has other where our entry of that number is another: ours were written after such a restore,
  without the hub's word;
- it has lost where it agrees, and had answered more before we asked: it was restored itself. Only
  an answer to a question proves that; a hint may have been overtaken by a later one.
"""

from enum import StrEnum


class Standing(StrEnum):
    """How the hub's log of us stands to ours."""

    AGREES = "agrees"
    HAS_MORE = "has-more"
    HAS_OTHER = "has-other"
    HAS_LOST = "has-lost"


def judge(head: int, hash_: bytes, ours: bytes | None, settled: int) -> Standing:
    """What it means that the hub's head is `head` with `hash_`, empty where it does not tell that.
    `ours` is the hash of our entry with that number, None where there is none; `settled` is up to
    where the hub had answered before it was asked, 0 where it was not asked."""
    if head == 0:
        return Standing.HAS_LOST if settled else Standing.AGREES
    if ours is None:
        return Standing.HAS_MORE
    if hash_ and hash_ != ours:
        return Standing.HAS_OTHER
    return Standing.HAS_LOST if head < settled else Standing.AGREES
