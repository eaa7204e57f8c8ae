"""How fast a node takes in an import by itself: lines read, checked, made safe, signed and kept."""

import gc
import tempfile
import time
from pathlib import Path

import orjson

from bri_kit.auth import Role
from bri_node.actor import Actor
from bri_node.importing import import_lines
from bri_node.keys import KeyFile, Seal
from bri_node.lines import BATCH_LINES, Line
from bri_node.service import Centre
from bri_node.store import open_store
from sco_platform.profile import PROFILE
from tests.bench.corpus import records


def measure(count: int) -> float:
    """Records a second, published at once, in batches as the API makes them."""
    lines = [Line(number, orjson.dumps(each)) for number, each in enumerate(records(count), 1)]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder), PROFILE.code)
        centre = Centre(PROFILE, Seal(PROFILE.code, KeyFile(Path(folder) / "key")))
        actor = Actor("bench", Role.EDITOR, "")
        gc.collect()
        gc.freeze()  # as the node does when it starts
        began = time.perf_counter()
        for begin in range(0, count, BATCH_LINES):
            outcomes = import_lines(
                store, centre, actor, lines[begin : begin + BATCH_LINES], publish=True
            )
            assert all(isinstance(each.result, str) for each in outcomes)
        taken = time.perf_counter() - began
        store.close()
    return count / taken
