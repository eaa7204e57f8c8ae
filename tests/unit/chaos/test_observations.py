"""What is promised of answers and publications, and what is excused."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.chaos import observations
from tests.chaos.observations import (
    CONTROL,
    NO_ANSWER,
    RECOVERY_SECONDS,
    Answered,
    Observations,
    Published,
    Window,
    Writing,
)


def answered(
    seconds: float = 0.1, target: str = "hub healthz", status: int = 200, at: float = 0.0
) -> Answered:
    return Answered(at, seconds, target, status, status == 200)


def published(wait: float | None, at: float = 0.0, ended: float = 90.0) -> Published:
    found = None if wait is None else at + wait
    return Published(at, "sco", "zqmark", "sco:1", 1, at, found, found or at + ended)


def broken(*answers: Answered, publications: tuple[Published, ...] = ()) -> list[str]:
    return observations.judge(Observations([*answers], [*publications])).broken


def test_prompt_answers_break_nothing() -> None:
    """Everything answered, and everything found."""
    report = observations.judge(Observations([answered(0.9)], [published(0.5), published(1.5)]))
    assert report.broken == []
    assert (report.p50, report.p99, report.longest) == (0.5, 1.5, 1.5)


@pytest.mark.parametrize("target", ["hub healthz", "sco healthz", "hub search", "sco search"])
def test_health_and_search_answer_within_a_second(target: str) -> None:
    assert broken(answered(1.1, target)) == [f"{target} took 1.1 s"]


def test_a_page_may_take_longer_but_must_answer() -> None:
    assert broken(answered(3.0, "hub list")) == []
    assert broken(answered(3.0, "hub list", 500)) == ["hub list: 1 answers were 500"]
    assert broken(answered(3.0, "hub list", NO_ANSWER)) == ["hub list: 1 answers were none"]


def test_an_answer_that_is_still_waited_for_counts_as_long_as_it_was() -> None:
    assert broken(answered(7.0, "hub search", 0)) == ["hub search took 7.0 s"]
    assert broken(answered(0.2, "hub search", 0)) == []


def test_a_search_that_does_not_find_is_no_answer() -> None:
    empty = Answered(0.0, 0.1, "hub search", 200, good=False)
    assert broken(empty) == ["hub search: 1 answers were not what they should be"]


def test_what_is_never_found_is_late() -> None:
    report = observations.judge(Observations([], [published(None)]))
    assert (report.never_found, report.broken) == (1, ["publish to found: p99 90.0 s"])


def test_a_publication_of_the_last_moment_is_not_judged() -> None:
    report = observations.judge(Observations([], [published(None, ended=1.0)]))
    assert (report.publications, report.broken) == (0, [])


def test_one_late_publication_in_a_hundred_is_excused_and_told() -> None:
    many = [published(0.5) for _ in range(99)]
    report = observations.judge(Observations([], [*many, published(9.0)]))
    assert (report.broken, report.longest) == ([], 9.0)
    assert observations.judge(Observations([], [*many[1:], *[published(9.0)] * 2])).broken


def test_windows_last_until_a_fault_has_been_recovered_from() -> None:
    first, second = observations.windows([(100.0, 100.0), (5.0, 6.0), (7.0, 20.0)])
    assert first == Window(5.0, 20.0 + RECOVERY_SECONDS)
    assert second == Window(100.0, 100.0 + RECOVERY_SECONDS)


def test_what_falls_into_a_window_is_counted_and_not_judged() -> None:
    excused = [Window(10.0, 20.0)]
    slow = [answered(5.0, at=9.0), answered(5.0, at=19.0), answered(0.1, at=30.0)]
    report = observations.judge(Observations(slow, [published(5.0, at=8.0)]), excused)
    assert (report.broken, report.excused, report.answers) == ([], 2, 1)
    assert observations.judge(Observations([answered(5.0, at=30.0)]), excused).broken


def test_what_the_machine_takes_by_itself_is_allowed_for() -> None:
    busy = answered(0.8, CONTROL)
    report = observations.judge(Observations([busy, answered(1.7)]))
    assert (report.control, report.broken) == (0.8, [])
    report = observations.judge(Observations([busy, answered(1.9)]))
    assert report.broken == ["hub healthz took 1.9 s"]
    report = observations.judge(Observations([busy, answered(1.7, at=60.0)]))
    assert report.broken == ["hub healthz took 1.7 s"]


def test_a_file_that_was_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    observed: list[Answered | Published | Writing] = [answered(), published(1.0)]
    observed.append(Writing("sco", "zqmark"))
    lines = [json.dumps({type(each).__name__: asdict(each)}) for each in observed]
    file = tmp_path / "probe.jsonl"
    file.write_text("\n".join([*lines, lines[0][:20]]))
    found = observations.read(file)
    assert found == Observations([answered()], [published(1.0)], [Writing("sco", "zqmark")])
