"""Alerts at work: whoever watches changes, takes wishes and delivers, wired and run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bri_hub.alerts import sweeping
from bri_hub.alerts.delivering import Courier
from bri_hub.alerts.feeding import FeedCourier
from bri_hub.alerts.hooks import Hooks, hook_bounds
from bri_hub.alerts.mailing import Mailer
from bri_hub.alerts.outbox import Outbox
from bri_hub.alerts.pushing import Pusher
from bri_hub.alerts.sealing import Seal, load_key
from bri_hub.alerts.subscribing import HubAlerts
from bri_hub.alerts.watching import Watch
from bri_hub.alerts.websub import FeedHub
from bri_hub.parts import Parts
from bri_kit.ending import end
from bri_kit.fetching import bounds_of
from bri_pages.site import Site
from bri_pages.topics import Topics

_DAY = 86_400


class Telling:
    """Alerts of a hub: every process takes wishes (`alerts`), one of them watches and delivers."""

    def __init__(self, parts: Parts, site: Site, topics: Topics) -> None:
        settings = parts.settings
        key = load_key(settings.data, settings.alerts_secret.get_secret_value())
        seal = Seal(key, settings.alerts_link_days * _DAY)
        mailer = Mailer(settings)
        hooks = Hooks(hook_bounds(bounds_of(settings.fetch_allowed)))
        self.alerts = HubAlerts(settings, parts.engine, parts.search, seal, mailer, hooks)
        told = self.alerts.waiting
        self._engine, self._keep_days = parts.engine, settings.alerts_keep_days
        self._watch = Watch(parts.engine, parts.search, parts.announcements, told)
        outbox = Outbox(settings, parts.engine, told)
        self._courier = Courier(settings, outbox, site, seal, mailer, hooks)
        self.feed_hub = FeedHub(settings, parts.engine, topics, told)
        hub = f"{settings.address}{site.feed_hub}"
        pusher = Pusher(hooks.bounds, topics, parts.search, hub)
        self._feeds = FeedCourier(settings, outbox, pusher)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Changes are watched and letters delivered, inside the block."""
        tasks = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("alerts.watch", self._watch.run()),
                ("alerts.mail", self._courier.run_mail()),
                ("alerts.hooks", self._courier.run_hooks()),
                ("alerts.feeds", self._feeds.run()),
                ("alerts.sweep", sweeping.run(self._engine, self._keep_days)),
            )
        ]
        try:
            yield
        finally:
            await asyncio.gather(*map(end, tasks))
