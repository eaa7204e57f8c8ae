"""Reading a source of this machine, to the end."""

from dataclasses import replace
from typing import Any

from bri_harvesting.reading import read
from bri_harvesting.source import Cursor, Fault, Finding, Gone, Item, Kind, Limits, Mark, Source
from tests.support.publisher import ALLOWED

QUICK = Limits(seconds=5, all_seconds=30, pause=0)


class Reading:
    """What one reading found."""

    def __init__(self, findings: list[Finding]) -> None:
        self.items = [each for each in findings if isinstance(each, Item)]
        self.gone = [each for each in findings if isinstance(each, Gone)]
        self.faults = [each for each in findings if isinstance(each, Fault)]
        self.marks = [each for each in findings if isinstance(each, Mark)]

    @property
    def cursor(self) -> Cursor:
        return self.marks[-1].cursor

    @property
    def codes(self) -> list[str]:
        return [each.code for each in self.faults]

    @property
    def only(self) -> Item:
        assert self.faults == [], self.faults
        [item] = self.items
        return item


async def reading_of(
    kind: Kind,
    url: str,
    cursor: Cursor | None = None,
    probes: dict[str, str] | None = None,
    limits: Limits = QUICK,
    **more: Any,
) -> Reading:
    """What is found at an address, for a centre that publishes in Chinese, English and Russian."""
    source = Source(kind, url, ("zh", "en", "ru"), allowed=ALLOWED)
    found = read(replace(source, **more), cursor or {}, probes or {}, limits)
    return Reading([each async for each in found])
