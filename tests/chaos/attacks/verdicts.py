"""What one attack did to everybody else, and the table of all of them. Pure.

The verdict: `/healthz` and search of hub and node within a second, no answer with 5xx to anybody
else, none with 500 to the attacker (429 and 503 are how a service protects itself), no process
ended, and nothing had that is another's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.chaos.observations import ANSWER_SECONDS, Report

_SERVED = ("healthz", "search")


@dataclass(slots=True)
class Verdict:
    """How one attack went. `statuses` are the answers that the attacker got."""

    name: str
    what: str
    report: Report
    ended: Sequence[str] = ()
    problem: str = ""
    statuses: Mapping[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def healthz(self) -> float:
        """The slowest answer of `/healthz`, in seconds."""
        return self._worst("healthz")

    @property
    def search(self) -> float:
        """The slowest answer of a search."""
        return self._worst("search")

    @property
    def pages(self) -> float:
        """The slowest answer of anything else."""
        worst = self.report.worst.items()
        return max((took for name, took in worst if not name.endswith(_SERVED)), default=0.0)

    @property
    def errors(self) -> int:
        """Answers that were none, or not what they should be, and those of 500 to the attacker."""
        return self.report.failures + self.statuses.get(500, 0)

    @property
    def broken(self) -> list[str]:
        """What does not hold."""
        found = list(self.report.broken)
        if count := self.statuses.get(500, 0):
            found.append(f"{count} answers to the attacker were 500")
        found += [f"ended: {each}" for each in self.ended]
        return [*found, self.problem] if self.problem else found

    def document(self) -> dict[str, Any]:
        """For a program that reads it."""
        return {**asdict(self), "statuses": dict(self.statuses), "broken": self.broken}

    def _worst(self, what: str) -> float:
        worst = self.report.worst.items()
        return max((took for name, took in worst if name.endswith(what)), default=0.0)


def table(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """A row an attack, and under each that broke something what it was."""
    heads = (
        "attack",
        "healthz",
        "search",
        "pages",
        "control",
        "found",
        "errors",
        "ended",
        "verdict",
    )
    rows = [heads, *map(_row, verdicts)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(heads))]
    for index, row in enumerate(rows):
        yield "  ".join(
            f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        if index:
            yield from (f"    {each}" for each in verdicts[index - 1].broken)
    broken = sum(bool(each.broken) for each in verdicts)
    yield f"{len(verdicts)} attacks, {broken} broke what is promised ({ANSWER_SECONDS:g} s)"


def _row(verdict: Verdict) -> tuple[str, ...]:
    return (
        verdict.name,
        f"{verdict.healthz:.2f} s",
        f"{verdict.search:.2f} s",
        f"{verdict.pages:.2f} s",
        f"{verdict.report.control:.2f} s",
        f"{verdict.report.longest:.2f} s",
        str(verdict.errors),
        str(len(verdict.ended)),
        "BROKEN" if verdict.broken else "held",
    )
