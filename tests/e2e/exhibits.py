"""What is set up in a federation so that every kind of page has something to show.

A record that was revised, with an edition that a machine made and one that is stale; two policies
of which one amends the other; two records of two centres that are one story; two people at the desk
of `sco`; somebody who follows a list.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from bri_cli.layout import Layout
from bri_kit.auth import Role
from bri_node.desk import users
from tests.e2e.federation import Federation
from tests.support.mail import MailServer, links_of

PASSWORD = "correct horse battery"
SECONDS = 30
TITLES = {
    "zh": "咸海地区植树项目报告2020年进展",
    "en": "Tree planting on the dried Aral Sea bed: progress in 2020",
    "ru": "Посадка деревьев на осушенном дне Арала: итоги 2020 года",
}
TEXTS = {
    "zh": "2020年共种植梭梭{n}万公顷。当地林业部门表示，成活率超过一半。",
    "en": "In 2020 saxaul was planted on {n}0,000 hectares. More than half of it took root.",
    "ru": "В 2020 году саксаул высажен на {n}0 тысячах гектаров. Прижилось больше половины.",
}


@dataclass(frozen=True, slots=True)
class Exhibits:
    """Identifiers of records, and where somebody manages what they follow (with `{language}`)."""

    revised: str
    amended: str
    story: str
    following: str
    confirming: str


@contextmanager
def shown(layout: Layout) -> Iterator[tuple[Federation, Exhibits]]:
    """A federation with its samples and with all that this module sets up, for the block."""
    mail = MailServer()
    mail.start()
    federation = Federation(layout)
    federation.start(**writes_letters(mail))
    try:
        federation.wait_for("ready")
        yield federation, set_up(federation, mail)
    finally:
        federation.stop()
        mail.stop()


def writes_letters(mail: MailServer) -> dict[str, str]:
    """The settings of a hub that sends its letters to this server."""
    return {
        "BRI_HUB_SMTP_HOST": "127.0.0.1",
        "BRI_HUB_SMTP_PORT": str(mail.port),
        "BRI_HUB_SMTP_SECURITY": "none",
        "BRI_HUB_SMTP_SENDER": "hub@hub.example",
    }


def set_up(federation: Federation, mail: MailServer) -> Exhibits:
    """Everything; returns once the hub has it."""
    add_people(federation)
    confirming, following = _follow(federation, mail)
    revised = revise(federation)
    amended = _amend(federation)
    story = _tell_twice(federation)
    return Exhibits(revised, amended, story, following, confirming)


def add_people(federation: Federation) -> None:
    """An editor and a contributor at the desk of `sco`, with PASSWORD."""
    folder = federation.layout.folder("sco")
    with users.store_of(folder, "sco") as store, store.writing() as session:
        users.create(session, "li", "Li Wei", Role.EDITOR, PASSWORD)
        users.create(session, "min", "Nguyễn Thị Minh", Role.CONTRIBUTOR, PASSWORD)
        users.create(session, "anar", "Анар Сағынова", Role.EDITOR, PASSWORD)


def sign_in(page: Page, desk: str, name: str) -> None:
    """Begin a session at the desk."""
    page.goto(f"{desk}/desk/")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.locator("main form button").first.click()
    page.locator(".me").wait_for()


def a_record(planted: int, editions: tuple[str, ...] = ("zh", "en", "ru")) -> dict[str, Any]:
    """News in several editions, the Russian one the original, the Chinese one by a machine."""
    origins = {"zh": "machine", "en": "human", "ru": "original"}
    return {
        "kind": "news",
        "original_language": "ru",
        "countries": ["UZ", "KZ"],
        "topics": ["desertification", "forests", "aral-sea"],
        "source": {"name": "Казгидромет", "url": "https://www.kazhydromet.kz/"},
        "dates": {"event": "2020-12-01", "original": "2021-01-14"},
        "editions": {
            tag: {
                "title": TITLES[tag],
                "body": f"<p>{TEXTS[tag].format(n=planted)}</p>",
                "origin": origins[tag],
            }
            for tag in editions
        },
    }


def revise(federation: Federation) -> str:
    """A record of three revisions, whose Chinese edition is stale."""
    identifier = asyncio.run(federation.publish("sco", a_record(3)))
    changed = a_record(7)
    del changed["editions"]["zh"]
    for revision, document in ((1, a_record(5)), (2, changed)):
        change(federation, identifier, revision, document)
    _await(federation, identifier, 3)
    return identifier


def change(federation: Federation, identifier: str, revision: int, document: Any) -> None:
    """Save a record at `sco` by the API, on top of a revision."""
    answer = httpx.put(
        federation.url("sco", f"/records/{identifier}"),
        json=document,
        headers={
            "Authorization": f"Bearer {federation.token('sco')}",
            "If-Match": f'"{revision}"',
        },
        timeout=SECONDS,
    )
    assert answer.status_code == 200, answer.text


def _amend(federation: Federation) -> str:
    """A decree, and another that amends it."""
    first = a_policy("ПП-4204", "О мерах по борьбе с опустыниванием", "2019-02-22")
    second = a_policy("ПП-4850", "О внесении изменений в постановление ПП-4204", "2020-10-06")
    second["policy"]["amends"] = ["ПП-4204"]
    identifier = asyncio.run(federation.publish("sco", first))
    _await(federation, asyncio.run(federation.publish("sco", second)), 1)
    return identifier


def a_policy(number: str, title: str, adopted: str) -> dict[str, Any]:
    """A Russian text of an Uzbek decree."""
    body = f"<p>{title}. Кабинету Министров поручено обеспечить исполнение.</p>"
    return {
        "kind": "policy",
        "original_language": "ru",
        "countries": ["UZ"],
        "topics": ["desertification"],
        "editions": {"ru": {"title": title, "body": body, "origin": "original"}},
        "dates": {"event": adopted},
        "policy": {
            "jurisdiction": "UZ",
            "instrument": "regulation",
            "number": number,
            "authority": "Президент Республики Узбекистан",
            "status": "in-force",
            "adopted": adopted,
            "in_force": adopted,
        },
    }


def _tell_twice(federation: Federation) -> str:
    """What both centres tell, joined by an editor of the hub."""
    record = a_record(4, ("ru", "en"))
    first = asyncio.run(federation.publish("sco", record))
    other = a_record(4, ("en", "zh")) | {"original_language": "en"}
    other["editions"]["en"]["origin"] = "original"
    other["editions"]["zh"]["origin"] = "human"
    second = asyncio.run(federation.publish("asean", other))
    for identifier in (first, second):
        _await(federation, identifier, 1)
    told = federation.run("token", "create", "--hub", "--role", "admin", "--name", "ops")
    answer = httpx.post(
        federation.url("hub", f"/records/{first}/story/join"),
        json={"other": second, "reason": "the same report"},
        headers={"Authorization": f"Bearer {told.stdout.strip()}"},
        timeout=SECONDS,
    )
    assert answer.is_success, answer.text
    return first


def _follow(federation: Federation, mail: MailServer) -> tuple[str, str]:
    """Where a letter's link leads, and where what is followed is managed."""
    hub = federation.layout.url("hub")
    form = {"channel": "mail", "target": "reader@example.org", "rhythm": "daily"}
    with httpx.Client(base_url=hub, timeout=SECONDS) as reader:
        confirmed = _asked(reader, mail, "/en/follow/policies?country=UZ", form, 1)
        page = reader.post(confirmed).text
        waiting = _asked(reader, mail, "/en/follow/search?q=water", form, 2)
    start = page.index('action="/en/following/') + len('action="/en')
    managing = page[start : page.index('"', start)]
    confirming = waiting.removeprefix(hub).removeprefix("/en")
    return f"{hub}/{{language}}{confirming}", f"{hub}/{{language}}{managing}"


def _asked(
    reader: httpx.Client, mail: MailServer, path: str, form: dict[str, str], number: int
) -> str:
    answer = reader.post(path, data=form)
    assert answer.status_code == 200, answer.text
    return links_of(asyncio.run(mail.letter(number)))[0]


def _await(federation: Federation, identifier: str, revision: int) -> None:
    asyncio.run(federation.arrived(identifier, revision))


def conflict(page: Page, federation: Federation, record: str) -> None:
    """Two people change the same title; the second one sees both texts."""
    url = federation.layout.url("sco")
    page.goto(f"{url}/desk/records/{record}/edit?left=ru&right=en")
    page.fill('[name="editions.ru.title"]', f"{TITLES['ru']}, предварительно")
    known = int(page.locator("[name=revision]").first.input_value())
    theirs = a_record(7)
    theirs["editions"]["ru"]["title"] += f" (редакция {known + 1})"
    del theirs["editions"]["zh"]
    change(federation, record, known, theirs)
    page.locator('button[value="save"]:not(.hidden)').click()
    page.locator(".clash").first.wait_for()


def browsing(browser: Browser, language: str, **options: Any) -> Page:
    """A page of somebody whose browser speaks `language`."""
    locale = {"zh": "zh-CN", "en": "en-GB", "ru": "ru-RU"}[language]
    return browser.new_context(locale=locale, **options).new_page()
