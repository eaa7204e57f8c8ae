"""JSON as services answer it: always valid UTF-8, whatever text is in it."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

_SURROGATES = re.compile("[\ud800-\udfff]")


def encode(document: Any) -> bytes:
    """`document` as JSON. A lone surrogate, which UTF-8 has not, becomes U+FFFD."""
    try:
        return orjson.dumps(document)
    except TypeError:
        # Rare, so it costs nothing where nothing is wrong.
        return orjson.dumps(_repaired(document))


def _repaired(document: Any) -> Any:
    if isinstance(document, str):
        return _SURROGATES.sub("\ufffd", document)
    if isinstance(document, Mapping):
        return {_repaired(name): _repaired(value) for name, value in document.items()}
    if isinstance(document, list | tuple):
        return [_repaired(each) for each in document]
    return document
