"""The desk's page about sources: how each goes, and what they propose.

Sources are set up by the command line or the API; here an editor sees what becomes of them, and
decides what they propose.
"""

from typing import Any

import orjson
from bri.content.v1 import content_pb2
from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from bri_kit import html
from bri_kit.errors import BriError
from bri_node.actor import require_editor
from bri_node.desk.form import Form
from bri_node.desk.turn import Sent, Turn, Writer
from bri_node.harvesting import proposals, sources
from bri_node.harvesting.proposals import Proposal
from bri_node.harvesttables import HarvestSourceRow

SHOWN_PROPOSALS = 50
_SHOWN_FAULTS = 5
_EXCERPT = 400

router = APIRouter()


@router.get("/sources")
def show_sources(turn: Writer, done: str = "") -> Response:
    """All sources and all open proposals."""
    return _show(turn, done)


def _show(turn: Turn, done: str = "", fact: BriError | None = None) -> Response:
    with turn.node.store.reading() as session:
        rows = [_line(session, row) for row in sources.listed(session)]
        found, more = proposals.page(session, 0, SHOWN_PROPOSALS)
        values = {
            "sources": rows,
            "proposals": [_proposal(each) for each in found],
            "more": more,
            "done": done,
            "problem": type(fact).__name__ if fact else "",
            "detail": fact.detail if fact else "",
        }
        return turn.show("sources.html", turn.say("Sources"), values, fact.status if fact else 200)


def _line(session: Session, row: HarvestSourceRow) -> dict[str, Any]:
    last = orjson.loads(row.outcome)
    faults = last.get("faults", [])
    return {
        "row": row,
        "items": sources.items_of(session, row.name),
        "last": last,
        "faults": faults[:_SHOWN_FAULTS],
        "more_faults": max(0, len(faults) - _SHOWN_FAULTS),
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    shown: dict[str, Any] = {"title": "", "text": "", "language": ""}
    if proposal.proposed is not None:
        shown = _beginning(proposal.proposed)
    return {"it": proposal, "proposed": shown}


def _beginning(record: content_pb2.Record) -> dict[str, Any]:
    language = record.original_language
    edition = next(each for each in record.editions if each.language == language)
    text = html.plain_text(edition.body)
    more = "…" if len(text) > _EXCERPT else ""
    return {"title": edition.title, "text": text[:_EXCERPT] + more, "language": language}


@router.post("/sources/{name}/run")
def run_source(sent: Sent, name: str) -> Response:
    """Have a source read as soon as may be."""
    turn, _typed = sent
    try:
        require_editor(turn.me.actor)
        with turn.node.store.writing() as session:
            sources.ask(session, name)
    except BriError as fact:
        return _show(turn, fact=fact)
    return turn.go("/sources?done=source-run")


@router.post("/proposals/{number}")
def decide(sent: Sent, number: int) -> Response:
    """Accept a proposal, or refuse it."""
    turn, typed = sent
    try:
        decision = _decide(turn, number, typed)
    except BriError as fact:
        return _show(turn, fact=fact)
    return turn.go(f"/sources?done=proposal-{decision}#proposals")


def _decide(turn: Turn, number: int, typed: Form) -> str:
    accept = typed.text("decision") == "accept"
    revision = typed.number("revision") if accept else None
    if accept:
        turn.node.centre.seal.gate.wait()
    with turn.node.store.writing() as session:
        row = proposals.decide(
            session,
            turn.node.centre,
            number,
            turn.me.actor,
            accept=accept,
            revision=revision,
        )
        return row.decision
