"""What trust costs: `python -m tests.bench.trusting [COUNT]`.

The same signed entries of about 4 KB are taken in twice by the hub, from the same kind of stream:
once as always, every entry authenticated and chained; once by a hub that believes every signature,
hash and predecessor. What is left then is what any receiver does: parsing, checking content,
storing. The ratio is of the two rates of one round, the median of some rounds.
"""

import asyncio
import gc
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import structlog

from bri_kit import log, signing, trust
from bri_kit.trust import Candidate, KnownHash, Ledger
from tests.bench import ingest
from tests.bench.corpus import SHARED
from tests.support.centres import Centre

_NO_HASH = bytes(32)


@dataclass(frozen=True, slots=True)
class Rates:
    """Entries a second, with trust checked and with everything believed."""

    checked: float
    believed: float

    @property
    def ratio(self) -> float:
        return self.checked / self.believed


@contextmanager
def everything_believed() -> Iterator[None]:
    """No signature, no hash and no predecessor is looked at."""

    def judge(
        ledger: Ledger, read: Sequence[Candidate | trust.Judgement], _known: KnownHash
    ) -> list[trust.Judgement]:
        judged = []
        for each in read:
            assert isinstance(each, Candidate)
            ledger.number, ledger.head = each.number, each.hash
            judged.append(trust.Judgement(trust.Standing.ACCEPTED, each))
        return judged

    with (
        mock.patch.object(Ledger, "judge_read", judge),
        mock.patch.object(signing, "is_signed", return_value=True),
        mock.patch.object(log, "entry_hash", return_value=_NO_HASH),
    ):
        yield


async def measure(count: int, folder: Path = SHARED) -> Rates:
    """Both rates, one after the other."""
    gc.collect()
    gc.freeze()
    centre = Centre()
    entries = ingest.signed_entries(centre, count, folder)
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        checked = await _rate(centre, entries, data / "checked")
        with everything_believed():
            believed = await _rate(centre, entries, data / "believed")
    return Rates(count / checked, count / believed)


async def _rate(centre: Centre, entries: Sequence[bytes], data: Path) -> float:
    """Seconds until the hub has taken all entries in."""
    ingest.admit_centre(data / "hub", centre)
    async with ingest.stream(data / "nats", entries) as client:
        return await ingest.take_in(client, data / "hub", len(entries))


def measure_rounds(count: int = 20_000, rounds: int = 3) -> Rates:
    """The round whose ratio is the median."""
    measured = [asyncio.run(measure(count)) for _ in range(rounds)]
    return sorted(measured, key=lambda rates: rates.ratio)[rounds // 2]


def main() -> None:
    """Print both rates and the ratio."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("ERROR"))
    rates = measure_rounds(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    print(f"authenticated and chained {rates.checked:10,.0f} a second")
    print(f"everything believed       {rates.believed:10,.0f} a second")
    print(f"ratio                     {rates.ratio:10.2f}  (goal 0.80)")


if __name__ == "__main__":
    main()
