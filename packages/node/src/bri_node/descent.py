"""Where our log or records differ from the hub's: a descent into the ranges whose digests differ.

The answer is exact where few numbers differ. Where many do, the descent goes into MAX_DIFFERING
ranges of a level: what is found is repaired first, and the next comparison finds the rest.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bri.log.v1 import log_pb2

from bri_kit import digests
from bri_node.hub import Hub, HubAway

MAX_DIFFERING = 256
_RANGES_AT_ONCE = 16

Within = Callable[[int, int, int], list[bytes]]
"""Our digests within a range: (level, index, upto)."""


@dataclass(frozen=True, slots=True)
class Found:
    """Numbers that differ, ascending; `whole` is False where there may be more."""

    numbers: list[int]
    whole: bool


async def find_differing(hub: Hub, tree: log_pb2.Tree, within: Within, upto: int) -> Found:
    """The numbers up to `upto` at which the two sides differ.

    Raises:
        HubAway: the hub does not answer, or not what was asked.
    """
    level, ranges, whole = digests.top_level(upto), [0] if upto else [], True
    while ranges and level:
        found: list[int] = []
        for begin in range(0, len(ranges), _RANGES_AT_ONCE):
            some = ranges[begin : begin + _RANGES_AT_ONCE]
            found += await _differing(hub, tree, within, level, some, upto)
        whole = whole and len(found) <= MAX_DIFFERING
        level, ranges = level - 1, found[:MAX_DIFFERING]
    return Found([index + 1 for index in ranges], whole)


async def _differing(
    hub: Hub,
    tree: log_pb2.Tree,
    within: Within,
    level: int,
    ranges: list[int],
    upto: int,
) -> list[int]:
    theirs = await hub.digests(tree, level, ranges, upto)
    widths = [digests.width(level, index, upto) for index in ranges]
    if len(theirs) != sum(widths):
        raise HubAway("The hub's log of ours has become shorter.")
    found: list[int] = []
    for index, portion in zip(ranges, digests.portions(theirs, widths), strict=True):
        ours = await asyncio.to_thread(within, level, index, upto)
        found += digests.differing(level, index, ours, portion)
    return found
