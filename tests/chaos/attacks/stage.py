"""What an attack has at hand: the addresses of a federation, and the rights that its attacker has.

Rules:
- only loopback addresses are asked;
- each attack that signs entries does so as a centre of its own, which joined as every centre does:
  what the hub holds back of one does not spare it the next;
- every answer to an attack is counted by its status, 0 where there was none.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.chaos.promises import new_mark
from tests.support.hostile_centre import HostileCentre

LOOPBACK = "127.0.0.1"
ANSWER_SECONDS = 120.0
PASSWORD = "a long enough password"
REASON = "an attack that was played on purpose"


@dataclass(frozen=True, slots=True)
class Place:
    """A federation and the attacker's rights: an admin's token of the hub, by which centres are
    admitted and no attack is made; tokens of an editor and a contributor of the node; the name of
    a contributor who signs in at its desk with PASSWORD."""

    hub: str
    node: str
    centre: str
    nats: str
    changes: str
    admin: str
    editor: str
    contributor: str
    user: str
    folder: str

    def __post_init__(self) -> None:
        for url in (self.hub, self.node, self.nats):
            assert urlsplit(url).hostname == LOOPBACK, f"{url} is not on this machine"


@dataclass(slots=True)
class Stage:
    """One attack under way. `chance` follows from the seed and the attack's name."""

    place: Place
    chance: random.Random
    joined: list[str]
    """The codes of all centres that attacks joined as."""
    asking: Callable[[str], None] = lambda _: None
    """Hears of the mark of each text before an editor publishes it."""
    statuses: Counter[int] = field(default_factory=Counter)

    def titled(self, title: str) -> str:
        """A title by which a record that an attack publishes at the node is recognised."""
        mark = new_mark(self.chance)
        self.asking(mark)
        return f"{title} {mark}"

    @asynccontextmanager
    async def centre(self) -> AsyncIterator[HostileCentre]:
        """A newly admitted centre. Raises httpx.HTTPError where the hub does not admit it."""
        code = f"evil-{self.chance.randrange(16**6):06x}"
        centre = HostileCentre(code, self.chance)
        place = self.place
        await centre.join(place.hub, place.admin, place.nats, Path(place.folder))
        self.joined.append(code)
        try:
            yield centre
        finally:
            await centre.close()

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
        """A client without a limit of its own."""
        limits = httpx.Limits(max_connections=None)
        options = {"timeout": ANSWER_SECONDS, "limits": limits, "verify": False, **options}
        async with httpx.AsyncClient(**options) as client:
            yield client

    def editor(self) -> dict[str, str]:
        """The headers of the editor."""
        return {"Authorization": f"Bearer {self.place.editor}"}

    def contributor(self) -> dict[str, str]:
        """The headers of the contributor."""
        return {"Authorization": f"Bearer {self.place.contributor}"}

    async def send(
        self, client: httpx.AsyncClient, method: str, url: str, **parts: Any
    ) -> httpx.Response | None:
        """One request; None where it was not answered."""
        try:
            answer = await client.request(method, url, **parts)
        except (httpx.HTTPError, httpx.InvalidURL):
            self.statuses[0] += 1
            return None
        self.statuses[answer.status_code] += 1
        return answer

    async def steadily(
        self, count: int, seconds: float, act: Callable[[int], Awaitable[object]]
    ) -> None:
        """Do `act` so often, spread evenly over `seconds`; none waits for another."""
        async with asyncio.TaskGroup() as under_way:
            for index in range(count):
                under_way.create_task(_awaited(act(index)))
                await asyncio.sleep(seconds / count)


async def _awaited(act: Awaitable[object]) -> None:
    await act


def document(title: str, body: str, **more: Any) -> dict[str, Any]:
    """A record as an editor sends it."""
    return {
        "kind": "news",
        "original_language": "en",
        "editions": {"en": {"title": title, "body": body, "origin": "original"}},
        "countries": ["KZ"],
        "topics": ["solid-waste"],
        **more,
    }


@dataclass(frozen=True, slots=True)
class Attack:
    """`what` tells the rate; `play` returns what does not hold beyond availability, empty where
    everything does; its effects are watched for `lasting` seconds more."""

    name: str
    what: str
    play: Callable[[Stage], Awaitable[str]]
    lasting: float = 10.0
    with_faults: bool = True
    """Whether it is played while other faults are made too."""
