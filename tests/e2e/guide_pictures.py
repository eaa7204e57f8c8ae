"""The pictures of the editor's guide, from a real desk: `python -m tests.e2e.guide_pictures`.

A federation with its samples is started, two people write at the desk of `sco`, and what they see
is drawn into `docs/guides/pictures`. Run it again when the desk looks otherwise.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from bri_cli.layout import Layout
from bri_kit.auth import Role
from bri_node.desk import users
from tests.e2e.federation import Federation
from tests.e2e.guides import ROOT
from tests.e2e.ports import free_port_base
from tests.support.browser import chromium

FOLDER = ROOT / "docs" / "guides" / "pictures"
PASSWORD = "a long password"
PEOPLE = (
    ("wang", "Wang Fang", Role.EDITOR),
    ("saule", "Сәуле Ахметова", Role.EDITOR),
    ("minh", "Nguyễn Thị Minh", Role.CONTRIBUTOR),
)
WIDTH = 1280
TITLE = "咸海干涸湖底植树造林进展"
ORIGINAL = """落实“一带一路”绿色发展国际合作，咸海干涸湖底的造林工作继续推进。

## 主要进展

2025年共种植梭梭12万公顷。成活率超过一半。各方将继续落实巴黎协定。"""
TRANSLATION = """На осушенном дне Аральского моря продолжаются лесопосадки.

## Основные итоги

В 2025 году саксаул высажен на 120 тысячах гектаров. Прижилось более половины."""


def draw(federation: Federation, browser: Browser) -> None:
    """All pictures."""
    desk = federation.layout.url("sco")
    add_people(federation)
    # Past the policy: a shorter field for texts, so that what is said below it is in the picture.
    with browser.new_context(locale="en", bypass_csp=True) as context:
        page = context.new_page()
        page.set_viewport_size({"width": WIDTH, "height": 800})
        page.set_default_timeout(60_000)
        sign_in(page, desk, "minh")
        submit(page, desk)
        sign_out(page)
        sign_in(page, desk, "wang")
        page.goto(f"{desk}/desk/?list=published")
        take(page, "desk", 620)
        page.goto(f"{desk}/desk/?list=in-review")
        page.get_by_role("link", name=TITLE).first.click()
        record = page.url.partition("?")[0]
        translate(page, record)
        page.add_style_tag(content="textarea.text { height: 13rem; min-height: 0 }")
        take(page, "editions", 860, ".sides")
        page.locator('button[value="publish"]').click()
        answered(page, record)
        take(page, "record", 700)
        quarrel(browser, page, record)
        take(page, "conflict", 700)


def add_people(federation: Federation) -> None:
    folder = federation.layout.folder("sco")
    with users.store_of(folder, "sco") as store, store.writing() as session:
        for name, shown, role in PEOPLE:
            users.create(session, name, shown, role, PASSWORD)


def sign_in(page: Page, desk: str, name: str) -> None:
    page.goto(f"{desk}/desk")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button")
    expect(page.locator(".me")).to_be_visible()


def sign_out(page: Page) -> None:
    page.locator(".me summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.locator("#password")).to_be_visible()


def submit(page: Page, desk: str) -> None:
    """A contributor writes in Chinese and submits it."""
    page.goto(f"{desk}/desk/new")
    page.select_option("select[name=original_language]", "zh")
    page.select_option("select[name=left]", "zh")
    page.select_option("select[name=right]", "ru")
    page.locator('button[value="keep"]:not(.hidden)').click()
    page.fill('[name="editions.zh.title"]', TITLE)
    page.fill('[name="editions.zh.body"]', ORIGINAL)
    page.locator("[name=countries]").first.fill("Uzbekistan")
    page.locator("[name=topics]").first.fill("Desertification")
    page.locator('button[value="submit"]').click()
    expect(page.locator(".stand")).to_have_text("In review")


def translate(page: Page, record: str) -> None:
    """An editor translates it, with something left out."""
    page.goto(f"{record}/edit?left=zh&right=ru")
    page.fill('[name="editions.ru.title"]', "Лесопосадки на дне Арала: как идут работы")
    page.fill('[name="editions.ru.body"]', TRANSLATION)
    page.locator('button[value="keep"]:not(.hidden)').click()
    expect(page.locator(".terms")).to_be_visible()


def answered(page: Page, record: str) -> None:
    """Wait until the hub has it."""
    for _ in range(60):
        page.goto(record)
        if page.locator("aside .good").count() and not page.get_by_text("not yet").count():
            return
        page.wait_for_timeout(500)
    raise AssertionError("the hub has not answered")


def quarrel(browser: Browser, page: Page, record: str) -> None:
    """Two people change one title."""
    page.goto(f"{record}/edit?left=zh&right=ru")
    with browser.new_context(locale="en") as context:
        other = context.new_page()
        sign_in(other, record.partition("/desk/")[0], "saule")
        other.goto(f"{record}/edit?left=zh&right=ru")
        other.fill('[name="editions.ru.title"]', "Аральское море: лес на дне растёт")
        other.locator('button[value="save"]').click()
        expect(other.locator(".reading")).to_be_visible()
    page.fill('[name="editions.ru.title"]', "Лес на дне Арала: итоги 2025 года")
    page.locator('button[value="save"]').click()
    expect(page.locator(".clash")).to_be_visible()


def take(page: Page, name: str, height: int, first: str = "body") -> None:
    """What stands in a window of this height that begins with `first`, as a file."""
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.locator(first).evaluate("(part) => part.scrollIntoView({ behavior: 'instant' })")
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    """Start a federation and draw everything."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        federation = Federation(Layout(Path(folder), free_port_base()))
        federation.start()
        try:
            federation.wait_for("ready")
            draw(federation, browser)
        finally:
            federation.stop()


if __name__ == "__main__":
    main()
