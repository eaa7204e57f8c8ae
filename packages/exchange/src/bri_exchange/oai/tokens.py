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

_VERSION = 2
_KINDS = (int, str, str, str, str, str, int, int, int)
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)?")
_MOST = 2**63 - 1


def write(prefix: str, selection: Selection, seen: int, total: int) -> str:
    """The token that goes on after the selection's position, `seen` items of `total` having been
    given out."""
    parts = (selection.set, selection.since, selection.until, selection.epoch, selection.after)
    return encode_cursor([_VERSION, prefix, *parts, seen, total])


def read(token: str, prefixes: Sequence[str], *, whole: bool) -> tuple[str, Selection, int, int]:
    """The format, what is selected, how many items were given out before, and of how many.

    Raises:
        BadResumptionToken: this is not a token of ours.
    """
    try:
        version, prefix, *asked, position, seen, total = decode_cursor(token, _KINDS)
    except InvalidInput:
        raise BadResumptionToken("This is not a token that was given out here.") from None
    set_, since, until, epoch = asked
    good = version == _VERSION and prefix in prefixes and 0 <= position <= _MOST
    good = good and 0 <= seen <= total <= _MOST
    if not good or not (_TIME.fullmatch(since) and _TIME.fullmatch(until)):
        raise BadResumptionToken("This is not a token that was given out here.")
    return prefix, Selection(set_, since, until, position, epoch, whole=whole), seen, total
