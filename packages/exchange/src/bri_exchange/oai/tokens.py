"""Resumption tokens: all that is needed to go on with a list, and nothing that is kept here.

A token is not signed: whoever writes one of his own asks for what he could have asked for anyway.
What is in it is checked like any other argument.
"""

import re
from collections.abc import Sequence

from bri_exchange.oai.errors import BadResumptionToken
from bri_exchange.source import Selection
from bri_kit.errors import InvalidInput
from bri_kit.paging import decode_cursor, encode_cursor

_VERSION = 1
_KINDS = (int, str, str, str, str, str, int, int)
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)?")
_MOST = 2**63 - 1


def write(prefix: str, selection: Selection, epoch: str, position: int, seen: int) -> str:
    """The token that goes on after `position`, `seen` items having been given out."""
    parts = (selection.set, selection.since, selection.until, epoch)
    return encode_cursor([_VERSION, prefix, *parts, position, seen])


def read(token: str, prefixes: Sequence[str], *, whole: bool) -> tuple[str, Selection, int]:
    """The format, what is selected, and how many items were given out before.

    Raises:
        BadResumptionToken: this is not a token of ours.
    """
    try:
        version, prefix, set_, since, until, epoch, position, seen = decode_cursor(token, _KINDS)
    except InvalidInput:
        raise BadResumptionToken("This is not a token that was given out here.") from None
    good = version == _VERSION and prefix in prefixes and 0 <= position <= _MOST and seen >= 0
    if not good or not (_TIME.fullmatch(since) and _TIME.fullmatch(until)):
        raise BadResumptionToken("This is not a token that was given out here.")
    return prefix, Selection(set_, since, until, position, epoch, whole=whole), seen
