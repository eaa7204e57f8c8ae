"""`bri up`: brings a federation up, keeps it up, and takes it down.

Rules:
- everything is checked (`preflight`) before anything is started;
- all services start at once, and beside them, where it is needed, a short-lived process that
  admits the centres and loads the samples;
- 'ready' is said once every service answers and the hub answers a search;
- SIGINT, SIGTERM and SIGHUP end it at any time with status 0; a second one kills at once.
"""

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Any

from bri_cli import preflight, running
from bri_cli.acquaintance import are_acquainted
from bri_cli.child import Child
from bri_cli.errand import run_errand
from bri_cli.layout import PLATFORMS, Layout
from bri_cli.outcome import DONE
from bri_cli.probe import Probe
from bri_cli.services import Service, broker, services
from bri_cli.summary import summary
from bri_cli.supervisor import Member, Supervisor

Say = Callable[[str], None]
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
    await supervisor.unless_fallen(_bring_up(layout, supervisor, with_samples, say))
    for line in summary(layout):
        say(line)
    say(f"ready in {time.monotonic() - began:.1f} s: {layout.url('hub')}")
    await supervisor.keep()


async def _bring_up(layout: Layout, supervisor: Supervisor, with_samples: bool, say: Say) -> None:
    say(f"starting nats, hub, search, {', '.join(PLATFORMS)} on {layout.data}")
    want_samples = with_samples and not layout.samples_mark.exists()
    # Also where it is older than credentials are: the hub is to know those of its platforms.
    is_new = not layout.hub_credentials.exists()
    all_services = [broker(layout), *services(layout)]
    await supervisor.start([_member(layout, service) for service in all_services])
    if is_new or want_samples:
        await asyncio.gather(
            supervisor.ready(supervisor.members), _prepare(layout, want_samples, say)
        )
    else:
        await supervisor.ready(supervisor.members)
        if not await are_acquainted(layout):
            await _prepare(layout, want_samples, say)
    await supervisor.ready([_searching(layout, supervisor)])


def _member(layout: Layout, service: Service) -> Member:
    name = service.program.name
    return Member(Child(service.program, layout.log(name)), service.probe, service.wave)


def _searching(layout: Layout, supervisor: Supervisor) -> Member:
    """The hub once more, asked for a search: its way to the search service is open, and what the
    first question is slowed down by is loaded."""
    hub = next(each for each in supervisor.members if each.child.name == "hub")
    probe = Probe(layout.reachable_host, layout.port("hub"), "/api/v1/search?q=water&limit=1")
    return Member(hub.child, probe, hub.wave)


async def _prepare(layout: Layout, with_samples: bool, say: Say) -> None:
    arguments = (str(layout.data), str(layout.port_base), layout.host)
    wanted = ("samples",) if with_samples else ()
    await run_errand("bri_cli.prepare", arguments + wanted, layout.log("prepare"), say)
