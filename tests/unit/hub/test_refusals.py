"""What proves nothing is refused, kept as evidence, and holds nobody up."""

import pytest
from bri.log.v1 import log_pb2
from sqlmodel import select

from bri_hub.ingest.pipeline import Arrival, apply_batch, read_batch
from bri_hub.repository import journal
from bri_hub.tables import Refusal
from bri_kit import database, log
from tests.support.centres import AT, Centre, a_record
from tests.unit.hub.hub import Hub, answers


def bent(envelope: bytes, **changes: bytes) -> bytes:
    signed = log_pb2.SignedEntry.FromString(envelope)
    for name, value in changes.items():
        setattr(signed, name, value)
    return signed.SerializeToString()


def hostile(sco: Centre, name: str) -> bytes:
    """Bytes that must be refused as entry 2 of `sco`."""
    stranger = Centre("sco")
    stranger.publish()
    other = Centre("asean", key=sco.key)
    good = Centre("sco", key=sco.key)
    good.entries, good.head = list(sco.entries), sco.head
    match name:
        case "not-an-entry":
            return b"\xff\xfe these are not the bytes you are looking for"
        case "signature-mismatch":
            return bent(good.publish(), signature=bytes(64))
        case "unknown-key":
            return stranger.publish()
        case "foreign-entry":
            return other.publish()
        case "invalid-rotation":
            return good.rotate(sco.key)
        case _:
            return bent(good.publish(), entry=bytes(log.MAX_ENTRY_BYTES + 1))


@pytest.mark.parametrize(
    "fault",
    [
        "not-an-entry",
        "signature-mismatch",
        "unknown-key",
        "foreign-entry",
        "invalid-rotation",
        "too-large",
    ],
)
def test_refused_bytes_leave_evidence_and_the_next_entry_goes_through(
    hub: Hub, sco: Centre, fault: str
) -> None:
    """The head does not move; a receipt tells the fault and the hash of the bytes."""
    hub.take(sco.publish())
    bad = hostile(sco, fault)
    outcome = hub.take(bad, sco.publish())
    verdicts = {(verdict, reason) for _, verdict, reason in answers(outcome)}
    assert verdicts == {("REFUSED", fault), ("ACCEPTED", "")}
    assert [refused.fault for _, refused in outcome.refused] == [fault]
    assert all(each.detail for each in outcome.receipts[0].receipts if each.reason)
    centre = hub.centre()
    assert (centre.number, centre.head, centre.refused) == (2, sco.head, 1)
    with database.reading(hub.engine) as session:
        refusal = session.exec(select(Refusal)).one()
        assert (refusal.fault, refusal.size, refusal.beginning) == (fault, len(bad), bad[:64])


def test_an_unknown_centre_is_refused_and_admitted_later(hub: Hub) -> None:
    """The receipt carries the entry's number and hash, so that the node knows which it was."""
    stranger = Centre("kz-igtic")
    outcome = hub.take(stranger.publish(), code="kz-igtic")
    assert answers(outcome) == [(1, "REFUSED", "unknown-centre")]
    assert outcome.receipts[0].receipts[0].hash == stranger.head
    hub.admit(stranger)
    assert answers(hub.take(*stranger.entries, code="kz-igtic")) == [(1, "ACCEPTED", "")]


def test_a_centre_admitted_between_reading_and_writing_is_judged_as_such(hub: Hub) -> None:
    """What was read ahead holds only for the key and languages it was read with."""
    stranger = Centre("kz-igtic")
    batch = read_batch(hub.engine, [Arrival("kz-igtic", stranger.publish())])
    hub.admit(stranger)
    assert answers(apply_batch(hub.engine, batch)) == [(1, "ACCEPTED", "")]


def test_a_centre_cannot_sign_for_another(hub: Hub, sco: Centre) -> None:
    """Neither under its own subject nor under the other's."""
    asean = Centre("asean")
    hub.admit(asean)
    foreign = Centre("asean", key=sco.key).publish()
    assert answers(hub.take(foreign)) == [(1, "REFUSED", "foreign-entry")]
    assert answers(hub.take(foreign, code="asean")) == [(1, "REFUSED", "unknown-key")]
    assert answers(hub.take(asean.publish(), code="asean")) == [(1, "ACCEPTED", "")]


def test_a_number_that_no_database_holds_is_no_entry(hub: Hub, sco: Centre) -> None:
    """One centre's absurd entry must not stop the others' batch."""
    absurd = log.seal(
        log.published(a_record(sco.record_id())),
        centre="sco",
        number=2**64 - 1,
        previous=bytes(32),
        at=AT,
        key=sco.key,
    )
    outcome = hub.take(absurd.SerializeToString(), sco.publish())
    assert answers(outcome) == [(0, "REFUSED", "not-an-entry"), (1, "ACCEPTED", "")]


def test_evidence_of_refusals_is_bounded(
    hub: Hub, sco: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood costs no more than KEEP_REFUSALS rows, and is still counted."""
    monkeypatch.setattr(journal, "KEEP_REFUSALS", 3)
    hub.take(*[b"junk"] * 5)
    hub.take(*[b"junk"] * 5)
    with database.reading(hub.engine) as session:
        assert session.exec(select(Refusal.id)).all() == [8, 9, 10]
    assert hub.centre().refused == 10
