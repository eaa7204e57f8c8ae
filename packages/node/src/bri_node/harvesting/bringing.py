"""A file's items, brought by somebody: all of them are kept, or none.

The same file brought twice makes nothing new: items are recognised as a source's are, and a source
is what they belong to.
"""

import time
from typing import Any

import orjson

from bri_harvesting.source import Fault
from bri_kit import clock
from bri_kit.errors import FieldError, InvalidInput
from bri_node.actor import Actor
from bri_node.harvesting import keeping, sources
from bri_node.harvesting.inputs import ItemsInput
from bri_node.harvesting.items import prepare
from bri_node.harvesting.keeping import Reading, Tally
from bri_node.harvesting.running import outcome, tell_unstable
from bri_node.node import Node

_TOLD = 100


def bring(node: Node, name: str, sent: ItemsInput, actor: Actor) -> dict[str, Any]:
    """Keep a file's items as those of the source `name`; answers what came of it.

    Raises:
        InvalidInput: with everything that is wrong, item by item; nothing was kept.
        AlreadyExists: the source is read from an address.
        LogUnsettled: nothing can be published just now.
    """
    began_at, started = clock.timestamp(), time.perf_counter()
    prepared, faults = prepare(sent.items, sent.settings, node.profile)
    if faults:
        raise InvalidInput("Nothing was kept: some items break rules.", _told(faults))
    if sent.publish:
        node.centre.seal.gate.wait()
    tally = Tally()
    with node.store.writing() as session:
        row = sources.file_source(session, name, sent.settings, actor.name, publish=sent.publish)
        reading = Reading(node.centre, row, began_at, tally, publish=sent.publish)
        keeping.keep(session, reading, prepared)
        if sent.whole:
            keeping.propose_unlisted(session, reading)
        found: list[Fault] = []
        tell_unstable(tally, found)
        done = outcome(tally, found, began_at, round((time.perf_counter() - started) * 1000))
        row.outcome, row.ran_at = orjson.dumps(done).decode(), began_at
        row.succeeded_at = row.listed_at = began_at
    return done | {"source": name, "ids": tally.ids}


def _told(faults: list[Fault]) -> list[FieldError]:
    return [FieldError(each.place or "items", each.detail) for each in faults[:_TOLD]]
