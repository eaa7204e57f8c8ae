"""How many values a document has is known before it is decoded."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bri_kit.errors import BriError, MalformedRequest, TooLarge
from bri_kit.json_bounds import JsonBounds, decode

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('"\\[]{},:aé字')),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.sampled_from('"\\{a')), inner),
    max_leaves=30,
)


def judged(document: bytes, size: int, **bounds: int) -> BriError | None:
    """What is found where the document comes in parts of `size` bytes."""
    counting = JsonBounds(**bounds)
    parts = [document[start : start + size] for start in range(0, len(document), size)]
    return next((found for part in parts if (found := counting.feed(part))), None)


def structure(value: object) -> tuple[int, int]:
    """The structural characters and the depth of a value that is written without blanks."""
    if not isinstance(value, list | dict):
        return 0, 0
    inner = [structure(each) for each in (value.values() if isinstance(value, dict) else value)]
    separators = max(0, len(inner) - 1) + (len(inner) if isinstance(value, dict) else 0)
    deepest = max((depth for _, depth in inner), default=0)
    return 2 + separators + sum(count for count, _ in inner), deepest + 1


@given(_VALUES, st.integers(1, 7), st.booleans())
def test_structure_is_counted_outside_strings_alone(value: object, size: int, plain: bool) -> None:
    """Whatever strings hold, and wherever the document is cut."""
    document = json.dumps(value, ensure_ascii=plain, separators=(",", ":")).encode()
    count, depth = structure(value)
    assert judged(document, size, max_values=count, max_depth=depth) is None
    if count:
        assert isinstance(judged(document, size, max_values=count - 1), TooLarge)
        too_deep = judged(document, size, max_values=count, max_depth=depth - 1)
        assert isinstance(too_deep, MalformedRequest)


def test_a_document_is_refused_where_it_passes_the_bound() -> None:
    """What comes after it need not come."""
    counting = JsonBounds(max_values=10)
    assert counting.feed(b'["' + b"[" * 1_000 + b'\\"') is None
    assert counting.feed(b'",1,2,3,4,5,6,7,8') is None
    assert counting.feed(b",9,10") is not None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_json_is_utf_8(encoding: str) -> None:
    """In other encodings what is in strings would be counted, and what is not would not."""
    with pytest.raises(json.JSONDecodeError):
        decode('["\\"", [], []]'.encode(encoding))


def test_a_byte_order_mark_is_passed_over() -> None:
    assert decode(b'\xef\xbb\xbf{"a": "\\ud800"}') == {"a": "\ud800"}
