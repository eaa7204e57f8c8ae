"""Alerts at work: whoever watches changes, takes wishes and delivers, wired and run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bri_hub.alerts.delivering import Courier
from bri_hub.alerts.hooks import Hooks, hook_bounds
from bri_hub.alerts.mailing import Mailer
from bri_hub.alerts.sealing import Seal, load_key
from bri_hub.alerts.subscribing import HubAlerts
from bri_hub.alerts.watching import Watch
from bri_hub.parts import Parts
from bri_kit.ending import end
from bri_kit.fetching import bounds_of
from bri_pages.site import Site

_DAY = 86_400


@asynccontextmanager
async def alerting(parts: Parts, site: Site) -> AsyncIterator[HubAlerts]:
    """Alerts of a running hub, inside the block."""
    settings = parts.settings
    key = load_key(settings.data, settings.alerts_secret.get_secret_value())
    seal = Seal(key, settings.alerts_link_days * _DAY)
    mailer = Mailer(settings)
    hooks = Hooks(hook_bounds(bounds_of(settings.fetch_allowed)))
    alerts = HubAlerts(settings, parts.engine, parts.search, seal, mailer, hooks)
    watch = Watch(parts.engine, parts.search, parts.announcements, alerts.waiting)
    courier = Courier(settings, parts.engine, site, seal, mailer, hooks, alerts.waiting)
    tasks = [
        asyncio.create_task(work, name=name)
        for name, work in (
            ("alerts.watch", watch.run()),
            ("alerts.mail", courier.run_mail()),
            ("alerts.hooks", courier.run_hooks()),
        )
    ]
    try:
        yield alerts
    finally:
        await asyncio.gather(*map(end, tasks))
