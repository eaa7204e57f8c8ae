"""A replica that follows the hub's change log."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bri_search import intake
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
    hub: StandInHub, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is committed at once; only masses rest."""
    monkeypatch.setattr(intake, "REST_IN_A_MASS", 3_600.0)
    await hub.publish("Glaciers")
    await reader.caught_up(hub)
    await hub.publish("Desertification")
    await reader.caught_up(hub)
    assert await reader.titles("desertification") == ["Desertification"]


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


async def test_a_hub_whose_numbers_have_passed_the_cursor_is_noticed(
    hub: StandInHub, reader: Reader
) -> None:
    """A restored hub that has written on has our cursor's number again, in another epoch: nothing
    of the old index is kept."""
    for title in ("Lost with the restore", "Also lost"):
        await hub.publish(title)
    await reader.caught_up(hub)
    await hub.stop()
    hub.forget()
    hub.epoch = "second"
    for number in range(3):
        await hub.publish(f"Written since {number}")
    await hub.start()
    await eventually(reader.titles, lambda titles: len(titles) == 3)
    assert await reader.titles("lost") == []
    assert hub.asked_after == [0, 2, 0]
    assert hub.asked_in == ["", "first", ""]


async def test_the_epoch_is_kept_over_a_restart(hub: StandInHub, reader: Reader) -> None:
    """Cursor and epoch are asked with together."""
    await hub.publish("Before")
    await reader.caught_up(hub)
    await reader.stop()
    await reader.start()
    await reader.caught_up(hub)
    await eventually(lambda: _of(hub.asked_in), lambda asked: asked == ["", "first"])


async def test_what_is_committed_is_reported(hub: StandInHub, reader: Reader) -> None:
    """The hub hears how far readers of this replica can see, by its name."""
    await hub.publish("Waste")
    await hub.publish("Water")
    await eventually(lambda: _of(hub.reports), lambda told: ("search", "first", 2) in told)


async def _of(values: list[Any]) -> list[Any]:
    return values


def test_it_starts_without_a_hub_and_stops_when_told(tmp_path: Path) -> None:
    """SIGTERM ends the process with exit status 0, even with no hub there."""
    environment = os.environ | {
        "BRI_SEARCH_DATA": str(tmp_path),
        "BRI_SEARCH_PORT": "0",
        "BRI_SEARCH_HTTP_PORT": "0",
        "BRI_SEARCH_HUB_URL": "127.0.0.1:9",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bri_search"], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert any("search.started" in line for line in process.stderr)
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=10)
    assert process.returncode == 0, rest
