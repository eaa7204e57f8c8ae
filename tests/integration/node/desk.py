"""An editor without JavaScript: forms are found on pages and sent as a browser would."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

import httpx
from bs4 import BeautifulSoup, Tag

from bri_kit.auth import Role
from bri_node.desk import users
from tests.integration.node.running import RunningNode

PASSWORD = "correct horse battery"


@cache
def _hashed() -> str:
    """PASSWORD as it is kept: making that takes a tenth of a second, on purpose."""
    return users.hashed(PASSWORD)


def add_user(node: RunningNode, name: str, role: Role, shown: str = "") -> None:
    """A user with PASSWORD."""
    kept = _hashed()
    with (
        patch.object(users, "hashed", lambda _: kept),
        users.store_of(node.data, node.profile.code) as store,
        store.writing() as session,
    ):
        users.create(session, name, shown or name.title(), role, PASSWORD)


def a_browser(node: RunningNode) -> httpx.AsyncClient:
    """A client that keeps cookies and follows redirects."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=node.app, raise_app_exceptions=False),
        base_url="http://node",
        follow_redirects=True,
        headers={"Accept-Language": "en"},
    )


@dataclass
class Page:
    """A page that was answered."""

    answer: httpx.Response

    @property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.answer.text, "html.parser")

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    @property
    def path(self) -> str:
        return self.answer.url.path

    def form(self, action: str) -> dict[str, list[str]]:
        """What the largest form with this action would send, without a button."""
        forms = [
            each for each in self.soup.find_all("form") if str(each.get("action")).endswith(action)
        ]
        found = max(forms, key=lambda each: len(each.find_all(["input", "textarea", "select"])))
        values: dict[str, list[str]] = {}
        for each in found.find_all(["input", "textarea", "select"]):
            if each.get("name"):
                for value in _values(each):
                    values.setdefault(str(each["name"]), []).append(value)
        return values


def _values(each: Tag) -> list[str]:
    if each.name == "textarea":
        return [each.get_text().removeprefix("\n")]
    if each.name == "select":
        options = each.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")] or options[:1]
        return [str(option["value"]) for option in chosen]
    if each.get("type") in ("radio", "checkbox") and not each.has_attr("checked"):
        return []
    return [str(each.get("value") or "")]


class Editor:
    """Somebody at the desk."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        self.browser = browser

    async def get(self, path: str) -> Page:
        return Page(await self.browser.get(f"/desk{path}"))

    async def send(self, page: Page, where: str, /, **changes: Any) -> Page:
        """Send a form of `page` with other values; dots in names are written as `__`."""
        values = page.form(where)
        for name, value in changes.items():
            values[name.replace("__", ".")] = value if isinstance(value, list) else [value]
        path = f"/desk{where}"
        return Page(await self.browser.post(path, data=values))

    async def sign_in(self, name: str, password: str = PASSWORD) -> Page:
        return await self.send(await self.get("/sign-in"), "/sign-in", name=name, password=password)

    async def write(self, /, action: str = "save", **changes: Any) -> Page:
        """A new record, saved; answers its page."""
        page = await self.get("/new")
        texts = {
            "original_language": "zh",
            "editions__zh__title": "固体废物管理",
            "editions__zh__body": "正文。第二句。",
            "countries": ["Kazakhstan", "CN"],
            "topics": ["Solid waste"],
            "left": "zh",
            "right": "ru",
        }
        return await self.send(
            page, page.path.removeprefix("/desk"), action=action, **texts | changes
        )
