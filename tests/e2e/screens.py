"""Every kind of page as people see it, to be looked at: `python -m tests.e2e.screens [FOLDER]`.

A federation with its samples is started; each page is drawn in zh, en and ru, 360 and 1280 wide,
light and dark, into `var/screenshots`. `--hub URL --node URL` draws one that runs already.
"""

import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
from playwright.sync_api import Browser

from bri_cli.layout import Layout
from tests.e2e.federation import Federation
from tests.e2e.ports import free_port_base
from tests.support.browser import chromium

FOLDER = Path(__file__).parents[2] / "var" / "screenshots"
LANGUAGES = ("zh", "en", "ru")
WIDTHS = (360, 1280)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_HEIGHT = 900
_TALLEST = 6_000


@dataclass(frozen=True, slots=True)
class Sites:
    """Where the hub and a centre's own site answer."""

    hub: str
    node: str


def pages(sites: Sites) -> dict[str, str]:
    """An address of each kind of page, with `{language}` for the reader's."""
    news, policy = (_some(sites.hub, kind) for kind in ("news", "policy"))
    below = {
        "home": "",
        "search": "search?q=waste",
        "search-narrowed": "search?q=water&kind=policy&kind=news&from=2010",
        "nothing": "search?q=water&country=IS&topic=desertification",
        "module": "policies",
        "countries": "countries",
        "country": "countries/KZ",
        "topics": "topics",
        "topic": "topics/solid-waste",
        "centres": "centres",
        "centre": "centres/sco",
        "federation": "federation",
        "record": f"records/{news}",
        "policy": f"records/{policy}",
        "history": f"records/{news}/history",
        "problem": "nowhere",
    }
    found = {name: f"{sites.hub}/{{language}}/{path}" for name, path in below.items()}
    own = {name: below[name] for name in ("home", "search", "record") if name in below}
    found |= {f"node-{name}": f"{sites.node}/{{language}}/{path}" for name, path in own.items()}
    return found


def _some(hub: str, kind: str) -> str:
    """A record of a kind that the centre `sco` published."""
    params = {"kind": kind, "centre": "sco", "limit": "1"}
    answer = httpx.get(f"{hub}/api/v1/records", params=params, timeout=10)
    identifier: str = answer.json()["items"][0]["id"]
    return identifier


def draw(browser: Browser, sites: Sites, folder: Path, only: str = "") -> int:
    """All pictures, those whose names begin with `only`; answers how many."""
    addresses = {name: url for name, url in pages(sites).items() if name.startswith(only)}
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for width in WIDTHS:
        for theme in THEMES:
            screen = browser.new_page(
                viewport={"width": width, "height": _HEIGHT}, color_scheme=theme
            )
            for language in LANGUAGES:
                for name, url in addresses.items():
                    screen.goto(url.format(language=language), wait_until="load")
                    tall = screen.evaluate("document.documentElement.scrollHeight")
                    screen.set_viewport_size({"width": width, "height": min(tall, _TALLEST)})
                    screen.screenshot(path=folder / f"{name}-{language}-{width}-{theme}.png")
                    screen.set_viewport_size({"width": width, "height": _HEIGHT})
                    count += 1
            screen.close()
    return count


@contextmanager
def started() -> Iterator[Sites]:
    """A federation with its samples, for the block."""
    with tempfile.TemporaryDirectory() as folder:
        federation = Federation(Layout(Path(folder), free_port_base()))
        federation.start()
        try:
            federation.wait_for("ready")
            yield Sites(federation.layout.url("hub"), federation.layout.url("sco"))
        finally:
            federation.stop()


def main() -> int:
    """Draw everything."""
    parser = ArgumentParser(description=(sys.modules[__name__].__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--hub", default="")
    parser.add_argument("--node", default="")
    parser.add_argument("--only", default="", help="pages whose names begin so")
    told = parser.parse_args()
    with chromium() as browser:
        if told.hub:
            count = draw(browser, Sites(told.hub, told.node), told.folder, told.only)
        else:
            with started() as sites:
                count = draw(browser, sites, told.folder, told.only)
    print(f"{count} pictures in {told.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
