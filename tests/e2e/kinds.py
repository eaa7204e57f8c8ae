"""An address of each kind of page, with `{language}` for the reader's."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from tests.e2e.exhibits import Exhibits


@dataclass(frozen=True, slots=True)
class Sites:
    """Where the hub and a centre's own site answer."""

    hub: str
    node: str


def public_pages(sites: Sites, exhibits: Exhibits) -> dict[str, str]:
    """What readers see, at the hub and at a centre."""
    news, policy = (_some(sites.hub, kind) for kind in ("news", "policy"))
    below = {
        "home": "",
        "search": "search?q=waste",
        "search-narrowed": "search?q=water&kind=policy&kind=news&from=2010",
        "search-story": f"search?q={'Aral'}&country=UZ",
        "nothing": "search?q=water&country=IS&topic=desertification",
        "module": "policies",
        "countries": "countries",
        "country": "countries/KZ",
        "topics": "topics",
        "topic": "topics/solid-waste",
        "centres": "centres",
        "centre": "centres/sco",
        "federation": "federation",
        "record": f"records/{news}",
        "record-revised": f"records/{exhibits.revised}",
        "record-stale": f"records/{exhibits.revised}?edition=zh",
        "record-story": f"records/{exhibits.story}",
        "policy": f"records/{policy}",
        "policy-amended": f"records/{exhibits.amended}",
        "history": f"records/{exhibits.revised}/history",
        "problem": "nowhere",
        "follow": "follow/policies?country=KZ",
    }
    found = {name: f"{sites.hub}/{{language}}/{path}" for name, path in below.items()}
    found |= {"follow-confirm": exhibits.confirming, "follow-manage": exhibits.following}
    found["follow-leave"] = exhibits.following.replace("/following/", "/unsubscribe/")
    own = {name: below[name] for name in ("home", "search", "record")}
    return found | {f"node-{name}": f"{sites.node}/{{language}}/{own[name]}" for name in own}


def desk_pages(sites: Sites, exhibits: Exhibits) -> Mapping[str, str]:
    """What an editor sees who is signed in."""
    desk = f"{sites.node}/desk"
    record = f"{desk}/records/{exhibits.revised}"
    return {
        "desk-list": f"{desk}/?list=published",
        "desk-new": f"{desk}/new",
        "desk-record": record,
        "desk-edit": f"{record}/edit?left=ru&right=zh",
        "desk-policy": f"{desk}/records/{exhibits.amended}/edit",
        "desk-retract": f"{record}/retract",
        "desk-problem": f"{desk}/nothing",
    }


def _some(hub: str, kind: str) -> str:
    """A record of a kind that the centre `sco` published first."""
    params = {"kind": kind, "centre": "sco", "limit": "1"}
    answer = httpx.get(f"{hub}/api/v1/records", params=params, timeout=10)
    identifier: str = answer.json()["items"][0]["id"]
    return identifier
