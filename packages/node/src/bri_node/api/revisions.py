"""The revision that a caller knows, by which nobody overwrites what they have not seen."""

import re
from typing import Annotated

from fastapi import Header

from bri_kit.errors import FieldError, InvalidInput, RevisionRequired

IfMatch = Annotated[
    str | None, Header(alias="If-Match", description='The revision that you know, as `"3"`.')
]
_REVISION = re.compile(r'"?(\d{1,9})"?', re.ASCII)


def known(if_match: str | None) -> int | None:
    """The revision that an If-Match header names, None where there is none. Raises InvalidInput."""
    if if_match is None:
        return None
    match = _REVISION.fullmatch(if_match.strip())
    if match is None:
        message = 'must be one revision, such as "3"'
        raise InvalidInput("The revision cannot be read.", [FieldError("If-Match", message)])
    return int(match[1])


def required(if_match: str | None) -> int:
    """The same, of what cannot be done without. Raises RevisionRequired, InvalidInput."""
    revision = known(if_match)
    if revision is None:
        raise RevisionRequired('Say which revision you change: If-Match: "3".')
    return revision
