"""Who follows what, in the database: beginning, changing, leaving, and what is due.

A subscription belongs to whoever asked for it, and two of the same target have nothing in common.
An e-mail address is the exception: its owner alone can begin anything, so that it follows a search
once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from bri_hub.alerts import store
from bri_hub.alerts.rhythm import RHYTHMS, first_due, next_due
from bri_hub.alerts.tables import AlertLetter, AlertSearch, AlertSubscription
from bri_kit.clock import rfc3339
from bri_kit.errors import InvalidInput, NotFound
from bri_pages.alerts import TOO_MUCH

ACTIVE, SUSPENDED = "active", "suspended"
CONFIRMATION, OVERVIEW = "confirmation", "overview"
"""Kinds of letters."""

MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subscription that is to begin."""

    id: str
    channel: str
    target: str
    language: str
    rhythm: str
    asked: str


class Owned(NamedTuple):
    """A subscription and its search."""

    subscription: AlertSubscription
    search: AlertSearch


def begin(
    session: Session, wanted: Wanted, now: datetime, *, hour: int, most: int
) -> tuple[AlertSubscription, bool]:
    """The subscription that was wanted, and whether its search is new here. Where it has begun
    already, or its e-mail address follows the search, that one as it is.

    Raises:
        InvalidInput: the target follows `most` searches.
    """
    search = store.find_search(session, wanted.asked)
    is_new = search is None
    if found := _find_begun(session, wanted, search):
        return found, False
    if len(list_owned(session, wanted.channel, wanted.target)) >= most:
        raise InvalidInput(TOO_MUCH)
    search = search or store.begin_search(session, wanted.asked, rfc3339(now))
    subscription = AlertSubscription(
        id=wanted.id,
        search_id=search.id,
        channel=wanted.channel,
        target=wanted.target,
        language=wanted.language,
        rhythm=wanted.rhythm,
        state=ACTIVE,
        created_at=rfc3339(now),
        due_at=rfc3339(first_due(wanted.rhythm, now, hour=hour)),
        cursor=store.last_event(session),
    )
    session.add(subscription)
    session.flush()
    return subscription, is_new


def _find_begun(
    session: Session, wanted: Wanted, search: AlertSearch | None
) -> AlertSubscription | None:
    if found := session.get(AlertSubscription, wanted.id):
        return found
    if search is None or wanted.channel != MAIL:
        return None
    query = select(AlertSubscription).where(
        AlertSubscription.search_id == search.id,
        AlertSubscription.channel == MAIL,
        AlertSubscription.target == wanted.target,
    )
    return session.exec(query).one_or_none()


def find(session: Session, subscription_id: str) -> Owned:
    """A subscription with its search.

    Raises:
        NotFound: it is gone.
    """
    row = session.exec(_owned().where(AlertSubscription.id == subscription_id)).one_or_none()
    if row is None:
        raise NotFound
    return Owned(*row)


def list_owned(session: Session, channel: str, target: str) -> Sequence[Owned]:
    """Everything that a target follows, the oldest first."""
    query = _owned().where(AlertSubscription.channel == channel, AlertSubscription.target == target)
    return [Owned(*row) for row in session.exec(query.order_by(col(AlertSubscription.id)))]


def leave(session: Session, *subscription_ids: str) -> None:
    """Forget subscriptions; one that is gone is no error."""
    leaving = [session.get(AlertSubscription, each) for each in subscription_ids]
    searches = {each.search_id for each in leaving if each is not None}
    for each in leaving:
        if each is not None:
            session.delete(each)
    store.forget_unfollowed(session, searches)


def list_due(session: Session, channel: str, now: datetime, limit: int) -> Sequence[Owned]:
    """Subscriptions that have something to be told now, the longest due first."""
    query = (
        _owned()
        .where(AlertSubscription.channel == channel, AlertSubscription.state == ACTIVE)
        .where(col(AlertSubscription.due_at) <= rfc3339(now))
        .where(col(AlertSearch.newest) > col(AlertSubscription.cursor))
        .order_by(col(AlertSubscription.due_at), col(AlertSubscription.id))
        .limit(limit)
    )
    return [Owned(*row) for row in session.exec(query)]


def pass_over(session: Session, now: datetime, hour: int) -> None:
    """Digests that were due and had nothing to tell are due again at their next time."""
    for rhythm in RHYTHMS[1:]:
        searches = select(AlertSearch.newest).where(
            col(AlertSearch.id) == col(AlertSubscription.search_id)
        )
        due = next_due(rhythm, now, hour=hour, gathering=0)
        session.connection().execute(
            update(AlertSubscription)
            .where(col(AlertSubscription.rhythm) == rhythm)
            .where(col(AlertSubscription.due_at) <= rfc3339(now))
            .where(col(AlertSubscription.cursor) >= searches.scalar_subquery())
            .values(due_at=rfc3339(due))
        )


def add_letter(session: Session, letter: AlertLetter) -> None:
    """Keep a letter until it is sent, instead of an older one that asks the same."""
    session.connection().execute(
        delete(AlertLetter).where(
            col(AlertLetter.address) == letter.address,
            col(AlertLetter.asked) == letter.asked,
            col(AlertLetter.kind) == letter.kind,
        )
    )
    session.add(letter)


def list_letters(session: Session, now: datetime, limit: int) -> Sequence[AlertLetter]:
    """Letters that are due, the longest due first."""
    query = select(AlertLetter).where(col(AlertLetter.due_at) <= rfc3339(now))
    return session.exec(query.order_by(col(AlertLetter.due_at)).limit(limit)).all()


def drop_expired(session: Session, now: datetime) -> int:
    """Forget letters whose links would not hold any more; how many."""
    expired = col(AlertLetter.expires_at) <= rfc3339(now)
    count = session.exec(select(func.count()).where(expired)).one()
    if count:
        session.connection().execute(delete(AlertLetter).where(expired))
    return count


def _owned() -> Select[AlertSubscription, AlertSearch]:
    return select(AlertSubscription, AlertSearch).join(
        AlertSearch, col(AlertSearch.id) == col(AlertSubscription.search_id)
    )
