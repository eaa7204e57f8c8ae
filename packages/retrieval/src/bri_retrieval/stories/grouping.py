"""From links and decisions to stories.

Rules:
- what editors joined is together and what they parted is apart, whatever was found; where decisions
  cannot all hold, those that part do;
- then firm links count, those of the widest margin first: two groups become one if each record of
  one could share a story with each of the other, so that one wrong link cannot bring two stories
  together. Records that an editor joined are past that question;
- at last two groups become one that two links connect, though neither be firm;
- a story has MOST_MEMBERS records at most;
- the result depends on what is given and not on its order.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import product

from bri_retrieval.stories.linking import Link
from bri_retrieval.stories.member import MOST_MEMBERS

_ROUNDED = 1_000_000
"""Margins are added up as whole numbers, so that their order does not matter."""

Pair = tuple[str, str]
"""Two records, in the order of their identifiers."""


def pair(one: str, other: str) -> Pair:
    """Two records as a pair."""
    return (one, other) if one < other else (other, one)


def group(
    records: Collection[str],
    links: Mapping[Pair, Link],
    joined: Collection[Pair],
    parted: Collection[Pair],
    could_share: Callable[[str, str], bool],
) -> list[frozenset[str]]:
    """The stories that these records make; who is in none is one by itself."""
    stories = {record: {record} for record in records}
    decided = {record for each in joined for record in each}

    def found(one: str, other: str) -> bool:
        return one in decided or other in decided or could_share(one, other)

    for each in sorted(joined):
        _merge(stories, each, parted, lambda one, other: True)
    for each in sorted(links, key=lambda each: (-links[each].margin, each)):
        if links[each].firm:
            _merge(stories, each, parted, found)
    while any(_merge(stories, each, parted, found) for each in _supported(stories, links)):
        pass
    return _distinct(stories.values())


def _supported(stories: Mapping[str, set[str]], links: Mapping[Pair, Link]) -> list[Pair]:
    """Groups that two links or more connect, each by its first records, the best connected
    first."""
    connections: Counter[Pair] = Counter()
    margins: Counter[Pair] = Counter()
    for (one, other), each in links.items():
        between = pair(min(stories[one]), min(stories[other]))
        connections[between] += between[0] != between[1]
        margins[between] += round(each.margin * _ROUNDED)
    supported = [between for between, count in connections.items() if count > 1]
    return sorted(supported, key=lambda between: (-margins[between], between))


def _merge(
    stories: dict[str, set[str]],
    each: Pair,
    parted: Collection[Pair],
    could_share: Callable[[str, str], bool],
) -> bool:
    """Make one of the groups of two records, if that may be; whether it was done."""
    if not all(record in stories for record in each):
        return False
    one, other = (stories[record] for record in each)
    if one is other or len(one) + len(other) > MOST_MEMBERS:
        return False
    if any(pair(*both) in parted for both in product(one, other)):
        return False
    if not all(could_share(*both) for both in product(sorted(one), sorted(other))):
        return False
    one |= other
    stories.update(dict.fromkeys(other, one))
    return True


def _distinct(stories: Iterable[set[str]]) -> list[frozenset[str]]:
    return sorted({frozenset(story) for story in stories}, key=sorted)
