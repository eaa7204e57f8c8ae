"""Bytes made of good examples, as they break parsers: cut, repeated, nested, mixed. By a seed.

A fragment that is repeated until the whole has `size` bytes shows whatever is more than linear.
"""

import random
import re
from collections.abc import Sequence

from tests.support import hostile_text

FRAGMENTS: Sequence[bytes] = [
    *(b"<div>", b"<b><i>", b"<!DOCTYPE[", b"<p class=MsoListParagraph", b"<img src", b"<![CDATA["),
    *(b"[", b"[[],", b'{"a":', b"<!--[if", b"&#0;", b"&lt;", b"\x00", b"\xff\xfe", b"\xed\xa0\x80"),
    *(b'"', b"'", b"\\", b"%", b"%00", b"=", b";", b"\r\n", b"\t", b" ", b"*", b"_", b"`", b"> "),
    *(b"9" * 30, b"-1", b"1e999", b"0001-01-01", b"9999-12-31", b"+14:00", b"../", b"javascript:"),
    *(text.encode() for text in hostile_text.curious().values() if len(text) < 200),
]
_TOKEN = re.compile(rb"<[^>]*>|\w+|[^\w\s]")


def mutated(chance: random.Random, seeds: Sequence[bytes], size: int) -> bytes:
    """One input of at most `size` bytes."""
    data = chance.choice(seeds)
    for _ in range(chance.choice((1, 1, 2, 3, 5))):
        data = chance.choice(_WAYS)(chance, data, seeds, size)[:size]
    return data


def _repeat(chance: random.Random, data: bytes, seeds: Sequence[bytes], size: int) -> bytes:
    """A fragment, of ours or of the example, up to the whole size."""
    own = _TOKEN.findall(data)
    fragment = chance.choice(own) if own and chance.random() < 0.5 else chance.choice(FRAGMENTS)
    at = chance.randrange(len(data) + 1)
    count = max(1, size // len(fragment)) if chance.random() < 0.3 else chance.randrange(1, 60)
    return data[:at] + fragment * count + data[at:]


def _cut(chance: random.Random, data: bytes, seeds: Sequence[bytes], size: int) -> bytes:
    begin, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
    return data[:begin] + data[end:] if chance.random() < 0.5 else data[begin:end]


def _flip(chance: random.Random, data: bytes, seeds: Sequence[bytes], size: int) -> bytes:
    changed = bytearray(data or b"\x00")
    for _ in range(chance.randrange(1, 8)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _replace(chance: random.Random, data: bytes, seeds: Sequence[bytes], size: int) -> bytes:
    """A token of the example becomes a fragment of ours."""
    own = _TOKEN.findall(data)
    return data.replace(chance.choice(own), chance.choice(FRAGMENTS), 8) if own else data


def _mix(chance: random.Random, data: bytes, seeds: Sequence[bytes], size: int) -> bytes:
    other = chance.choice(seeds)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


_WAYS = (_repeat, _repeat, _cut, _flip, _replace, _mix)
