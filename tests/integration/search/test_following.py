"""A replica that follows the hub's change log."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.integration.search.conftest import Reader
from tests.integration.search.standin import StandInHub
from tests.support.centres import a_record
from tests.support.waiting import eventually


async def test_what_is_published_is_found(hub: StandInHub, reader: Reader) -> None:
    """A publication is searchable a moment later."""
    await hub.publish("Glacier monitoring in Tajikistan")
    await reader.caught_up(hub)
    assert await reader.titles("glaciers") == ["Glacier monitoring in Tajikistan"]


async def test_a_single_publication_does_not_wait_for_others(
    hub: StandInHub, reader: Reader
) -> None:
    """From the hub's log to the hit it takes less than 300 ms, even on a busy machine."""
    await hub.publish("The first one opens what is opened late")
    await reader.caught_up(hub)
    began = time.monotonic()
    await hub.publish("Desertification")
    await reader.caught_up(hub)
    assert time.monotonic() - began < 0.3


async def test_a_revision_replaces_what_was_there(hub: StandInHub, reader: Reader) -> None:
    """Of a record only the newest revision is found."""
    record_id = await hub.publish("Old title")
    await reader.caught_up(hub)
    await hub.publish("New title", record_id)
    await reader.caught_up(hub)
    assert await reader.titles("title") == ["New title"]


async def test_what_is_retracted_is_not_found(hub: StandInHub, reader: Reader) -> None:
    """A retraction takes the record out of the index."""
    record_id = await hub.publish("Published in error")
    await reader.caught_up(hub)
    await hub.retract(record_id)
    assert (await reader.caught_up(hub)).records == 0
    assert await reader.titles() == []


async def test_what_is_hidden_is_not_found(hub: StandInHub, reader: Reader) -> None:
    """A hidden record is not found, whatever its entry says."""
    await hub.hide(a_record(hub.centre.record_id(), en="Not for everyone"))
    assert (await reader.caught_up(hub)).records == 0


async def test_many_changes_are_taken_in_batches(hub: StandInHub, reader: Reader) -> None:
    """A long log is read to its end, past the size of a batch."""
    await hub.publish_many(1_234)
    status = await reader.caught_up(hub)
    assert (status.records, status.head) == (1_234, 1_234)


async def test_a_restart_goes_on_from_the_cursor(hub: StandInHub, reader: Reader) -> None:
    """What was committed is not asked for again."""
    await hub.publish("Before")
    await reader.caught_up(hub)
    await reader.stop()
    await hub.publish("After")
    await reader.start()
    await reader.caught_up(hub)
    assert hub.asked_after == [0, 1]
    assert sorted(await reader.titles()) == ["After", "Before"]


async def test_a_dropped_index_fills_again(hub: StandInHub, reader: Reader) -> None:
    """A replica without its files asks for everything."""
    await hub.publish("Solid waste")
    await reader.caught_up(hub)
    await reader.stop()
    shutil.rmtree(reader.settings.data)
    await reader.start()
    await reader.caught_up(hub)
    assert hub.asked_after == [0, 0]
    assert await reader.titles("waste") == ["Solid waste"]


async def test_a_hub_that_was_away_is_followed_again(hub: StandInHub, reader: Reader) -> None:
    """While the hub is away search answers; when it is back search catches up."""
    await hub.publish("Before")
    await reader.caught_up(hub)
    await hub.stop()
    assert await reader.titles() == ["Before"]
    await hub.start()
    await hub.publish("After")
    await reader.caught_up(hub)
    assert sorted(await reader.titles()) == ["After", "Before"]


async def test_a_hub_that_lost_its_log_is_followed_from_nothing(
    hub: StandInHub, reader: Reader
) -> None:
    """Where the log ends before the cursor, nothing of the old index is kept."""
    await hub.publish("Known to the old hub")
    await hub.publish("Also")
    await reader.caught_up(hub)
    await hub.stop()
    hub.forget()
    await hub.publish("Known to the new hub")
    await hub.start()
    await eventually(reader.titles, lambda titles: titles == ["Known to the new hub"])
    assert hub.asked_after == [0, 2, 0]


def test_it_starts_without_a_hub_and_stops_when_told(tmp_path: Path) -> None:
    """SIGTERM ends the process within two seconds with exit status 0, even with no hub there."""
    environment = os.environ | {
        "BRI_SEARCH_DATA": str(tmp_path),
        "BRI_SEARCH_PORT": "0",
        "BRI_SEARCH_HUB_URL": "127.0.0.1:9",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bri_search"], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert any("search.started" in line for line in process.stderr)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=10)
    assert process.returncode == 0, rest
    assert time.monotonic() - began < 2
