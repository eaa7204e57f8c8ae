"""What a change to a record means for its vectors."""

from typing import NamedTuple

from bri_retrieval.engine import Change


class Touched(NamedTuple):
    """A record that the change `number` published, revised, or took away."""

    record_id: str
    number: int
    gone: bool


def touched(change: Change) -> Touched:
    """What a change means for a record's vectors."""
    gone = change.record is None or not change.record.editions
    return Touched(change.record_id, change.number, gone)
