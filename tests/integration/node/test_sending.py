"""Sending to a broker that is played and takes what the test has it take."""

from collections.abc import Sequence

import pytest

from bri_kit.publishing import Outgoing
from bri_node.node import Node
from bri_node.sending import Sender
from tests.integration.node.running import RunningNode


class Broker:
    """Stands in for the publisher: takes messages until `room` is used up."""

    def __init__(self, *_: object) -> None:
        self.room = 3
        self.taken: list[Outgoing] = []

    async def publish(self, _subject: str, messages: Sequence[Outgoing]) -> list[str | None]:
        taken, self.room = messages[: self.room], max(self.room - len(messages), 0)
        self.taken += taken
        return [None] * len(taken) + ["no room"] * (len(messages) - len(taken))


@pytest.fixture
async def sender(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> Sender:
    """A sender over a log of five entries, two of which fit a window."""
    monkeypatch.setattr("bri_node.sending.Publisher", Broker)
    monkeypatch.setattr("bri_node.sending.WINDOW", 2)
    for _ in range(5):
        await node.publish()
    running = node.app.state.node
    assert isinstance(running, Node)
    return Sender(running.store, "sco", None, 0)  # type: ignore[arg-type]


def broker_of(sender: Sender) -> Broker:
    assert isinstance(sender._publisher, Broker)
    return sender._publisher


async def test_sending_goes_on_from_the_first_that_was_not_taken(sender: Sender) -> None:
    broker = broker_of(sender)
    assert not await sender.send_new()
    assert (sender.sent, sender.problem) == (3, "no room")
    broker.room = 9
    assert await sender.send_new()
    assert (sender.sent, sender.problem) == (5, "")
    assert len(broker.taken) == 5
    assert len({message.id for message in broker.taken}) == 5


async def test_what_is_sent_again_has_new_ids_and_the_same_bytes(sender: Sender) -> None:
    broker = broker_of(sender)
    broker.room = 100
    await sender.send_new()
    first = broker.taken
    broker.taken = []
    assert await sender.send_again(2, 99)
    assert [message.data for message in broker.taken] == [message.data for message in first[1:]]
    assert not {message.id for message in broker.taken} & {message.id for message in first}
    assert sender.sent == 5
