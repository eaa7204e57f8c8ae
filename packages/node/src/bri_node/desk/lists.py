"""The pages on which an editor finds what there is to do."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from bri_node.desk import drafts, listing
from bri_node.desk.listing import LISTS, PAGE, SORTS, Asked
from bri_node.desk.turn import Turn, Writer

router = APIRouter()
_MAX_PAGE = 4_000
_LONGEST_QUESTION = 200


@router.get("/")
def show_list(
    turn: Writer,
    list: str = "",  # noqa: A002 - a name in addresses
    q: str = "",
    sort: str = "updated",
    page: str = "1",
) -> Response:
    """Records by state, or those with some words; what was typed and never saved."""
    name = list if list in LISTS else ("in-review" if turn.me.is_editor else "mine")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 5 else 1
    text = q.replace("\0", "").strip()[:_LONGEST_QUESTION]
    asked = Asked(
        "" if text else name,
        text,
        sort if sort in SORTS else SORTS[0],
        min(max(number, 1), _MAX_PAGE),
    )
    return _show(turn, asked)


def _show(turn: Turn, asked: Asked) -> Response:
    with turn.node.store.reading() as session:
        lines, total = listing.page(turn.node, session, turn.me, asked)
        counts = listing.counts(session, turn.me)
        unsaved = drafts.of_user(session, turn.me)
    values = {
        "asked": asked,
        "lines": lines,
        "total": total,
        "last": max(1, -(-total // PAGE)),
        "counts": counts,
        "unsaved": unsaved,
        "lists": LISTS,
        "sorts": SORTS,
        "here": lambda **changes: _address(asked, **changes),
        "progress": turn.node.progress(),
    }
    return turn.show("list.html", turn.say("Editor's desk"), values)


def _address(asked: Asked, **changes: object) -> str:
    fields = {"list": asked.name, "q": asked.text, "sort": asked.sort, "page": 1} | changes
    defaults = {"sort": "updated", "page": 1, "q": "", "list": ""}
    kept = {name: value for name, value in fields.items() if value != defaults[name]}
    return f"/desk/?{urlencode(kept)}"
