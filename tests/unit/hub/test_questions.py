"""Whose question is answered next, and which are dropped."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from nats.aio.msg import Msg

from bri_hub.ingest import questions
from bri_hub.ingest.questions import MOST_WAITING, Waiting

NOBODY: Any = None


def question(data: bytes) -> Msg:
    return Msg(NOBODY, "bri.ask.x", "", data)


def drain(waiting: Waiting) -> list[tuple[str, bytes]]:
    """Everything that waits, in the order of its answers."""
    taken = []
    while found := waiting.take():
        taken.append((found[0], found[1].data))
    return taken


def test_centres_are_answered_in_turn_the_newest_question_first() -> None:
    """However many one of them asks."""
    waiting = Waiting()
    for number in range(6_000):
        waiting.add("evil", question(b"%d" % number))
    waiting.add("sco", question(b"mine"))
    assert drain(waiting) == [
        ("evil", b"5999"), ("sco", b"mine"), ("evil", b"5998"), ("evil", b"5997"),
        ("evil", b"5996"),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=60))
def test_nobody_waits_for_more_than_one_question_of_each_other(
    arrivals: list[tuple[str, int]],
) -> None:
    """Every centre's newest question is answered within one round, and what waits is bounded."""
    waiting, newest = Waiting(), {}
    for index, (centre, _) in enumerate(arrivals):
        waiting.add(centre, question(b"%d" % index))
        newest[centre] = b"%d" % index
    assert len(waiting) <= MOST_WAITING * len(newest)
    assert dict(drain(waiting)[: len(newest)]) == newest


def test_what_waits_is_bounded_in_bytes_and_centres(monkeypatch: Any) -> None:
    """A centre's large questions are fewer; centres that nobody ever admitted fill nothing."""
    monkeypatch.setattr(questions, "MAX_BYTES", 10)
    monkeypatch.setattr(questions, "MOST_CENTRES", 3)
    waiting = Waiting()
    assert [waiting.add("a", question(b"123456")) for _ in range(3)] == [0, 1, 1]
    assert waiting.add("a", question(b"12345678901234")) == 1, "one is answered, however large"
    for centre in "bcde":
        waiting.add(centre, question(b"1"))
    assert [centre for centre, _ in drain(waiting)] == ["c", "d", "e"]
