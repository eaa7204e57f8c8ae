"""`bri up`: brings a federation up, keeps it up, and takes it down.

Rules:
- everything is checked (`preflight`) before anything is started;
- all services start at once, and beside them, where it is needed, a short-lived process that
  admits the centres and loads the samples;
- 'ready' is said once every service answers and the hub answers a search; search and centres may
  be missing, which is said, and join later by themselves: only the broker and the hub are needed;
- SIGINT, SIGTERM and SIGHUP end it at any time with status 0; a second one kills at once.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

from bri_cli import preflight, running
from bri_cli.acquaintance import are_acquainted
from bri_cli.child import Child
from bri_cli.errand import run_errand
from bri_cli.layout import PLATFORMS, Layout
from bri_cli.outcome import DONE, CommandFailed
from bri_cli.probe import Probe
from bri_cli.services import Service, broker, services
from bri_cli.summary import summary
from bri_cli.supervisor import Member, Supervisor

Say = Callable[[str], None]
SEARCH_NAME = "search"
SAME_SIGNAL_SECONDS = 0.3
"""Signals this close are one order: `timeout` and some shells signal a process and its group."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(layout: Layout, with_samples: bool, say: Say) -> int:
    """Run a federation until a signal ends it; answers the exit status.

    Raises:
        CommandFailed: something is wrong with this machine, or a service fell before all was ready.
    """
    began = time.monotonic()
    lock = preflight.check(layout)
    try:
        return asyncio.run(_run(layout, with_samples, say, began))
    finally:
        lock.release()


async def _run(layout: Layout, with_samples: bool, say: Say, began: float) -> int:
    supervisor = Supervisor(say, lambda: running.write(layout, supervisor.processes()))
    stopped = _hear_signals(supervisor)
    life = asyncio.create_task(_live(layout, supervisor, with_samples, say, began))
    try:
        either: set[asyncio.Future[Any]] = {life, stopped}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not stopped.done():
            life.result()
        say("stopping")
    finally:
        ending = time.monotonic()
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        await supervisor.stop()
        running.remove(layout)
    say(f"stopped in {time.monotonic() - ending:.1f} s")
    return DONE


def _hear_signals(supervisor: Supervisor) -> asyncio.Future[float]:
    """What is done, with the loop's time, once a signal has come; another kills all children."""
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[float] = loop.create_future()

    def hear() -> None:
        if not stopped.done():
            stopped.set_result(loop.time())
        elif loop.time() - stopped.result() > SAME_SIGNAL_SECONDS:
            supervisor.kill()

    for number in SIGNALS:
        loop.add_signal_handler(number, hear)
    return stopped


async def _live(
    layout: Layout, supervisor: Supervisor, with_samples: bool, say: Say, began: float
) -> None:
    away = await supervisor.unless_fallen(_bring_up(layout, supervisor, with_samples, say))
    for line in summary(layout):
        say(line)
    names = ", ".join(each.child.name for each in away)
    without = f" without {names}" if away else ""
    say(f"ready in {time.monotonic() - began:.1f} s{without}: {layout.url('hub')}")
    late = [_join_late(layout, each, with_samples, say) for each in away]
    await asyncio.gather(supervisor.keep(), *late)


async def _bring_up(
    layout: Layout, supervisor: Supervisor, with_samples: bool, say: Say
) -> list[Member]:
    """Answers the members that are not there."""
    say(f"starting nats, hub, search, {', '.join(PLATFORMS)} on {layout.data}")
    want_samples = _wants_samples(layout, with_samples)
    # Also where it is older than credentials are: the hub is to know those of its platforms.
    is_new = not layout.hub_credentials.exists()
    members = [_member(layout, service) for service in [broker(layout), *services(layout)]]
    await supervisor.start(members)
    preparing = asyncio.create_task(
        _prepare(layout, list(PLATFORMS), want_samples, SEARCH_NAME, say)
        if is_new or want_samples
        else _nothing()
    )
    try:
        away = await supervisor.ready(members)
        if not away:
            await preparing
    finally:
        preparing.cancel()
        await asyncio.gather(preparing, return_exceptions=True)
    names = {each.child.name for each in away}
    present = [code for code in PLATFORMS if code not in names]
    if not await are_acquainted(layout, present) or (away and present and want_samples):
        search = "" if SEARCH_NAME in names else SEARCH_NAME
        await _prepare(layout, present, want_samples and bool(away), search, say)
    if SEARCH_NAME not in names:
        away += await supervisor.ready([_searching(layout, supervisor)])
    return away


async def _nothing() -> None:
    """Nothing is to be prepared."""


def _wants_samples(layout: Layout, with_samples: bool) -> bool:
    return with_samples and not layout.samples_mark.exists()


async def _join_late(layout: Layout, member: Member, with_samples: bool, say: Say) -> None:
    """A centre that was not there at the start is admitted once it is."""
    await member.answered.wait()
    code = member.child.name
    want_samples = _wants_samples(layout, with_samples)
    if code not in PLATFORMS or (not want_samples and await are_acquainted(layout, [code])):
        return
    try:
        await _prepare(layout, [code], want_samples, "", say)
    except CommandFailed as failed:
        say(str(failed))


def _member(layout: Layout, service: Service) -> Member:
    name = service.program.name
    child = Child(service.program, layout.log(name))
    return Member(child, service.probe, service.wave, service.essential)


def _searching(layout: Layout, supervisor: Supervisor) -> Member:
    """Search once more, as the hub asks it: its way there is open, and what the first question is
    slowed down by is loaded."""
    search = next(each for each in supervisor.members if each.child.name == SEARCH_NAME)
    probe = Probe(layout.reachable_host, layout.port("hub"), "/api/v1/search?q=water&limit=1")
    return Member(search.child, probe, search.wave, essential=False, ended=search.ended)


async def _prepare(
    layout: Layout, codes: Sequence[str], with_samples: bool, search: str, say: Say
) -> None:
    wanted = [*codes, *(["samples"] if with_samples else []), *([search] if search else [])]
    arguments = (str(layout.data), str(layout.port_base), layout.host, *wanted)
    await run_errand("bri_cli.prepare", arguments, layout.log("prepare"), say)
