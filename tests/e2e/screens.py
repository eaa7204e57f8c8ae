"""Every kind of page as people see it, to be looked at: `python -m tests.e2e.screens [FOLDER]`.

A federation with its samples is started; each page is drawn in zh, en and ru, 360 and 1280 wide,
light and dark, into `var/screenshots`. `--only desk` draws the kinds whose names begin so.
"""

import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from bri_cli.layout import Layout
from tests.e2e.exhibits import Exhibits, browsing, conflict, shown, sign_in
from tests.e2e.federation import Federation
from tests.e2e.kinds import Sites, desk_pages, public_pages
from tests.e2e.ports import free_port_base
from tests.support.browser import chromium

FOLDER = Path(__file__).parents[2] / "var" / "screenshots"
LANGUAGES = ("zh", "en", "ru")
WIDTHS = (360, 1280)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_HEIGHT = 900
_TALLEST = 6_000
_PATIENCE = 240_000
"""Milliseconds: a machine that draws all of this may be busy."""


@dataclass(frozen=True, slots=True)
class Album:
    """Where pictures go, and which are wanted: those whose names begin with `only`."""

    folder: Path
    only: str = ""

    def wants(self, name: str) -> bool:
        return name.startswith(self.only)

    def draw(self, page: Page, name: str, look: str) -> None:
        """Draw the page as it stands, as tall as it is."""
        width = page.viewport_size["width"] if page.viewport_size else WIDTHS[0]
        tall = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": max(_HEIGHT, min(tall, _TALLEST))})
        page.screenshot(path=self.folder / f"{name}-{look}.png")
        page.set_viewport_size({"width": width, "height": _HEIGHT})

    def draw_all(self, page: Page, addresses: Mapping[str, str], language: str, look: str) -> None:
        """Draw what is at these addresses, as far as it is wanted."""
        for name, address in addresses.items():
            if self.wants(name):
                page.goto(address.format(language=language), wait_until="load")
                self.draw(page, name, look)


def draw(browser: Browser, federation: Federation, exhibits: Exhibits, album: Album) -> int:
    """All pictures; answers how many there are."""
    sites = Sites(federation.layout.url("hub"), federation.layout.url("sco"))
    album.folder.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        for theme in THEMES:
            for language in LANGUAGES:
                look = f"{language}-{width}-{theme}"
                size = {"width": width, "height": _HEIGHT}
                page = browsing(browser, language, viewport=size, color_scheme=theme)
                page.set_default_timeout(_PATIENCE)
                album.draw_all(page, public_pages(sites, exhibits), language, look)
                if album.wants("desk") or album.only.startswith("desk"):
                    _draw_desk(page, federation, exhibits, album, look)
                page.context.close()
    return len(list(album.folder.glob(f"{album.only}*.png")))


def _draw_desk(
    page: Page, federation: Federation, exhibits: Exhibits, album: Album, look: str
) -> None:
    sites = Sites(federation.layout.url("hub"), federation.layout.url("sco"))
    album.draw_all(page, {"desk-sign-in": f"{sites.node}/desk/sign-in"}, "", look)
    sign_in(page, sites.node, "li")
    album.draw_all(page, desk_pages(sites, exhibits), "", look)
    if album.wants("desk-conflict"):
        conflict(page, federation, exhibits.revised)
        album.draw(page, "desk-conflict", look)
        page.goto(f"{sites.node}/desk/records/{exhibits.revised}/edit")
        page.locator('[data-offered] button[value="discard"]').click()


def main() -> int:
    """Draw everything."""
    parser = ArgumentParser(description=(sys.modules[__name__].__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--only", default="", help="pages whose names begin so")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder), free_port_base())
        # The browser's own event loop comes after what is set up by others.
        with shown(layout) as (federation, exhibits), chromium() as browser:
            count = draw(browser, federation, exhibits, Album(told.folder, told.only))
    print(f"{count} pictures in {told.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
