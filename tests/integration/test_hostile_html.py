"""What is made of foreign HTML costs no more than its length, whatever its shape."""

import pytest

from tests.support import hostile_html


@pytest.mark.parametrize("door", hostile_html.DOORS)
def test_no_shape_costs_more_than_its_length(door: str) -> None:
    """160 KB of any shape pass in seconds of processor time; quadratic work would take minutes, as
    it did: 27 KB of pasted list paragraphs took the whole node eight seconds."""
    assert hostile_html.survives(door) == "done"
