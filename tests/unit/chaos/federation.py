"""A whole and healthy world in memory, for tests to spoil in one place."""

from dataclasses import replace

from bri.content.v1 import content_pb2

from tests.chaos.promises import Promises
from tests.chaos.world import HubView, NodeView, ReplicaView, World, read_line
from tests.support.centres import Centre, a_record

FIRST, SECOND, REASON = "zqaaaaaaaaaa", "zqbbbbbbbbbb", "zqcccccccccc"


class Federation:
    """One centre with a record that was revised and one that was retracted, all in order."""

    def __init__(self) -> None:
        self.centre = Centre("sco")
        self.promises = Promises("sco")
        self.shown, self.gone = self.centre.record_id(), self.centre.record_id()
        self.publish(self.shown, 1, FIRST)
        self.publish(self.gone, 1, SECOND)
        self.retract(self.gone, REASON)

    def publish(self, record_id: str, revision: int, mark: str) -> None:
        """Write and acknowledge."""
        self.centre.publish(titled(record_id, revision, mark))
        self.promises.asked.add(mark)
        self.promises.published[mark] = (record_id, revision)

    def retract(self, record_id: str, mark: str) -> None:
        """Write and acknowledge."""
        self.centre.retract(record_id, reason=f"published in error {mark}")
        self.promises.asked.add(mark)
        self.promises.retracted[mark] = record_id

    def world(self) -> World:
        """As it is when everything has healed."""
        envelopes = list(self.centre.entries)
        newest = {line.record_id: line for line in map(read_line, envelopes)}
        public = {key: line for key, line in newest.items() if line.is_publication}
        numbers = range(1, len(envelopes) + 1)
        node = NodeView(
            code="sco",
            key=self.centre.public_key,
            envelopes=envelopes,
            receipts=dict.fromkeys(numbers, "accepted"),
            waiting=0,
            listed=[*public],
            found=[*public],
            promises=self.promises,
        )
        hub = HubView(
            logs={"sco": dict(zip(numbers, envelopes, strict=True))},
            listed=[(key, line.number) for key, line in public.items()],
            proofs={key: envelopes[line.number - 1] for key, line in newest.items()},
        )
        titles = [(key, f"Solid waste {line.mark}") for key, line in public.items()]
        replicas = [ReplicaView(name, len(public), list(titles)) for name in ("a", "b")]
        return World([node], hub, replicas)


def titled(record_id: str, revision: int, mark: str) -> content_pb2.Record:
    """A record whose title holds a mark."""
    return a_record(record_id, revision, en=f"Solid waste {mark}")


def without_log_entry(world: World, number: int) -> None:
    """Take an entry out of what the hub holds."""
    log = dict(world.hub.logs["sco"])
    del log[number]
    world.hub = replace(world.hub, logs={"sco": log})
