"""The file that says whom to tell of a vulnerability (RFC 9116)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from pydantic import ValidationError

from bri_hub.app import create_app as create_hub
from bri_hub.settings import HubSettings
from bri_kit.security_txt import PATH
from bri_kit.settings import ServiceSettings
from bri_node.app import create_app as create_node
from bri_node.profile import NodeSettings
from sco_platform.profile import PROFILE
from tests.unit.kit.edges import an_app, client

TOLD = {
    "public_url": "https://centre.example/",
    "contact": "security@centre.example",
    "security_policy": "https://centre.example/policy",
}


def _fields(text: str) -> dict[str, str]:
    lines = [line.partition(": ") for line in text.splitlines()]
    return {name: value for name, _, value in lines}


async def test_it_says_whom_to_tell(tmp_path: Path) -> None:
    """As plain text in UTF-8, each field once, and within the bounds that the RFC sets."""
    answer = await client(an_app(tmp_path, **TOLD)).get(PATH)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    found = _fields(answer.text)
    expires = datetime.fromisoformat(found.pop("Expires"))
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=365)
    assert found == {
        "Contact": "mailto:security@centre.example",
        "Preferred-Languages": "en",
        "Canonical": f"https://centre.example{PATH}",
        "Policy": "https://centre.example/policy",
    }


async def test_it_is_the_same_for_a_day(tmp_path: Path) -> None:
    """Caches may keep it, and it is never out of date."""
    http = client(an_app(tmp_path))
    with time_machine.travel(datetime(2027, 3, 1, 0, 0, 1, tzinfo=UTC), tick=False) as now:
        morning = (await http.get(PATH)).text
        now.move_to(datetime(2027, 3, 1, 23, 59, 59, tzinfo=UTC))
        assert (await http.get(PATH)).text == morning
        now.move_to(datetime(2027, 3, 2, 0, 0, 0, tzinfo=UTC))
        assert (await http.get(PATH)).text != morning


async def test_head_is_answered(tmp_path: Path) -> None:
    """By the same headers and no body."""
    http = client(an_app(tmp_path))
    answer = await http.head(PATH)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_a_service_that_is_told_nothing_names_its_postmaster(tmp_path: Path) -> None:
    """A field that must be there is there; what would not be an https address is left out."""
    found = _fields((await client(an_app(tmp_path)).get(PATH)).text)
    assert found["Contact"].startswith("mailto:postmaster@")
    assert "Canonical" not in found
    assert "Policy" not in found


async def test_a_contact_may_be_a_page(tmp_path: Path) -> None:
    """Harvesters, who need an e-mail address, are then told the postmaster's."""
    page = "https://centre.example/report"
    settings = ServiceSettings(
        data=tmp_path, port=1, contact=page, public_url="https://centre.example"
    )
    assert settings.contact_uri == page
    assert settings.contact_address == "postmaster@centre.example"


@pytest.mark.parametrize("value", ["http://a.example/", "a.example", "https://a.example/\nX: y"])
def test_a_policy_is_an_https_address(tmp_path: Path, value: str) -> None:
    """Anything else is refused when the service starts."""
    with pytest.raises(ValidationError):
        ServiceSettings(data=tmp_path, port=1, security_policy=value)


async def test_hub_and_nodes_have_it(tmp_path: Path) -> None:
    """In the languages of their sites, before their pages answer for everything else."""
    hub = create_hub(HubSettings(data=tmp_path, port=8000))
    node = create_node(PROFILE, NodeSettings(data=tmp_path, port=8001))
    for app in (hub, node):
        answer = await client(app).get(PATH)
        assert _fields(answer.text)["Preferred-Languages"] == "zh, en, ru"
        assert app.openapi()["paths"][PATH]["get"]["tags"] == ["operations"]
