"""An attacker and a probe beside everything else that happens to a federation.

Rules:
- the attacker has the rights that an attacker can have: centres that were admitted, a contributor
  and an editor at one node, and no token of the hub's;
- what he publishes at the node is an editor's all the same, and counts among what was asked for;
- when the run is over the hub's admin suspends his centres; that is all that is done about him;
- what is promised of answers is judged outside the windows of the faults that were made
  (`observations`), and of processes always: none ends but by the killer.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import httpx

from tests.chaos import observations
from tests.chaos.attacks.attacker import HOSTILE, Account, Attacking, Played
from tests.chaos.attacks.federation import CENTRE, place
from tests.chaos.attacks.stage import REASON
from tests.chaos.observations import Observations, Report, Window
from tests.chaos.probe import Order, Probing
from tests.chaos.promises import Promises
from tests.chaos.schedule import NODES
from tests.chaos.site import Say, Site

PUBLISH_EVERY = 2.0
SUSPEND_SECONDS = 60.0
SLOWEST = 30


class Siege:
    """Both processes, and what came of them. Start it when everything serves."""

    def __init__(self, site: Site, attacks: Sequence[str], seed: int, say: Say) -> None:
        self.report = Report()
        self.account = Account()
        self._site = site
        self._say = say
        self._excused: Sequence[Window] = ()
        self._slowest: list[dict[str, Any]] = []
        """Answers, with the attacks that were under way."""
        layout = site.layout
        self._out = layout.data / "probe.jsonl"
        order = Order(
            hub=layout.url("hub"),
            nodes={code: layout.url(code) for code in NODES},
            tokens=dict(site.tokens),
            every=PUBLISH_EVERY,
            seed=seed,
            out=str(self._out),
        )
        self._probing = Probing(order, layout.data)
        self._attacks = attacks
        self._seed = seed
        self._attacking: Attacking | None = None

    async def start(self) -> None:
        """Measure, and then attack."""
        site = self._site
        await self._probing.start()
        his = await asyncio.to_thread(place, site.layout, site.admin, site.tokens[CENTRE])
        self._attacking = Attacking(his, self._attacks, self._seed, site.layout.data)
        await self._attacking.start()
        self._say(f"attacked with {', '.join(self._attacks)}")

    async def stop(
        self, promises: Mapping[str, Promises], faults: Sequence[tuple[float, float]]
    ) -> None:
        """End both, suspend the attacker's centres, and judge."""
        assert self._attacking is not None
        self.account = await self._attacking.stop()
        await self._probing.stop()
        observed = observations.read(self._out)
        promises[CENTRE].asked.update(self.account.asked)
        _count_in(observed, promises)
        self._excused = observations.windows(faults)
        slowest = sorted(observed.answers, key=lambda each: -each.seconds)[:SLOWEST]
        self._slowest = [
            {**asdict(each), "attacks": self._under_way(each.at, each.at + each.seconds)}
            for each in slowest
        ]
        self.report = observations.judge(observed, self._excused)
        try:
            await self._suspend()
        except TimeoutError:
            self.report.broken.append("the hub's admin could not suspend the attacker's centres")

    def broken(self, falls: Mapping[str, Sequence[str]]) -> list[str]:
        """What does not hold."""
        found = list(self.report.broken)
        for name, ends in falls.items():
            found += [f"{name} ended by itself: {end}" for end in ends]
        for each in self._judged():
            if each.problem:
                found.append(f"{each.name}: {each.problem}")
            if count := each.statuses.get("500"):
                found.append(f"{each.name}: {count} answers to it were 500")
        return list(dict.fromkeys(found))

    def rows(self) -> Iterator[tuple[str, object]]:
        """For the table."""
        report = self.report
        played = Counter(each.name for each in self.account.played)
        yield "attacks played", f"{played.total()} of {len(played)} kinds"
        yield "answers judged", f"{report.answers} ({report.judged_share:.0%} of all)"
        yield "not as they should be", report.failures
        for attack in dict.fromkeys(name for each in self._slowest[:5] for name in each["attacks"]):
            yield "  slowest during", attack
        for target, seconds in sorted(report.worst.items(), key=lambda each: -each[1]):
            yield f"  {target} at most", f"{seconds:.2f} s"
        yield "  a server that does nothing", f"{report.control:.2f} s"
        yield (
            "publish to found",
            (
                f"{report.publications} judged: p50 {report.p50:.2f} s, p99 {report.p99:.2f} s,"
                f" longest {report.longest:.2f} s, never {report.never_found}"
            ),
        )

    def document(self) -> dict[str, Any]:
        """For a program."""
        return {
            "report": asdict(self.report),
            "played": [asdict(each) for each in self.account.played],
            "windows": [tuple(each) for each in self._excused],
            "slowest": self._slowest,
        }

    def _judged(self) -> Iterator[Played]:
        for each in self.account.played:
            if not any(window.overlaps(each.begin, each.end) for window in self._excused):
                yield each

    def _under_way(self, begin: float, end: float) -> list[str]:
        """The attacks that were played meanwhile."""
        span = Window(begin, end)
        return [each.name for each in self.account.played if span.overlaps(each.begin, each.end)]

    async def _suspend(self) -> None:
        """End the part of all centres that attacks joined as."""
        url = f"{self._site.layout.url('hub')}/api/v1/admin/centres"
        headers = {"Authorization": f"Bearer {self._site.admin}"}
        async with (
            asyncio.timeout(SUSPEND_SECONDS),
            httpx.AsyncClient(headers=headers, timeout=SUSPEND_SECONDS) as client,
        ):
            listed = await _answered(client, "GET", url)
            for each in listed.json()["items"]:
                if each["code"].startswith(HOSTILE) and each["state"] != "suspended":
                    suspend = f"{url}/{each['code']}/suspend"
                    await _answered(client, "POST", suspend, json={"reason": REASON})


async def _answered(
    client: httpx.AsyncClient, method: str, url: str, **parts: Any
) -> httpx.Response:
    """The answer, from a hub that may just be starting again."""
    while True:
        try:
            answer = await client.request(method, url, **parts)
        except httpx.HTTPError:
            await asyncio.sleep(0.2)
            continue
        if answer.status_code < 500:
            return answer
        await asyncio.sleep(0.2)


def _count_in(observed: Observations, promises: Mapping[str, Promises]) -> None:
    """Hold the nodes to what the probe was acknowledged too."""
    for writing in observed.written:
        promises[writing.centre].asked.add(writing.mark)
    for each in observed.publications:
        if each.acknowledged is not None:
            promises[each.centre].published[each.mark] = (each.record_id, each.revision)
