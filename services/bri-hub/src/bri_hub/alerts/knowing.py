"""What was on a list before anybody followed it: known to those who follow, and told to nobody."""

from collections.abc import Sequence
from dataclasses import replace

import structlog
from bri.log.v1 import log_pb2
from sqlmodel import Session

from bri_hub.alerts import store
from bri_hub.alerts.judging import list_record
from bri_hub.alerts.store import Pair
from bri_hub.alerts.subscriptions import Wanted
from bri_hub.alerts.tables import AlertEvent, AlertSearch
from bri_hub.mapping import revision_of
from bri_hub.repository import catalogue
from bri_hub.searching import SearchClient
from bri_hub.tables import Holding
from bri_kit.clock import timestamp
from bri_kit.errors import BriError
from bri_kit.set_aside import write_each
from bri_pages.wishes import question_of
from bri_retrieval.engine import MAX_LIMIT

logger = structlog.get_logger()


async def find_policies(search: SearchClient, wanted: Wanted) -> Sequence[str]:
    """The instruments that a list has now, of which those who begin to follow it are told what
    amends them. Without search that begins with what comes."""
    question = question_of(wanted.asked)
    kinds = question.values("kind")
    if kinds and "policy" not in kinds:
        return ()
    query = replace(question.query(wanted.language, MAX_LIMIT), kinds=("policy",))
    try:
        found = await search.search(query)
    except BriError as reason:
        logger.warning("alerts.policies_unknown", reason=reason.detail)
        return ()
    return [hit.id for hit in found.hits]


def make_known(session: Session, search_id: str, record_ids: Sequence[str]) -> None:
    """Keep that a search lists these records now, as far as nothing was told about them."""
    if session.get(AlertSearch, search_id) is None:
        return
    told = store.told_about(session, record_ids)
    at = timestamp()
    held = []
    for record_id in record_ids:
        holding = catalogue.find_record(session, record_id)
        if holding is None or Pair(search_id, record_id) in told:
            continue
        held.append(holding)

    def list_one(holding: Holding) -> AlertEvent | None:
        signed = log_pb2.SignedEntry.FromString(holding.entry.envelope)
        entry = log_pb2.Entry.FromString(signed.entry)
        if not entry.HasField("published"):
            return None
        return list_record(search_id, entry.published, entry.number, at)

    events = write_each("alerts", held, list_one, revision_of)
    store.add_events(session, [event for event in events if event is not None])
