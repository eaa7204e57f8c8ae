"""Two authentic entries of one number suspend a centre, and both are kept; nothing else does."""

import pytest
from bri.log.v1 import log_pb2
from sqlmodel import Session

from bri_hub import administration
from bri_hub.administration import Decision
from bri_hub.domain import CentreState
from bri_hub.ingest import judging
from bri_hub.repository import changelog, standing
from bri_hub.tables import Early, Evidence
from bri_kit import log
from tests.support.centres import Centre, a_record
from tests.unit.hub.hub import Hub, answers


def resume(session: Session, decision: Decision) -> dict[str, object]:
    return administration.set_state(session, decision, "resume")


def twin_of(centre: Centre, number: int) -> Centre:
    """The same centre, whose log went another way after `number`."""
    twin = Centre(centre.code, centre.key)
    twin.entries = centre.entries[:number]
    if number:
        last = log_pb2.SignedEntry.FromString(twin.entries[-1])
        twin.head = log.entry_hash(last.entry)
    return twin


def evidence(hub: Hub) -> list[tuple[int, str, bytes]]:
    def read(session: Session) -> list[tuple[int, str, bytes]]:
        rows = standing.read_evidence(session, "sco")
        return [(row.fork, row.role, row.envelope) for row in rows]

    return hub.ask(read)


def test_a_second_entry_of_a_number_suspends_at_once(hub: Hub, sco: Centre) -> None:
    """Both envelopes are kept, an alarm is raised, the centre is shown no more, and what comes
    after, also in the same batch, waits."""
    hub.take(sco.publish(), sco.publish())
    other = twin_of(sco, 1).publish()
    outcome = hub.take(other, sco.publish())
    assert answers(outcome) == [(2, "REFUSED", "forked-history"), (3, "HELD", "suspended")]
    assert "contradict" in outcome.receipts[0].receipts[1].detail
    assert [(each.event, each.centre) for each in outcome.alarms] == [("history.forked", "sco")]
    assert evidence(hub) == [(2, "other", other), (2, "held", sco.entries[1])]
    assert (hub.centre().state, hub.centre().number) == (CentreState.SUSPENDED, 2)
    page = hub.ask(lambda session: changelog.read_changes(session, 2))
    assert [change.hidden for change in page.changes] == [True, True]
    assert outcome.head == page.head == 4
    assert outcome.gaps == {"sco": None}
    [line] = hub.ask(lambda session: administration.list_audit(session, "", "", 9)["items"])
    assert (line["actor"], line["action"], line["centre"]) == ("hub", "suspend", "sco")


def test_an_entry_that_denies_its_predecessor_is_a_fork(hub: Hub, sco: Centre) -> None:
    """It proves that there was another entry before it, whether it came in time or waited."""
    hub.take(sco.publish())
    twin = twin_of(sco, 0)
    twin.publish()
    hub.take(other := twin.publish())
    assert hub.centre().state == CentreState.SUSPENDED
    assert evidence(hub) == [(2, "other", other), (2, "held", sco.entries[0])]


def test_two_that_wait_for_others_are_a_fork_too(hub: Hub, sco: Centre) -> None:
    """In one batch or in two; the same one twice is none."""
    sco.publish()
    one = sco.publish()
    other = twin_of(sco, 1).publish(a_record(sco.record_id()))
    hub.take(one, one)
    assert hub.centre().state == CentreState.ACTIVE
    hub.take(other)
    assert hub.centre().state == CentreState.SUSPENDED
    assert evidence(hub) == [(2, "other", other), (2, "held", one)]
    assert hub.count(Early) == 1


def test_a_broker_cannot_suspend_a_centre(hub: Hub, sco: Centre) -> None:
    """Corrupted, truncated and re-signed copies, and inventions, are refused, and that is all."""
    hub.take(sco.publish(), sco.publish())
    stranger = twin_of(sco, 1)
    invented = log_pb2.SignedEntry.FromString(stranger.publish())
    invented.signature = bytes(64)
    foreign = Centre("sco")
    foreign.publish()
    foreign.publish()
    bent = [invented.SerializeToString(), sco.entries[1][:-9], *foreign.entries]
    outcome = hub.take(*bent, *sco.entries)
    assert {verdict for _, verdict, _ in answers(outcome)} == {"REFUSED", "ACCEPTED"}
    assert hub.centre().state == CentreState.ACTIVE
    assert evidence(hub) == []


def test_evidence_holds_where_its_own_signature_was_spoiled(hub: Hub, sco: Centre) -> None:
    """The entries that vouch for it are kept with it."""
    hub.take(sco.publish(), sco.publish(), sco.publish())
    twin = twin_of(sco, 1)
    spoiled = log_pb2.SignedEntry.FromString(twin.publish())
    spoiled.signature = bytes(64)
    witness = twin.publish()
    hub.take(spoiled.SerializeToString(), witness)
    kept = [(role, envelope) for fork, role, envelope in evidence(hub) if fork == 2]
    assert kept == [
        ("other", spoiled.SerializeToString()),
        ("witness", witness),
        ("held", sco.entries[1]),
    ]


def test_after_a_resume_the_log_goes_on_and_old_evidence_is_no_news(hub: Hub, sco: Centre) -> None:
    """Who kept a copy of the contradiction cannot have the centre suspended again with it."""
    hub.take(sco.publish())
    other = twin_of(sco, 0).publish()
    hub.take(other, sco.publish(), sco.publish())
    assert hub.centre().number == 1
    hub.decide(resume)
    outcome = hub.take_released()
    assert answers(outcome) == [(2, "ACCEPTED", ""), (3, "ACCEPTED", "")]
    assert answers(hub.take(other)) == [(1, "REFUSED", "forked-history")]
    assert hub.centre().state == CentreState.ACTIVE
    hub.take(twin_of(sco, 1).publish())
    assert hub.centre().state == CentreState.SUSPENDED


def test_evidence_is_bounded(hub: Hub, sco: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """A centre that forks for ever costs no more than MAX_FORKS."""
    monkeypatch.setattr(standing, "MAX_FORKS", 2)
    hub.take(sco.publish())
    hub.take(*(twin_of(sco, 0).publish() for _ in range(5)))
    assert hub.count(Evidence) == 4


def test_what_waits_while_suspended_is_bounded_and_asked_for_after(
    hub: Hub, sco: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the window it is let go, its number is remembered, and nothing is asked meanwhile."""
    monkeypatch.setattr(judging, "EARLY_WINDOW", 2)
    hub.decide(lambda session, why: administration.set_state(session, why, "suspend"))
    outcome = hub.take(*(sco.publish() for _ in range(4)))
    assert [verdict for _, verdict, _ in answers(outcome)] == ["HELD"] * 4
    assert (hub.count(Early), outcome.gaps) == (2, {"sco": None})
    hub.decide(resume)
    outcome = hub.take_released()
    assert [number for number, _, _ in answers(outcome)] == [1, 2]
    gap = outcome.gaps["sco"]
    assert gap is not None
    assert (gap.first, gap.last) == (3, 4)
