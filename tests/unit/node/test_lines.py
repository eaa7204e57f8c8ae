"""Bytes cut into lines and batches."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from bri_node.lines import BATCH_LINES, Line, Splitter, batches


def split(chunks: Sequence[bytes], limit: int = 100) -> list[Line]:
    splitter = Splitter(limit)
    return [line for chunk in chunks for line in splitter.feed(chunk)] + splitter.finish()


@given(st.lists(st.binary(max_size=20)), st.integers(1, 7))
def test_lines_do_not_depend_on_how_the_bytes_arrive(parts: list[bytes], size: int) -> None:
    data = b"\n".join(parts)
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    assert split(chunks) == split([data])


def test_a_byte_order_mark_carriage_returns_and_a_missing_end_do_no_harm() -> None:
    lines = split([b"\xef\xbb\xbfa\r\n\r\nb"])
    assert lines == [Line(1, b"a"), Line(2, b""), Line(3, b"b")]


def test_a_line_that_is_too_long_is_told_and_the_next_one_is_whole() -> None:
    lines = split([b"a\n" + b"x" * 90, b"x" * 90, b"x" * 90 + b"\nb\n"])
    assert lines == [Line(1, b"a"), Line(2, None), Line(3, b"b")]


def test_an_endless_line_is_not_kept_in_memory() -> None:
    splitter = Splitter(limit=100)
    for _ in range(1000):
        splitter.feed(b"x" * 100)
    assert len(splitter._rest) <= 100
    assert splitter.finish() == [Line(1, None)]


async def collect(chunks: AsyncIterator[bytes]) -> list[list[int]]:
    return [[line.number for line in batch] async for batch in batches(chunks)]


async def test_batches_are_full_or_the_last_and_blank_lines_are_passed_over() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"\n".join([b"a", b" ", *[b"b"] * BATCH_LINES])

    first, second = await collect(chunks())
    assert (len(first), first[:2]) == (BATCH_LINES, [1, 3])
    assert second == [BATCH_LINES + 2]


async def test_a_sender_who_pauses_gets_what_was_sent_so_far_done() -> None:
    seen: list[list[int]] = []
    went_on = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"a\nb\n"
        await went_on.wait()
        yield b"c\n"

    async for batch in batches(chunks()):
        seen.append([line.number for line in batch])
        went_on.set()
    assert seen == [[1, 2], [3]]
