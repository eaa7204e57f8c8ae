"""How many questions are under way, and how long each may take."""

import asyncio
from collections.abc import Iterator
from threading import Event

import pytest

from bri_search.capacity import Capacity, TooLate, TooManyQuestions
from tests.support.waiting import eventually


@pytest.fixture
def release() -> Iterator[Event]:
    """Lets the threads go that wait for it."""
    event = Event()
    yield event
    event.set()


async def test_an_answer_is_given_its_moment() -> None:
    """Ours or the caller's, whichever is first, and a little before it."""
    capacity = Capacity(workers=1, most=2, seconds=60)
    far = await capacity.answer(lambda deadline: deadline)
    near = await capacity.answer(lambda deadline: deadline, remaining=20)
    assert 30 < far - near < 50
    capacity.close()


async def test_one_too_many_is_refused_at_once(release: Event) -> None:
    """And the next is taken as soon as one is done."""
    capacity = Capacity(workers=1, most=2, seconds=60)
    waiting = [asyncio.create_task(capacity.answer(lambda _: release.wait())) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyQuestions):
        await capacity.answer(lambda _: True)
    release.set()
    await asyncio.gather(*waiting)
    assert await eventually(lambda: _tried(capacity), bool)
    capacity.close()


async def _tried(capacity: Capacity) -> bool:
    try:
        return await capacity.answer(lambda _: True)
    except TooManyQuestions:
        return False


async def test_a_hanging_question_is_given_up(release: Event) -> None:
    """Its thread counts as under way until it is done; what waited behind it is never begun."""
    capacity = Capacity(workers=1, most=2, seconds=60)
    begun: list[bool] = []
    with pytest.raises(TooLate):
        await capacity.answer(lambda _: release.wait(), remaining=0.05)
    with pytest.raises(TooLate):
        await capacity.answer(lambda _: begun.append(True), remaining=0.05)
    assert not begun
    release.set()
    assert await eventually(lambda: _tried(capacity), bool)
    assert not begun
    capacity.close()
