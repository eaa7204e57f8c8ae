"""The sample records that come with the platforms, loaded through the public API.

Rules:
- each is one JSON file in the platform package's `samples` folder;
- one whose title the node holds already is passed over, so an interrupted load can be repeated;
- they are loaded when the hub shows them, or has told its reason not to.
"""

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from bri_cli import importing
from bri_cli.feed import Item
from bri_cli.importing import Tally
from bri_cli.layout import PLATFORMS, Layout
from bri_cli.outcome import CommandFailed
from bri_cli.remote import Remote
from bri_client import hub as at_hub
from bri_client import node as at_node

TOKEN_NAME = "samples"  # noqa: S105 - a name and no secret
POLL_SECONDS = 0.05
SHOWN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample's file name and its record."""

    name: str
    record: dict[str, Any]

    @property
    def title(self) -> str:
        title: str = self.record["editions"][self.record["original_language"]]["title"]
        return title


def read(centre: str) -> list[Sample]:
    """The samples of a platform, in the order of their names."""
    folder = resources.files(PLATFORMS[centre]) / "samples"
    if not folder.is_dir():
        return []
    return [
        Sample(file.name, json.loads(file.read_text(encoding="utf-8")))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".json")
    ]


def load(node: Remote, samples: Iterable[Sample]) -> Tally:
    """Publish what the node does not hold yet. Raises CommandFailed where it cannot be reached."""
    present = set(_titles(node))
    missing = [sample for sample in samples if sample.title not in present]
    tally = Tally()
    importing.send(node, map(_item, missing), publish=True, tally=tally)
    return tally


def _item(sample: Sample) -> Item:
    line = json.dumps(sample.record, ensure_ascii=False).encode()
    return Item(sample.name, line, position=0)


def _titles(node: Remote) -> Iterator[str]:
    for record in node.each(at_node.records()):
        for edition in record["editions"].values():
            yield edition["title"]


def await_shown(
    layout: Layout,
    identifiers: Iterable[str],
    say: Callable[[str], None],
    codes: Collection[str] = PLATFORMS,
) -> None:
    """Wait until a search at the hub shows these records of these centres, and tell what it will
    not show."""
    missing = set(identifiers)
    deadline = time.monotonic() + SHOWN_SECONDS
    while missing := missing - _shown(layout, codes):
        rejected = {each: why for each, why in _rejected(layout, codes).items() if each in missing}
        for each, why in rejected.items():
            say(f"the hub rejected the sample {each}: {why}")
        missing -= rejected.keys()
        if missing and time.monotonic() > deadline:
            say(f"the hub does not show {len(missing)} of the samples yet")
            return
        time.sleep(POLL_SECONDS)


def _shown(layout: Layout, codes: Collection[str]) -> set[str]:
    """The newest records that a search shows, those told in one story with another included."""
    shown: set[str] = set()
    try:
        with Remote(layout.url("hub")) as hub:
            for code in codes:
                answer = hub.page(at_hub.search(centre=[code], limit=100))
                for hit in answer["hits"]:
                    shown.update([hit["id"], *hit["story"]])
    except CommandFailed:
        return set()  # search is still starting
    return shown


def _rejected(layout: Layout, codes: Collection[str]) -> dict[str, str]:
    """The records that the hub rejected, with the reason, as their nodes know it."""
    told = {}
    for code in codes:
        with Remote(layout.url(code)) as node:
            for each in node.ask(at_node.delivery())["rejections"]:
                told[each["record"]] = each["detail"]
    return told
