"""Digests of ranges, by which two sides find out where they differ without showing what they hold.

Both sides hold leaves of 32 bytes under numbers from 1 on. Range i of level n covers the FANOUT^n
numbers from i * FANOUT^n + 1; level 0 is single numbers. Rules:
- the digest of a number is its leaf, and NOTHING where it has none;
- up to CHUNK_LEVEL the digest of a range is the SHA-256 of its leaves one after the other, NOTHING
  where there is none; above, it is the SHA-256 of the digests of the ranges of the level below;
- numbers beyond `upto`, which both sides agree on, do not exist; nor do ranges of such numbers.

Equal digests of one range mean equal leaves, so a comparison that begins at the top and descends
only where digests differ moves FANOUT digests a level for each difference, and next to nothing
where there is none (the tree of Merkle, 1979, without its proofs).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

FANOUT = 32
CHUNK_LEVEL = 2
CHUNK = FANOUT**CHUNK_LEVEL
"""How many numbers a chunk covers, whose digests are worth keeping."""
DIGEST_BYTES = 32
NOTHING = bytes(DIGEST_BYTES)
HIGHEST_LEVEL = 12
"""FANOUT to this power is beyond every number of a log."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side holds. `leaves(first, last)` are the leaves of these numbers, both inclusive,
    with NOTHING where there is none; `chunks(first, last)` the digests of these full chunks."""

    leaves: Callable[[int, int], Sequence[bytes]]
    chunks: Callable[[int, int], Sequence[bytes]]


def top_level(upto: int) -> int:
    """The level of the one range that covers everything; 1 at least."""
    level = 1
    while FANOUT**level < upto:
        level += 1
    return level


def span(level: int, index: int) -> tuple[int, int]:
    """The first and the last number of a range."""
    size = FANOUT**level
    return index * size + 1, (index + 1) * size


def fold(leaves: Sequence[bytes]) -> bytes:
    """The digest of a range of these leaves."""
    joined = b"".join(leaves)
    return sha256(joined).digest() if any(joined) else NOTHING


def within(side: Side, level: int, index: int, upto: int) -> list[bytes]:
    """The digests of the ranges within a range, one level below; at most FANOUT."""
    first, last = span(level, index)
    last = min(last, upto)
    if first > last:
        return []
    if level <= CHUNK_LEVEL:
        leaves, size = side.leaves(first, last), FANOUT ** (level - 1)
        parts = [leaves[begin : begin + size] for begin in range(0, len(leaves), size)]
        return [part[0] if level == 1 else fold(part) for part in parts]
    if level == CHUNK_LEVEL + 1:
        return _chunks(side, first, last)
    below = range(index * FANOUT, (last - 1) // FANOUT ** (level - 1) + 1)
    digests = [within(side, level - 1, each, upto) for each in below]
    return [fold(each) for each in digests]


def _chunks(side: Side, first: int, last: int) -> list[bytes]:
    """The digests of the chunks from the number `first`, where one begins, to `last`."""
    begin, full = first // CHUNK, last // CHUNK
    digests = list(side.chunks(begin, full - 1)) if full > begin else []
    if last % CHUNK:
        digests.append(fold(side.leaves(full * CHUNK + 1, last)))
    return digests


def split(digests: bytes) -> list[bytes]:
    """Digests that travelled one after the other.

    Raises:
        ValueError: the bytes are not whole digests.
    """
    if len(digests) % DIGEST_BYTES:
        raise ValueError(f"{len(digests)} bytes are not whole digests")
    return [digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES)]


def differing(level: int, index: int, ours: Sequence[bytes], theirs: Sequence[bytes]) -> list[int]:
    """The ranges, one level below, of which the digests differ.

    Raises:
        ValueError: the other side answered with more or fewer than there are.
    """
    if len(ours) != len(theirs):
        raise ValueError(f"{len(theirs)} digests instead of {len(ours)} at level {level}")
    pairs = zip(ours, theirs, strict=True)
    return [index * FANOUT + at for at, (mine, other) in enumerate(pairs) if mine != other]


def width(level: int, index: int, upto: int) -> int:
    """How many ranges lie within a range, one level below."""
    first, last = span(level, index)
    size: int = FANOUT ** (level - 1)
    return max(0, (min(last, upto) - first) // size + 1)


def portions(digests: Sequence[bytes], widths: Sequence[int]) -> Iterator[Sequence[bytes]]:
    """The digests of several ranges, range by range."""
    at = 0
    for each in widths:
        yield digests[at : at + each]
        at += each


def record_leaf(record_id: str, revision: int, state: str) -> bytes:
    """What a record counts for in a comparison of records. The revision of a retracted one does
    not count: it may be edited, unpublished, at its centre."""
    counted = revision if state == "published" else 0
    return sha256(f"{record_id} {counted} {state}".encode()).digest()


def record_leaves(rows: Iterable[tuple[int, str, int, str]], first: int, last: int) -> list[bytes]:
    """The leaves `first` to `last` of records given as (number of the current entry, id, revision,
    state), ordered by their ids. Two at one number, which is damage, count together."""
    found: dict[int, list[bytes]] = {}
    for number, record_id, revision, state in rows:
        found.setdefault(number, []).append(record_leaf(record_id, revision, state))
    return [_one_leaf(found.get(number, ())) for number in range(first, last + 1)]


def _one_leaf(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    return fold(leaves)


def whole(hash_: bytes) -> bytes:
    """A leaf from a hash as it was kept; a damaged one may have lost its length."""
    return hash_ if len(hash_) == DIGEST_BYTES else sha256(hash_).digest()
