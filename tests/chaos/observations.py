"""What the probe measured, and what is promised of it. Pure.

Rules:
- the promises: `/healthz` and search answer within a second, everything answers without a 5xx, and
  99 of 100 publications are found at the hub within two seconds of their acknowledgement;
- an answer or publication is judged unless it overlaps a `Window`: from the beginning of a fault
  that is made on purpose until RECOVERY_SECONDS after it is over and what was killed listens again.
  What falls into one is counted and not judged, and the share that is judged is stated;
- what a server that does nothing takes meanwhile, within SLACK_SECONDS, is added to the second that
  an answer may take, because so much of it is the machine's; it is reported beside the rest;
- an answer that never came counts as a failure, and as long as it was waited for.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

NO_ANSWER = -1
"""The status of a request whose connection broke; 0 is one that was still waited for at the end."""

CONTROL = "control"
"""The target that does nothing."""

ANSWER_SECONDS = 1.0
FOUND_SECONDS = 2.0
RECOVERY_SECONDS = 10.0
SLACK_SECONDS = 1.0
_PROMPT = ("healthz", "search")


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: when it was asked for (seconds of the monotonic clock), how long it took, and
    whether it was what it should be."""

    at: float
    seconds: float
    target: str
    status: int
    good: bool


@dataclass(frozen=True, slots=True)
class Writing:
    """A publication is about to be asked for."""

    centre: str
    mark: str


@dataclass(slots=True)
class Published:
    """A publication; `acknowledged` and `found` are times, None where it did not come to that."""

    at: float
    centre: str
    mark: str
    record_id: str
    revision: int
    acknowledged: float | None
    found: float | None
    ended: float = 0.0


class Window(NamedTuple):
    """A time in which a fault was made on purpose, or its effects may last."""

    begin: float
    end: float

    def overlaps(self, begin: float, end: float) -> bool:
        return begin < self.end and end > self.begin


@dataclass(slots=True)
class Observations:
    """Everything that a probe wrote."""

    answers: list[Answered] = field(default_factory=list)
    publications: list[Published] = field(default_factory=list)
    written: list[Writing] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """What came of it; `broken` has a line for each promise that does not hold."""

    worst: dict[str, float] = field(default_factory=dict)
    control: float = 0.0
    answers: int = 0
    failures: int = 0
    excused: int = 0
    publications: int = 0
    never_found: int = 0
    p50: float = 0.0
    p99: float = 0.0
    longest: float = 0.0
    judged_share: float = 1.0
    broken: list[str] = field(default_factory=list)


def read(path: Path) -> Observations:
    """What a probe wrote; a line that was cut off by its end is left out."""
    found = Observations()
    for line in path.read_text().splitlines():
        try:
            document = json.loads(line)
        except ValueError:
            continue
        [(name, fields)] = document.items()
        if name == "Answered":
            found.answers.append(Answered(**fields))
        elif name == "Published":
            found.publications.append(Published(**fields))
        else:
            found.written.append(Writing(**fields))
    return found


def windows(faults: Iterable[tuple[float, float]]) -> list[Window]:
    """The windows of faults, each with its beginning and end; those that overlap are one."""
    merged: list[Window] = []
    for begin, end in sorted(faults):
        until = end + RECOVERY_SECONDS
        if merged and begin <= merged[-1].end:
            merged[-1] = Window(merged[-1].begin, max(merged[-1].end, until))
        else:
            merged.append(Window(begin, until))
    return merged


def judge(observed: Observations, excused: Sequence[Window] = ()) -> Report:
    """Hold what was observed against the promises."""
    report = Report()
    judged = [each for each in observed.answers if not _is_excused(each.at, _end(each), excused)]
    report.excused = len(observed.answers) - len(judged)
    report.answers = len(judged)
    report.judged_share = len(judged) / max(1, len(observed.answers))
    for each in judged:
        report.worst[each.target] = max(report.worst.get(each.target, 0.0), each.seconds)
    report.control = report.worst.pop(CONTROL, 0.0)
    control = [each for each in observed.answers if each.target == CONTROL]
    _judge_answers([each for each in judged if each.target != CONTROL], report)
    _judge_promptness(judged, control, report)
    _judge_publications(observed.publications, excused, report)
    return report


def _end(answer: Answered) -> float:
    return answer.at + answer.seconds


def _is_excused(begin: float, end: float, excused: Sequence[Window]) -> bool:
    return any(window.overlaps(begin, end) for window in excused)


def _judge_answers(judged: Sequence[Answered], report: Report) -> None:
    failures: dict[str, list[int]] = {}
    for each in judged:
        if not each.good and each.status != 0:
            failures.setdefault(each.target, []).append(each.status)
    report.failures = sum(map(len, failures.values()))
    for target, statuses in sorted(failures.items()):
        told = ", ".join(sorted({_status(each) for each in statuses}))
        report.broken.append(f"{target}: {len(statuses)} answers were {told}")


def _judge_promptness(
    judged: Sequence[Answered], control: Sequence[Answered], report: Report
) -> None:
    late: dict[str, float] = {}
    for each in judged:
        if each.target.endswith(_PROMPT) and each.seconds > ANSWER_SECONDS + _slack(each, control):
            late[each.target] = max(late.get(each.target, 0.0), each.seconds)
    report.broken += [f"{target} took {seconds:.1f} s" for target, seconds in sorted(late.items())]


def _slack(answer: Answered, control: Sequence[Answered]) -> float:
    """How long nothing took while the answer was waited for."""
    around = Window(answer.at - SLACK_SECONDS, _end(answer) + SLACK_SECONDS)
    return max((e.seconds for e in control if around.overlaps(e.at, _end(e))), default=0.0)


def _status(status: int) -> str:
    if status == NO_ANSWER:
        return "none"
    return "not what they should be" if 200 <= status < 300 else str(status)


def _judge_publications(
    publications: Sequence[Published], excused: Sequence[Window], report: Report
) -> None:
    waits: list[float] = []
    for each in publications:
        until = each.ended if each.found is None else each.found
        if each.acknowledged is None or _is_excused(each.at, until, excused):
            continue
        wait = until - each.acknowledged
        # One that was still looked for at the end counts from when it is too late.
        if each.found is not None or wait > FOUND_SECONDS:
            waits.append(wait)
            report.never_found += each.found is None
    report.publications = len(waits)
    if waits:
        report.p50, report.p99 = _percentile(waits, 0.50), _percentile(waits, 0.99)
        report.longest = max(waits)
    if report.p99 > FOUND_SECONDS:
        report.broken.append(f"publish to found: p99 {report.p99:.1f} s")


def _percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by this share of the values."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
