"""What becomes of a batch: judged, applied and answered in one transaction."""

import pytest
from nacl.signing import SigningKey
from sqlmodel import select

from bri_hub.domain import Gap
from bri_hub.ingest import judging
from bri_hub.ingest.pipeline import Arrival, apply_batch, read_batch
from bri_hub.repository import journal
from bri_hub.repository.changelog import read_changes
from bri_hub.tables import Early, Entry, Record
from bri_kit import database, log
from tests.support.centres import AT, Centre, a_record
from tests.unit.hub.hub import Hub, answers


def test_a_batch_moves_the_head_and_is_answered(hub: Hub, sco: Centre) -> None:
    """Each entry gets a receipt with its hash; the head of the log is that of the last."""
    outcome = hub.take(sco.publish(), sco.publish())
    assert answers(outcome) == [(1, "ACCEPTED", ""), (2, "ACCEPTED", "")]
    (receipts,) = outcome.receipts
    assert (receipts.centre, receipts.head) == ("sco", 2)
    assert receipts.receipts[1].hash == sco.head
    centre = hub.centre()
    assert (centre.number, centre.head, centre.records) == (2, sco.head, 2)
    assert outcome.head == 2


def test_an_entry_is_kept_byte_for_byte(hub: Hub, sco: Centre) -> None:
    """What is kept is what arrived."""
    hub.take(sco.publish())
    with database.reading(hub.engine) as session:
        assert session.exec(select(Entry.envelope)).one() == sco.entries[0]


def test_an_authentic_entry_with_bad_content_stays_in_the_log(hub: Hub, sco: Centre) -> None:
    """It is rejected in words, the head moves, and the next one goes through."""
    record = a_record(sco.record_id())
    record.topics.append("no-such-topic")
    outcome = hub.take(sco.publish(record), sco.publish())
    assert answers(outcome) == [(1, "REJECTED", "invalid-content"), (2, "ACCEPTED", "")]
    assert "no-such-topic" in outcome.receipts[0].receipts[0].detail
    centre = hub.centre()
    assert (centre.number, centre.rejected, centre.records) == (2, 1, 1)
    assert hub.count(Entry) == 2
    assert hub.count(Record) == 1


def test_a_language_that_the_centre_does_not_publish_in_is_rejected(hub: Hub, sco: Centre) -> None:
    """The rules are those of the centre that publishes."""
    outcome = hub.take(sco.publish(a_record(sco.record_id(), vi="Rác thải")))
    assert answers(outcome) == [(1, "REJECTED", "invalid-content")]


def test_a_record_id_that_is_none_is_rejected(hub: Hub, sco: Centre) -> None:
    """The centre signed it, so it is part of the log, but nobody could ask for it."""
    outcome = hub.take(sco.publish(a_record("sco:not-a-ulid")))
    assert answers(outcome) == [(1, "REJECTED", "invalid-content")]


def test_a_repeat_is_answered_and_changes_nothing(hub: Hub, sco: Centre) -> None:
    """Also in the same batch; a rejected one gets its rejection again."""
    bad = a_record(sco.record_id())
    bad.kind = 0  # type: ignore[assignment]
    first, second = sco.publish(), sco.publish(bad)
    hub.take(first, second, first)
    states = hub.states()
    outcome = hub.take(first, second)
    assert answers(outcome) == [(1, "ACCEPTED", ""), (2, "REJECTED", "invalid-content")]
    assert outcome.receipts[0].receipts[1].detail
    assert hub.states() == states
    assert hub.centre().rejected == 1


def test_revised_twice_in_one_batch_is_one_change(hub: Hub, sco: Centre) -> None:
    """The change log holds the newest, at its end."""
    first, other = sco.record_id(), sco.record_id()
    hub.take(
        sco.publish(a_record(first)),
        sco.publish(a_record(other)),
        sco.publish(a_record(first, 2)),
        sco.publish(a_record(first, 3)),
    )
    assert hub.states() == [(other, 1, "published", 2), (first, 3, "published", 4)]
    hub.take(sco.publish(a_record(other, 2)))
    assert [row[0] for row in hub.states()] == [first, other]
    assert hub.centre().records == 2


def test_a_stale_revision_is_rejected(hub: Hub, sco: Centre) -> None:
    """What the hub holds stays."""
    record_id = sco.record_id()
    hub.take(sco.publish(a_record(record_id, 2)))
    outcome = hub.take(sco.publish(a_record(record_id, 2)))
    assert answers(outcome) == [(2, "REJECTED", "stale-revision")]
    assert hub.states() == [(record_id, 2, "published", 1)]


def test_withdrawn_and_published_again(hub: Hub, sco: Centre) -> None:
    """A retraction is a change; so is the same revision coming back after it."""
    record_id = sco.record_id()
    hub.take(sco.publish(a_record(record_id)), sco.retract(record_id))
    assert hub.states() == [(record_id, 1, "retracted", 2)]
    assert hub.centre().records == 0
    outcome = hub.take(sco.retract(record_id), sco.publish(a_record(record_id)))
    assert answers(outcome) == [(3, "REJECTED", "already-retracted"), (4, "ACCEPTED", "")]
    assert hub.states() == [(record_id, 1, "published", 3)]
    assert hub.centre().records == 1


def test_what_was_never_published_cannot_be_retracted(hub: Hub, sco: Centre) -> None:
    """The entry is part of the log, and nothing comes of it."""
    assert answers(hub.take(sco.retract(sco.record_id()))) == [(1, "REJECTED", "unknown-record")]
    assert hub.states() == []


def test_a_gap_is_noticed_and_what_waits_is_applied_when_it_fills(hub: Hub, sco: Centre) -> None:
    """Nothing is answered early; all is applied in the order of the log."""
    one, two, three, four = (sco.publish() for _ in range(4))
    outcome = hub.take(one, four, three)
    assert answers(outcome) == [(1, "ACCEPTED", "")]
    assert outcome.gaps == {"sco": Gap(2, 2)}
    assert (hub.centre().newest, hub.count(Early)) == (4, 2)
    assert hub.centre().behind_since is not None
    outcome = hub.take(two)
    assert [number for number, _, _ in answers(outcome)] == [2, 3, 4]
    assert outcome.gaps == {"sco": None}
    assert (hub.centre().number, hub.count(Early)) == (4, 0)
    assert hub.centre().behind_since is None
    assert [change for _, _, _, change in hub.states()] == [1, 2, 3, 4]


def test_more_waits_than_one_page(hub: Hub, sco: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is taken a page at a time, up to the next gap."""
    monkeypatch.setattr(judging, "_EARLY_PAGE", 2)
    entries = [sco.publish() for _ in range(9)]
    hub.take(*entries[1:7], entries[8])
    outcome = hub.take(entries[0])
    assert [number for number, _, _ in answers(outcome)] == [1, 2, 3, 4, 5, 6, 7]
    assert outcome.gaps == {"sco": Gap(8, 8)}


def test_what_is_far_ahead_is_let_go_but_known_to_be_missing(
    hub: Hub, sco: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window bounds what waits; the number is remembered, so that it is asked for."""
    monkeypatch.setattr(judging, "EARLY_WINDOW", 2)
    entries = [sco.publish() for _ in range(5)]
    outcome = hub.take(entries[1], entries[4])
    assert hub.count(Early) == 1
    assert outcome.gaps == {"sco": Gap(1, 1)}
    assert hub.take(entries[0]).gaps == {"sco": Gap(3, 5)}


def test_a_waiting_entry_that_does_not_fit_is_refused(hub: Hub, sco: Centre) -> None:
    """It was signed, but its key has handed over meanwhile; its number is missing again."""
    old, one = sco.key, sco.rotate()
    stray = log.seal(
        log.published(a_record(sco.record_id())),
        centre="sco",
        number=2,
        previous=sco.head,
        at=AT,
        key=old,
    )
    hub.take(stray.SerializeToString())
    outcome = hub.take(one)
    assert answers(outcome) == [(1, "ACCEPTED", ""), (2, "REFUSED", "retired-key")]
    assert hub.count(Early) == 0
    assert answers(hub.take(sco.publish())) == [(2, "ACCEPTED", "")]


def test_a_batch_that_fails_leaves_nothing_and_can_be_applied_again(
    hub: Hub, sco: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it or nothing: the head, the entries, the records."""
    envelopes = [sco.publish(), sco.publish()]
    with monkeypatch.context() as patch:
        patch.setattr(journal, "put_records", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            hub.take(*envelopes)
    assert (hub.centre().number, hub.count(Entry), hub.count(Record)) == (0, 0, 0)
    assert answers(hub.take(*envelopes)) == [(1, "ACCEPTED", ""), (2, "ACCEPTED", "")]


def test_many_centres_in_one_batch_keep_apart(hub: Hub, sco: Centre) -> None:
    """Each has its own head; the change log is one."""
    asean = Centre("asean", SigningKey.generate())
    hub.admit(asean)
    mixed = [
        Arrival("sco", sco.publish()),
        Arrival("asean", asean.publish()),
        Arrival("sco", sco.publish()),
    ]
    outcome = apply_batch(hub.engine, read_batch(hub.engine, mixed))
    assert [(each.centre, each.head) for each in outcome.receipts] == [("sco", 2), ("asean", 1)]
    with database.reading(hub.engine) as session:
        page = read_changes(session, 0)
    assert [change.number for change in page.changes] == [1, 2, 3]
    assert page.head == 3
