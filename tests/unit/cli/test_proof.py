"""A record is genuine where nothing about its entry is wrong."""

from base64 import b64encode

import pytest
from bri.log.v1 import log_pb2

from bri_cli.proof import ProofUnreadable, examine, read_envelope, verdict
from bri_kit import log
from tests.support.centres import Centre


@pytest.fixture
def centre() -> Centre:
    centre = Centre()
    for _ in range(3):
        centre.publish()
    return centre


def envelope(centre: Centre, number: int) -> log_pb2.SignedEntry:
    return log_pb2.SignedEntry.FromString(centre.entries[number - 1])


def record_of(signed: log_pb2.SignedEntry) -> str:
    return log.record_id(log_pb2.Entry.FromString(signed.entry))


def neighbours(centre: Centre, number: int) -> list[bytes]:
    return [envelope(centre, each).entry for each in (number - 1, number) if each]


def passed(centre: Centre, number: int, **changes: object) -> list[bool | None]:
    signed = envelope(centre, number)
    arguments = {
        "record_id": record_of(signed), "envelope": signed, "key": centre.public_key,
        "neighbours": neighbours(centre, number),
    }  # fmt: skip
    return [check.passed for check in examine(**arguments | changes)]  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_honest_entry_is_genuine(centre: Centre, number: int) -> None:
    """Wherever in the log it stands."""
    assert passed(centre, number) == [True] * 5


def test_without_the_centre_its_signature_still_counts(centre: Centre) -> None:
    """What could not be checked is neither passed nor failed."""
    checks = passed(centre, 2, neighbours=None)
    assert checks == [True, True, True, None, None]
    signed = envelope(centre, 2)
    assert verdict(examine(record_of(signed), signed, centre.public_key, None))


def test_another_key_is_not_the_centres(centre: Centre) -> None:
    """The key that travels in the envelope proves nothing."""
    assert passed(centre, 2, key=Centre().public_key) == [False]


def test_changed_bytes_are_not_signed(centre: Centre) -> None:
    """Nor are they in the log."""
    signed = envelope(centre, 2)
    entry = log_pb2.Entry.FromString(signed.entry)
    entry.published.editions[0].title = "Something else"
    signed.entry = entry.SerializeToString()
    assert passed(centre, 2, envelope=signed) == [True, False, True, False, True]


def test_a_proof_of_another_record_proves_nothing(centre: Centre) -> None:
    """However genuine it is."""
    other = record_of(envelope(centre, 3))
    assert passed(centre, 2, record_id=other) == [True, True, False, True, True]


def test_an_entry_that_does_not_follow_is_seen(centre: Centre) -> None:
    """The log holds another entry before it than the one it names, or none."""
    second = envelope(centre, 2).entry
    third = envelope(centre, 3).entry
    assert passed(centre, 2, neighbours=[third, second])[-1] is False
    assert passed(centre, 2, neighbours=[second])[-1] is False


def test_a_proof_needs_all_its_parts(centre: Centre) -> None:
    """In base64."""
    signed = envelope(centre, 1)
    document = {
        "entry": b64encode(signed.entry).decode(),
        "signature": b64encode(signed.signature).decode(),
        "key": b64encode(signed.key).decode(),
    }
    assert read_envelope(document) == signed
    for broken in ({**document, "key": "?"}, {"entry": document["entry"]}, {**document, "key": 1}):
        with pytest.raises(ProofUnreadable):
            read_envelope(broken)
