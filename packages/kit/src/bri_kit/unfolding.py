"""Answers that come compressed, unfolded within bounds.

Rules:
- gzip alone (RFC 1952): it is what servers send unasked;
- it is unfolded no further than the bound, so a few bytes that stand for gigabytes cost what an
  answer of the largest size costs;
- what breaks off, is damaged, or goes on behind its end as something else is no answer.
"""

import zlib

_GZIP = 16 + zlib.MAX_WBITS
_MOST_MEMBERS = 100
"""A file of several (RFC 1952, 2.2) is rare; one of a million empty ones would cost its reader."""


class Damaged(ValueError):
    """This is not what gzip makes."""


class TooMuch(ValueError):
    """It unfolds to more than the bound."""


def unfold(folded: bytes, most: int) -> bytes:
    """What a whole gzip file stands for, `most` bytes at the most.

    Raises:
        Damaged, TooMuch.
    """
    parts: list[bytes] = []
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        try:
            # One byte more than there may be tells that there are more.
            found = member.decompress(folded, most + 1)
        except zlib.error as error:
            raise Damaged(str(error)) from None
        most -= len(found)
        if most < 0:
            raise TooMuch
        if not member.eof:
            raise Damaged("it breaks off")
        parts.append(found)
        folded = member.unused_data
        if not folded:
            return b"".join(parts)
    raise Damaged("it has too many members")
