"""The addresses of pages for following; added to a site, with alerts where it sends them."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response

from bri_kit.errors import NotFound
from bri_pages.alerts import Alerts
from bri_pages.views import subscribing

FindAlerts = Callable[[Request], Alerts]


def add_following(app: FastAPI, visiting: Any, find: FindAlerts | None) -> None:
    """`visiting` is the dependency that makes a Visit; `find` finds who sends alerts."""

    def alerts_if_any(request: Request) -> Alerts | None:
        return find(request) if find else None

    possible = Annotated[Alerts | None, Depends(alerts_if_any)]

    @app.get("/{language}/follow/{path:path}")
    async def show_follow(visit: visiting, path: str, alerts: possible) -> Response:
        return await subscribing.show_follow(visit, alerts, path)

    @app.post("/{language}/follow/{path:path}")
    async def take_wish(visit: visiting, path: str, alerts: possible) -> Response:
        return await subscribing.take_wish(visit, alerts, path)

    if find:
        _add_links(app, visiting, find)


def _add_links(app: FastAPI, visiting: Any, find: FindAlerts) -> None:
    def found(request: Request) -> Alerts:
        return find(request)

    sending = Annotated[Alerts, Depends(found)]

    def add(path: str, show: Any, take: Any) -> None:
        async def on_get(visit: visiting, secret: str, alerts: sending) -> Response:
            return _checked(await show(visit, alerts, secret))

        async def on_post(visit: visiting, secret: str, alerts: sending) -> Response:
            return _checked(await take(visit, alerts, secret))

        app.get(path)(on_get)
        app.post(path)(on_post)

    add(
        "/{language}/following/confirm/{secret}", subscribing.show_confirmation, subscribing.confirm
    )
    add("/{language}/following/all/{secret}", subscribing.show_all, subscribing.leave_all)
    add("/{language}/following/{secret}", subscribing.show_managing, subscribing.manage)
    add("/{language}/unsubscribe/{secret}", subscribing.show_leaving, subscribing.leave)


def _checked(answer: object) -> Response:
    if not isinstance(answer, Response):
        raise NotFound
    return answer
