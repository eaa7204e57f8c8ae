"""A reader's screen, and what is published for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.federation import Federation

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
expect.set_options(timeout=20_000)


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:
    """A reader's screen of their own. Waiting is patient: this machine may be busy."""
    context: BrowserContext = browser.new_context(**({"viewport": WIDE} | options))
    context.set_default_timeout(20_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def a_record(**changes: Any) -> dict[str, Any]:
    """A news item in one edition."""
    edition = {"title": "Jerboas of the Betpak-Dala", "body": "<p>They jump.</p>"}
    return {
        "kind": "news",
        "original_language": "en",
        "countries": ["KZ"],
        "topics": ["biodiversity"],
        "editions": {"en": edition | {"origin": "original"}},
    } | changes


def publish(federation: Federation, record: dict[str, Any]) -> str:
    """Publish at `sco`; answers the identifier once the hub has it."""
    headers = {"Authorization": f"Bearer {federation.token('sco')}"}
    url = federation.url("sco", "/records")
    answer = httpx.post(url, json=record, params={"publish": "true"}, headers=headers, timeout=20)
    assert answer.status_code == 201, answer.text
    identifier: str = answer.json()["id"]
    return identifier


def shown(page: Page, url: str, status: int) -> None:
    """Ask for an address again and again until it answers with a status."""
    for _ in range(100):
        answer = page.goto(url)
        if answer is not None and answer.status == status:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{url} does not answer {status}")
