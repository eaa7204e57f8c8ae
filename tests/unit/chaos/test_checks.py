"""The checks at the end of a fault test: each must fail when what it guards is broken."""

import pytest

from tests.chaos.checks import Kind, check
from tests.chaos.world import Reach, World
from tests.support.centres import Centre
from tests.unit.chaos.federation import FIRST, REASON, SECOND, Federation, titled, without_log_entry


@pytest.fixture
def federation() -> Federation:
    return Federation()


@pytest.fixture
def world(federation: Federation) -> World:
    return federation.world()


def kinds(world: World) -> set[Kind]:
    return {finding.kind for finding in check(world)}


def test_a_healthy_federation_passes(world: World) -> None:
    """Nothing is found where nothing is wrong."""
    assert check(world) == []


def test_an_acknowledged_publication_that_is_not_in_the_log_is_lost(federation: Federation) -> None:
    """Its editor was told that it is published."""
    federation.promises.published["zqdddddddddd"] = (federation.shown, 2)
    assert kinds(federation.world()) == {Kind.LOST}


def test_an_acknowledged_retraction_that_is_not_in_the_log_is_lost(federation: Federation) -> None:
    """Its editor was told that the record is withdrawn."""
    federation.promises.retracted["zqdddddddddd"] = federation.shown
    assert kinds(federation.world()) == {Kind.LOST}


def test_an_acknowledged_return_that_is_not_in_the_log_is_lost(federation: Federation) -> None:
    """Its editor was told that the record is published again."""
    federation.promises.republished.add((federation.gone, 2))
    assert kinds(federation.world()) == {Kind.LOST}


def test_an_acknowledged_return_is_in_the_log(federation: Federation) -> None:
    """The same text under a new revision is no duplicate where it was asked for."""
    federation.centre.publish(titled(federation.gone, 2, SECOND))
    federation.promises.republished.add((federation.gone, 2))
    federation.promises.again[federation.gone] += 1
    assert check(federation.world()) == []


def test_an_unacknowledged_write_may_be_there(federation: Federation) -> None:
    """What was asked for and never answered is no fault, done or not."""
    federation.promises.asked.update(["zqdddddddddd", "zqeeeeeeeeee"])
    federation.centre.publish(titled(federation.centre.record_id(), 1, "zqdddddddddd"))
    assert check(federation.world()) == []


def test_what_nobody_published_is_found_out(federation: Federation) -> None:
    """A draft that got into the log, or a text from nowhere."""
    federation.promises.drafts.add("zqdddddddddd")
    federation.centre.publish(titled(federation.centre.record_id(), 1, "zqdddddddddd"))
    assert kinds(federation.world()) == {Kind.UNASKED}


def test_a_text_in_two_records_is_a_duplicate(federation: Federation) -> None:
    """A request that was repeated made two records."""
    federation.centre.publish(titled(federation.centre.record_id(), 1, FIRST))
    assert kinds(federation.world()) == {Kind.DUPLICATED}


def test_a_text_twice_in_one_record_is_a_duplicate(federation: Federation) -> None:
    """A revision was written twice and asked for once."""
    federation.centre.publish(titled(federation.shown, 2, FIRST))
    assert kinds(federation.world()) == {Kind.DUPLICATED}


def test_an_entry_that_the_hub_lacks_is_lost(world: World) -> None:
    """The last one, so that what is left verifies."""
    without_log_entry(world, 3)
    assert kinds(world) == {Kind.LOST}


def test_a_gap_in_the_hubs_log_does_not_verify(world: World) -> None:
    """The chain is broken where an entry is missing."""
    without_log_entry(world, 2)
    assert kinds(world) == {Kind.LOST, Kind.UNVERIFIED}


def test_an_entry_with_other_bytes_at_the_hub_is_lost(world: World) -> None:
    """One bit is enough."""
    log = dict(world.hub.logs["sco"])
    log[2] = log[2][:-1] + bytes([log[2][-1] ^ 1])
    world.hub.logs = {"sco": log}
    assert kinds(world) == {Kind.LOST, Kind.UNVERIFIED}


def test_an_entry_that_only_the_hub_holds_is_found_out(
    federation: Federation, world: World
) -> None:
    """What a centre did not write never is at the hub."""
    world.hub.logs = {"sco": {**world.hub.logs["sco"], 4: federation.centre.publish()}}
    assert kinds(world) == {Kind.UNASKED}


def test_a_log_signed_by_another_key_does_not_verify(world: World) -> None:
    """At the node as at the hub."""
    world.nodes[0].key = Centre("sco").public_key
    assert kinds(world) == {Kind.UNVERIFIED}
    assert len(check(world)) == 2


@pytest.mark.parametrize("verdict", [None, "rejected", "refused"])
def test_an_entry_without_an_accepting_receipt_is_found_out(
    world: World, verdict: str | None
) -> None:
    """Everything that was written is right, so every verdict but acceptance is wrong."""
    receipts = {1: "accepted", 3: "accepted"} | ({2: verdict} if verdict else {})
    world.nodes[0].receipts = receipts
    assert kinds(world) == {Kind.UNRECEIPTED}


def test_a_node_that_says_that_entries_wait_is_believed(world: World) -> None:
    """Its report is what an editor sees."""
    world.nodes[0].waiting = 1
    assert kinds(world) == {Kind.UNRECEIPTED}


@pytest.mark.parametrize("where", ["listed", "found"])
def test_a_node_shows_exactly_its_own_records(
    federation: Federation, world: World, where: str
) -> None:
    """In its list and its search: a missing one, one twice, and a retracted one are found out."""
    setattr(world.nodes[0], where, [])
    assert kinds(world) == {Kind.LOST}
    setattr(world.nodes[0], where, [federation.shown] * 2)
    assert kinds(world) == {Kind.DUPLICATED}
    setattr(world.nodes[0], where, [federation.shown, federation.gone])
    assert kinds(world) == {Kind.UNASKED}


def test_the_hub_shows_exactly_what_is_published(federation: Federation, world: World) -> None:
    """A missing record, one twice, a retracted one, and one by an old entry are found out."""
    world.hub.listed = []
    assert kinds(world) == {Kind.LOST}
    world.hub.listed = [(federation.shown, 1)] * 2
    assert kinds(world) == {Kind.DUPLICATED}
    world.hub.listed = [(federation.shown, 1), (federation.gone, 2)]
    assert kinds(world) == {Kind.UNASKED}
    world.hub.listed = [(federation.shown, 2)]
    assert kinds(world) == {Kind.LOST}


def test_a_proof_is_the_newest_entry_of_its_record(federation: Federation, world: World) -> None:
    """An older entry proves what is no longer so."""
    world.hub.proofs = {federation.gone: federation.centre.entries[1]}
    assert kinds(world) == {Kind.LOST}
    world.hub.proofs = {federation.gone: b""}
    assert kinds(world) == {Kind.LOST}


def test_a_replica_that_lacks_a_record_has_lost_it(world: World) -> None:
    """By its list and by its count."""
    world.replicas[1].listed, world.replicas[1].count = [], 0
    assert kinds(world) == {Kind.LOST}
    assert len(check(world)) == 2


def test_a_replica_that_counts_more_than_there_are_is_found_out(world: World) -> None:
    """A record that no list shows is still in the index."""
    world.replicas[0].count += 1
    assert kinds(world) == {Kind.UNASKED}


def test_a_replica_that_shows_a_record_twice_is_found_out(world: World) -> None:
    """One card a record."""
    world.replicas[0].listed = [*world.replicas[0].listed] * 2
    assert kinds(world) == {Kind.DUPLICATED}


def test_a_replica_that_shows_a_retracted_record_is_found_out(
    federation: Federation, world: World
) -> None:
    """What is withdrawn is in no index."""
    world.replicas[0].listed = [*world.replicas[0].listed, (federation.gone, SECOND)]
    assert kinds(world) == {Kind.UNASKED}


def test_a_replica_that_shows_an_old_revision_is_found_out(federation: Federation) -> None:
    """The title is that of the newest entry."""
    federation.publish(federation.shown, 2, "zqdddddddddd")
    world = federation.world()
    assert check(world) == []
    world.replicas[0].listed = [(federation.shown, f"Solid waste {FIRST}")]
    assert kinds(world) == {Kind.LOST}


def test_a_record_on_the_card_of_its_story_is_shown(federation: Federation, world: World) -> None:
    """It has no title of its own there, and counts as one."""
    world.replicas[0].listed = [(federation.shown, "")]
    assert check(world) == []


def test_a_record_that_its_own_words_do_not_find_is_lost(
    federation: Federation, world: World
) -> None:
    """It may be listed and yet not be findable."""
    world.replicas[0].not_found = [federation.shown]
    assert kinds(world) == {Kind.LOST}


def test_a_retracted_record_that_can_be_reached_is_found_out(
    federation: Federation, world: World
) -> None:
    """By whichever door."""
    world.reached = [Reach(federation.gone, "the hub's search")]
    assert kinds(world) == {Kind.REACHABLE}


def test_a_complaint_of_a_writer_is_a_finding(world: World) -> None:
    """A wrong answer is wrong however well all ends."""
    world.nodes[0].promises.complaints.append("sco: create: 401")
    assert kinds(world) == {Kind.COMPLAINT}


def test_marks_are_read_from_titles_and_reasons(world: World) -> None:
    """What is published and what is retracted is told by the newest entry of each record."""
    assert [line.mark for line in world.published.values()] == [FIRST]
    assert [line.mark for line in world.retracted.values()] == [REASON]
    assert [*world.titles.values()] == [{FIRST}, {SECOND}]
