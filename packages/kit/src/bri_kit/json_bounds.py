"""How much structure a JSON document may have, counted before anything is decoded.

A decoder makes an object for every value, a validator an error for every field that it does not
know, both under the interpreter's lock: 30 MB of `[],` cost seven seconds and 750 MB. Length alone
therefore bounds neither time nor memory; the number of values and the depth do.

Rules:
- what is counted are the structural characters (RFC 8259, 2) outside strings; each value takes at
  least one, so their number bounds that of the values;
- the count grows as the document arrives, so a document is refused where it passes the bound and
  not at its end;
- documents are UTF-8 (RFC 8259, 8.1). In another encoding quotation marks would be found elsewhere;
- a document that is not valid JSON may be counted wrongly, but only after its first error, beyond
  which no decoder reads.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from bri_kit.errors import BriError, MalformedRequest, TooLarge

MAX_VALUES = 20_000
"""Of a record: ten editions and some hundred limit values need less than a third of it."""
MAX_DEPTH = 32

_STRUCTURE = b"[]{},:"
_OTHER = bytes(set(range(256)) - set(_STRUCTURE))
_PIECE = 64 * 1024
_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")


@dataclass(slots=True)
class JsonBounds:
    """Counts one document, which is fed in parts."""

    max_values: int = MAX_VALUES
    max_depth: int = MAX_DEPTH
    _count: int = field(default=0, init=False)
    _quotes: int = field(default=0, init=False)
    _depth: int = field(default=0, init=False)
    _is_in_string: bool = field(default=False, init=False)
    _escape: bytes = field(default=b"", init=False)
    """A backslash at the end of a part, which belongs to what follows."""

    def feed(self, part: bytes) -> BriError | None:
        """Count what arrived. Returns why the document is refused, None where it is not."""
        for start in range(0, len(part), _PIECE):
            structure = self._outside_strings(part[start : start + _PIECE])
            self._count += len(structure)
            if self._is_too_deep(structure):
                return MalformedRequest(f"The JSON is nested deeper than {self.max_depth} levels.")
            if max(self._count, self._quotes // 2 - 1) > self.max_values:
                return TooLarge(f"JSON may hold at most {self.max_values:,} values.")
        return None

    def _outside_strings(self, part: bytes) -> bytes:
        # Escapes are taken away in pairs from the left, as a decoder reads them.
        plain = (self._escape + part).replace(b"\\\\", b"")
        self._escape = plain[-1:] if plain.endswith(b"\\") else b""
        plain = plain[: len(plain) - len(self._escape)].replace(b'\\"', b"")
        pieces = plain.split(b'"')
        self._quotes += len(pieces) - 1  # every string but one has structure beside it
        outside = pieces[1 if self._is_in_string else 0 :: 2]
        self._is_in_string ^= len(pieces) % 2 == 0
        return b"".join(outside).translate(None, _OTHER)

    def _is_too_deep(self, structure: bytes) -> bool:
        for byte in structure:
            if byte in _OPENING:
                self._depth += 1
                if self._depth > self.max_depth:
                    return True
            elif byte in _CLOSING:
                self._depth -= 1
        return False


def decode(document: bytes) -> Any:
    """The value of a document within bounds.

    Raises:
        json.JSONDecodeError: it is not JSON in UTF-8.
    """
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise json.JSONDecodeError("not UTF-8", "", error.start) from None
    return json.loads(text)
