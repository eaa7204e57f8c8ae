"""An edition that is written from right to left, as a reader of it sees it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, expect

from bri_pages.app import create_site
from bri_retrieval.engine import Results
from tests.e2e.screen import NARROW, WIDE, opened
from tests.unit.pages.source import HUB, ID, MemorySource, hit, record, view

pytestmark = pytest.mark.browser

TITLE = "همکاری برای احیای دریاچه ارومیه"
BODY = """<p>در سال ۲۰۲۰ طرح احیای دریاچه ارومیه با همکاری UNDP ادامه یافت.</p>
<blockquote>آب، زندگی است.</blockquote><ul><li>تالاب‌ها</li><li>رودخانه‌ها</li></ul>
<table><tr><th>سال</th><th>تراز آب (متر)</th></tr><tr><td>2019</td><td>1271.2</td></tr></table>"""
SIDES = """(each) => { const style = getComputedStyle(each);
    return [style.direction, style.borderRightWidth, style.borderLeftWidth]; }"""


def source() -> MemorySource:
    """A record with a Persian edition, and a card that shows it."""
    editions = record()["editions"]
    editions["fa"] = editions["en"] | {"title": TITLE, "summary": "خلاصه", "body": BODY}
    card = hit(title=TITLE, language="fa", snippet="طرح <mark>احیای</mark> دریاچه")
    return MemorySource(Results(1, [card]), view(editions=editions))


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Where `app` answers, for the block: it listens before it is asked."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        serving = threading.Thread(target=server.run, args=([listening],), daemon=True)
        serving.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            serving.join(20)


def test_persian_runs_from_right_to_left(browser: Browser) -> None:
    """Title, text, lists, quotations and tables; the page around it stays as its language runs, and
    nothing is wider than the screen."""
    answers = source()
    with served(create_site(HUB, lambda _request: answers)) as url:
        for size in (WIDE, NARROW):
            with opened(browser, viewport=size) as page:
                page.goto(f"{url}/en/records/{ID}?edition=fa")
                expect(page.locator("h1")).to_have_text(TITLE)
                for part in ("h1", ".body", ".body li", ".body td", ".summary"):
                    assert page.locator(part).first.evaluate(SIDES)[0] == "rtl", part
                quoted = page.locator("blockquote").evaluate(SIDES)
                assert quoted == ["rtl", "3px", "0px"]
                assert page.locator("html").evaluate(SIDES)[0] == "ltr"
                assert page.locator(".about").evaluate(SIDES)[0] == "ltr"
                assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
                page.goto(f"{url}/en/search?q=x")
                assert page.locator(".card h2").evaluate(SIDES)[0] == "rtl"
                assert page.locator(".snippet").evaluate(SIDES)[0] == "rtl"
