"""A centre that withdraws or rewrites too much at once is held, until the hub's admin decides."""

from datetime import timedelta

import pytest
import time_machine

from bri_hub import administration, service
from bri_hub.brake import Limits
from bri_hub.ingest import judging
from bri_hub.tables import Disturbance, Early
from bri_kit import clock
from bri_kit.errors import IllegalTransition
from tests.support.centres import Centre, a_record
from tests.unit.hub.hub import Hub, answers

LIMITS = Limits(records=3, share=0.25)


@pytest.fixture
def ids(hub: Hub, sco: Centre) -> list[str]:
    """Twelve records that the hub shows, written now."""
    hub.limits = LIMITS
    sco.at = clock.timestamp()
    ids = [sco.record_id() for _ in range(12)]
    hub.take(*(sco.publish(a_record(each)) for each in ids))
    return ids


def shown(hub: Hub) -> int:
    return sum(state == "published" for _, _, state, _ in hub.states())


def verdicts(hub: Hub, *envelopes: bytes) -> list[str]:
    return [verdict for _, verdict, _ in answers(hub.take(*envelopes))]


def test_a_burst_is_held_where_it_becomes_one(hub: Hub, sco: Centre, ids: list[str]) -> None:
    """What came before it applies; it and everything after waits, new records too."""
    outcome = hub.take(*(sco.retract(each) for each in ids[:6]), sco.publish())
    assert [verdict for _, verdict, _ in answers(outcome)] == ["ACCEPTED"] * 3 + ["HELD"] * 4
    assert {reason for _, verdict, reason in answers(outcome) if verdict == "HELD"} == {"brake"}
    assert [each.event for each in outcome.alarms] == ["brake.held"]
    assert "From entry 16 on the hub holds" in outcome.receipts[0].receipts[-1].detail
    assert (hub.centre().number, hub.centre().newest, hub.count(Early)) == (15, 19, 4)
    assert (shown(hub), outcome.gaps) == (9, {"sco": None})
    [status] = hub.ask(service.read_status)["centres"]
    assert status["hold"] | {"since": ""} == {
        "from": 16, "since": "", "disturbed": 4, "records": 12,
    }  # fmt: skip


def test_rewriting_counts_as_withdrawing_does(hub: Hub, sco: Centre, ids: list[str]) -> None:
    """And both add up, over batches, as they would after a restart."""
    assert verdicts(hub, sco.publish(a_record(ids[0], 2)), sco.retract(ids[1])) == ["ACCEPTED"] * 2
    assert verdicts(hub, sco.publish(a_record(ids[0], 3))) == ["ACCEPTED"]
    assert verdicts(hub, sco.publish(a_record(ids[2], 2))) == ["ACCEPTED"]
    assert verdicts(hub, sco.publish(a_record(ids[3], 2))) == ["HELD"]
    assert verdicts(hub, sco.publish(a_record(ids[0], 4))) == ["HELD"]


def test_new_records_are_never_braked(hub: Hub, sco: Centre, ids: list[str]) -> None:
    """However many."""
    assert verdicts(hub, *(sco.publish() for _ in range(200))) == ["ACCEPTED"] * 200
    assert hub.count(Disturbance) == 0


def test_an_entry_that_changes_nothing_is_not_counted(
    hub: Hub, sco: Centre, ids: list[str]
) -> None:
    """A rejected one leaves the record as it was."""
    stale = [sco.publish(a_record(each, 1)) for each in ids]
    assert verdicts(hub, *stale) == ["REJECTED"] * 12


def test_an_hour_later_it_counts_anew(hub: Hub, sco: Centre, ids: list[str]) -> None:
    """The window slides, and what has left it is forgotten."""
    hub.take(*(sco.retract(each) for each in ids[:3]))
    with time_machine.travel(clock.now() + timedelta(seconds=3_700)):
        sco.at = clock.timestamp()
        assert verdicts(hub, *(sco.retract(each) for each in ids[3:7])) == [
            "ACCEPTED", "ACCEPTED", "ACCEPTED", "HELD",
        ]  # fmt: skip
        assert hub.count(Disturbance) == 6, "they are kept for the longer window"
    with time_machine.travel(clock.now() + timedelta(days=8)):
        sco.at = clock.timestamp()
        hub.decide(administration.release)
        hub.take_released()
        assert verdicts(hub, sco.retract(ids[7])) == ["ACCEPTED"]
        assert hub.count(Disturbance) == 1


def test_publishing_first_makes_no_room(hub: Hub, sco: Centre, ids: list[str]) -> None:
    """The share is of what was shown when the window began, however much came since."""
    hub.limits = Limits(records=3, share=0.5, long_share=1.0)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        sco.at = clock.timestamp()
        assert set(verdicts(hub, *(sco.publish() for _ in range(100)))) == {"ACCEPTED"}
        outcome = verdicts(hub, *(sco.retract(each) for each in ids))
    assert outcome == ["ACCEPTED"] * 6 + ["HELD"] * 6
    [status] = hub.ask(service.read_status)["centres"]
    assert (status["hold"]["disturbed"], status["hold"]["records"]) == (7, 12)


def test_waiting_after_publishing_makes_no_room_either(
    hub: Hub, sco: Centre, ids: list[str]
) -> None:
    """What was there a week ago is protected by a window of its own, also against a few an hour."""
    hub.limits = Limits(records=3, share=0.25, long_share=0.5)
    passed = 0
    with time_machine.travel(clock.now() + timedelta(days=8)):
        sco.at = clock.timestamp()
        hub.take(*(sco.publish() for _ in range(100)))
    for hour, record in enumerate(ids):
        with time_machine.travel(clock.now() + timedelta(days=8, hours=2 * hour + 2)):
            sco.at = clock.timestamp()
            passed += verdicts(hub, sco.retract(record)) == ["ACCEPTED"]
    assert passed == 6


def test_rewriting_everything_is_held_too(hub: Hub, sco: Centre, ids: list[str]) -> None:
    """Making nonsense of a record is as good as withdrawing it."""
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        sco.at = clock.timestamp()
        hub.take(*(sco.publish() for _ in range(100)))
        outcome = verdicts(hub, *(sco.publish(a_record(each, 2, en="x")) for each in ids))
    assert outcome == ["ACCEPTED"] * 3 + ["HELD"] * 9


def test_what_was_released_applies(hub: Hub, sco: Centre, ids: list[str]) -> None:
    """Without another word, and is not counted; the next burst is held again."""
    hub.take(*(sco.retract(each) for each in ids[:8]))
    told = hub.decide(administration.release, "announced by telephone")
    assert told["hold"] is None
    outcome = hub.take_released()
    assert [verdict for _, verdict, _ in answers(outcome)] == ["ACCEPTED"] * 5
    assert (shown(hub), hub.centre().number, hub.count(Early)) == (4, 20, 0)
    assert verdicts(hub, *(sco.retract(each) for each in ids[8:])) == ["ACCEPTED"] * 3 + ["HELD"]


def test_what_was_refused_is_rejected_and_the_log_goes_on(
    hub: Hub, sco: Centre, ids: list[str]
) -> None:
    """Records stay as they were; new ones that waited behind are taken; the editor is told why."""
    hub.take(*(sco.retract(each) for each in ids[:5]), sco.publish(a_record(ids[5], 2)))
    hub.take(sco.publish())
    hub.decide(administration.refuse, "nobody at the centre knows of it")
    outcome = hub.take_released()
    assert answers(outcome) == [
        (16, "REJECTED", "refused-by-hub"),
        (17, "REJECTED", "refused-by-hub"),
        (18, "REJECTED", "refused-by-hub"),
        (19, "ACCEPTED", ""),
    ]
    assert "nobody at the centre knows of it" in outcome.receipts[0].receipts[0].detail
    assert shown(hub) == 10


def test_a_refusal_gives_no_second_share(hub: Hub, sco: Centre, ids: list[str]) -> None:
    """What was withdrawn before it stays counted, and publishing in the meantime makes no room;
    an hour later the centre goes on."""
    hub.take(*(sco.retract(each) for each in ids[:5]))
    hub.decide(administration.refuse, "nobody at the centre knows of it")
    hub.take_released()
    assert set(verdicts(hub, *(sco.publish() for _ in range(100)))) == {"ACCEPTED"}
    assert verdicts(hub, sco.retract(ids[5]), sco.retract(ids[6])) == ["HELD"] * 2
    assert shown(hub) == 109
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        sco.at = clock.timestamp()
        hub.decide(administration.refuse, "the script again")
        hub.take_released()
        assert verdicts(hub, sco.retract(ids[7])) == ["ACCEPTED"]


def test_what_waits_is_bounded_and_decided_about_with_the_rest(
    hub: Hub, sco: Centre, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was let go is asked for afterwards, and the decision holds for it too."""
    monkeypatch.setattr(judging, "EARLY_WINDOW", 2)
    held = [sco.retract(each) for each in ids[:8]]
    hub.take(*held)
    assert hub.count(Early) == 2
    hub.decide(administration.refuse)
    gap = hub.take_released().gaps["sco"]
    assert gap is not None
    assert (gap.first, gap.last) == (18, 20)
    assert verdicts(hub, *held[gap.first - 13 :]) == ["REJECTED"] * 3


def test_repeats_while_it_is_held_change_nothing(hub: Hub, sco: Centre, ids: list[str]) -> None:
    """They are answered again."""
    burst = [sco.retract(each) for each in ids[:5]]
    hub.take(*burst)
    states = hub.states()
    assert verdicts(hub, *burst) == ["ACCEPTED"] * 3 + ["HELD"] * 2
    assert hub.states() == states


def test_years_of_history_are_not_a_burst(hub: Hub) -> None:
    """A new hub reads in minutes what took years; what is established counts by when it arrives."""
    hub.limits = LIMITS
    old = Centre("kz-igtic")
    old.at = "2020-01-01T00:00:00.000Z"
    hub.admit(old)
    ids = [old.record_id() for _ in range(12)]
    history = [old.publish(a_record(each)) for each in ids]
    history += [old.publish(a_record(each, 2)) for each in ids]
    outcome = hub.take(*history, code="kz-igtic")
    assert {verdict for _, verdict, _ in answers(outcome)} == {"ACCEPTED"}
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        backdated = [old.retract(each, 2) for each in ids]
        outcome = hub.take(*backdated, code="kz-igtic")
    assert [verdict for _, verdict, _ in answers(outcome)] == ["ACCEPTED"] * 3 + ["HELD"] * 9


def test_a_time_that_is_none_counts_as_now(hub: Hub, sco: Centre, ids: list[str]) -> None:
    """Nobody gets past the brake by writing nonsense."""
    sco.at = "long ago"
    assert verdicts(hub, *(sco.retract(each) for each in ids[:4])) == ["ACCEPTED"] * 3 + ["HELD"]


def test_other_centres_go_on(hub: Hub, sco: Centre, ids: list[str]) -> None:
    """A hold is of one log."""
    asean = Centre("asean")
    hub.admit(asean)
    hub.take(*(sco.retract(each) for each in ids))
    assert answers(hub.take(asean.publish(), code="asean")) == [(1, "ACCEPTED", "")]


def test_a_key_that_is_rotated_behind_a_hold_counts_once_it_is_let_go(
    hub: Hub, sco: Centre, ids: list[str]
) -> None:
    """The rotation waits with the rest."""
    burst = [*(sco.retract(each) for each in ids[:4]), sco.rotate(), sco.publish()]
    hub.take(*burst)
    before = hub.centre().public_key
    assert before != sco.public_key
    hub.decide(administration.release)
    hub.take_released()
    assert hub.take(sco.publish()).receipts[0].head == hub.centre().number == 19
    assert hub.centre().public_key == sco.public_key


def test_there_is_nothing_to_decide_where_nothing_is_held(
    hub: Hub, sco: Centre, ids: list[str]
) -> None:
    """Nobody believes to have done something."""
    for step in (administration.release, administration.refuse):
        with pytest.raises(IllegalTransition):
            hub.decide(step)
