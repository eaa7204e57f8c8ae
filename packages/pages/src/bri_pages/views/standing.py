"""The federation page: how every centre stands, as a table and as a schematic map."""

from fastapi.responses import HTMLResponse

from bri_kit.clock import timestamp
from bri_pages.atlas import draw
from bri_pages.rendering import Page
from bri_pages.views.home import tell_standing
from bri_pages.visit import Visit


async def show_federation(visit: Visit) -> HTMLResponse:
    """Each centre's state, last entry, lag and rejections."""
    centres = await visit.source.centres()
    page = Page(path="federation", title=visit.say("The federation today"))
    federation = await visit.source.federation()
    troubled = [
        each["code"]
        for each in federation["centres"]
        if each["state"] != "active"
        or each.get("hold")
        or each.get("missing")
        or each.get("unstored")
    ]
    values = {
        "federation": federation,
        "troubled": troubled,
        "standing": await tell_standing(visit, centres),
        "atlas": draw({each["code"]: each["countries"] for each in centres}),
        "at": timestamp(),
        "names": visit.names(centres),
        "section": "federation",
    }
    return visit.show("federation.html", page, values)
