"""What the hub's word about our log means."""

import pytest

from bri_node.standing import Standing, judge

OURS, OTHER = b"o" * 32, b"x" * 32


@pytest.mark.parametrize(
    ("head", "hash_", "ours", "settled", "meaning"),
    [
        (0, b"", None, 0, Standing.AGREES),
        (5, OURS, OURS, 0, Standing.AGREES),
        (5, OURS, OURS, 5, Standing.AGREES),
        (5, b"", OURS, 5, Standing.AGREES),
        (5, OURS, None, 0, Standing.HAS_MORE),
        (5, b"", None, 0, Standing.HAS_MORE),
        (5, OTHER, OURS, 0, Standing.HAS_OTHER),
        (5, OTHER, OURS, 9, Standing.HAS_OTHER),
        (5, OURS, OURS, 6, Standing.HAS_LOST),
        (0, b"", None, 6, Standing.HAS_LOST),
    ],
)
def test_the_hubs_word(
    head: int, hash_: bytes, ours: bytes | None, settled: int, meaning: Standing
) -> None:
    """A hub that tells no hash is believed by its number; a hint proves no loss."""
    assert judge(head, hash_, ours, settled) is meaning
