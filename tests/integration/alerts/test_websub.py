"""WebSub: feeds of the portal, sent to a real subscriber when they change."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from hmac import new
from typing import Any

import feedparser
import pytest
import time_machine

from bri_hub.alerts import websub
from bri_kit import database
from bri_kit.clock import now
from tests.integration.alerts.conftest import Place, revised
from tests.integration.hub.running import ADDRESS
from tests.support.callbacks import CallbackServer
from tests.support.centres import a_record

TOPIC = f"{ADDRESS}/en/search.atom?q=waste"


@pytest.fixture
def reader() -> Iterator[CallbackServer]:
    server = CallbackServer()
    server.start()
    yield server
    server.stop()


async def ask(place: Place, reader: CallbackServer, mode: str = "subscribe", **more: str) -> Any:
    """Ask the portal's hub for a feed, or for no more of it."""
    form = {"hub.mode": mode, "hub.topic": TOPIC, "hub.callback": reader.url} | {
        f"hub.{name}": value for name, value in more.items()
    }
    return await place.hub.http.post("/websub", data=form)


async def subscribe(place: Place, reader: CallbackServer, **more: str) -> None:
    """Ask for a feed, the search's where no other `topic` is named."""
    answer = await ask(place, reader, **more)
    assert answer.status_code == 202, answer.text
    await place.has("SELECT count(*) FROM websub_feed", 1)
    await place.has("SELECT count(*) FROM websub_intent", 0)


async def test_a_feed_names_its_hub(place: Place) -> None:
    """In its headers and in itself, as subscribers look for it."""
    for form in ("atom", "json"):
        answer = await place.hub.http.get(f"/en/news.{form}?country=KZ")
        links = answer.links
        assert links["hub"]["url"] == f"{ADDRESS}/websub"
        assert links["self"]["url"] == f"{ADDRESS}/en/news.{form}?country=KZ"
        if form == "atom":
            found = {each.rel: each.href for each in feedparser.parse(answer.content).feed.links}
            assert found["hub"] == f"{ADDRESS}/websub"
        else:
            assert answer.json()["hubs"] == [{"type": "WebSub", "url": f"{ADDRESS}/websub"}]


async def test_a_subscriber_is_sent_the_feed_when_it_changes(
    place: Place, reader: CallbackServer
) -> None:
    """After a challenge: what is new, what is revised, and that something is gone, each signed with
    the subscriber's secret."""
    await subscribe(place, reader, secret="our secret", lease_seconds="86400")
    (challenge,) = reader.asked
    assert challenge["user"] == "7"
    assert (challenge["hub.mode"], challenge["hub.topic"]) == ("subscribe", TOPIC)
    assert challenge["hub.lease_seconds"] == "86400"
    record = await place.publish(a_record(place.sco.record_id(), en="Waste"))
    (first,) = await reader.was_sent(1)
    feed = feedparser.parse(first.body)
    assert [each.title for each in feed.entries] == ["Waste"]
    assert first.headers["Content-Type"] == "application/atom+xml"
    assert f'<{TOPIC}>; rel="self"' in first.headers["Link"]
    signature = new(b"our secret", first.body, sha256).hexdigest()
    assert first.headers["X-Hub-Signature"] == f"sha256={signature}"
    await place.publish(revised(record, en="Waste again"))
    (_, second) = await reader.was_sent(2)
    assert [each.title for each in feedparser.parse(second.body).entries] == ["Waste again"]
    await place.publish(a_record(place.sco.record_id(), en="Something else"))
    await place.retract(revised(record, en="Waste again"), "wrong")
    (_, _, third) = await reader.was_sent(3)
    assert feedparser.parse(third.body).entries == []


async def test_a_centres_own_feed_is_sent_from_here(place: Place, reader: CallbackServer) -> None:
    """As its own site writes it, with that site's addresses, though its server is never asked; what
    the feed would not have is no news."""
    topic = "http://sco.test/en/news.atom"
    await subscribe(place, reader, topic=topic)
    record = await place.publish(a_record(place.sco.record_id(), en="Waste"))
    (sent,) = await reader.was_sent(1)
    assert f'<{topic}>; rel="self"' in sent.headers["Link"]
    assert f'<{ADDRESS}/websub>; rel="hub"' in sent.headers["Link"]
    feed = feedparser.parse(sent.body)
    assert [each.id for each in feed.entries] == [f"http://sco.test/records/{record.id}"]
    links = {each.rel: each.href for each in feed.feed.links}
    assert (links["self"], links["hub"]) == (topic, f"{ADDRESS}/websub")
    assert feed.feed.title.endswith("Centre sco")
    wanted = "asked = 'kind=news&centre=sco'"
    assert place.count(f"SELECT count(*) FROM alert_search WHERE {wanted}") == 1


@pytest.mark.parametrize(
    "topic",
    ["http://sco.test", "http://sco.test.example/en/news.atom", "http://sco.test/kk/news.atom",
     "http://sco.test/en/news.rss", "http://sco.test/en/federation.atom"],
)  # fmt: skip
async def test_what_is_no_feed_of_a_centre_is_refused(
    place: Place, reader: CallbackServer, topic: str
) -> None:
    """Another host's, another language's, another page's."""
    answer = await ask(place, reader, topic=topic)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["hub.topic"]


async def test_what_was_not_taken_is_sent_again(place: Place, reader: CallbackServer) -> None:
    """Also after a restart of the hub; the feed is then as it is then."""
    await subscribe(place, reader)
    reader.status = 500
    await place.publish(a_record(place.sco.record_id(), en="Waste one"))
    await reader.was_sent(2)
    assert "X-Hub-Signature" not in reader.sent[0].headers
    await place.stop_hub()
    reader.status = 204
    tried = len(reader.sent)
    await place.start_hub()
    (*_, last) = await reader.was_sent(tried + 1)
    assert len(feedparser.parse(last.body).entries) == 1


async def test_nobody_is_subscribed_by_others(place: Place, reader: CallbackServer) -> None:
    """A callback that does not send the challenge back begins nothing, and ends nothing."""
    reader.confirms = False
    assert (await ask(place, reader)).status_code == 202
    await reader.was_asked(1)
    await place.has("SELECT count(*) FROM websub_intent", 0)
    assert place.rows("websub_feed") == 0
    reader.confirms = True
    await subscribe(place, reader)
    reader.confirms = False
    assert (await ask(place, reader, "unsubscribe")).status_code == 202
    await reader.was_asked(3)
    await place.has("SELECT count(*) FROM websub_intent", 0)
    assert place.rows("websub_feed") == 1


async def test_a_callback_that_is_away_is_asked_again(place: Place, reader: CallbackServer) -> None:
    """Ever later, and then no more."""
    reader.confirms, reader.denial = False, 503
    await ask(place, reader)
    await reader.was_asked(3)
    reader.confirms = True
    await place.has("SELECT count(*) FROM websub_feed", 1)


async def test_who_wants_no_more_is_sent_no_more(place: Place, reader: CallbackServer) -> None:
    """By asking, by answering 410, or by letting the lease end."""
    await subscribe(place, reader)
    await ask(place, reader, "unsubscribe")
    await place.has("SELECT count(*) FROM websub_feed", 0)
    assert place.rows("alert_subscription") == place.rows("alert_search") == 0
    await subscribe(place, reader)
    reader.status = 410
    await place.publish(a_record(place.sco.record_id(), en="Waste"))
    await place.has("SELECT count(*) FROM websub_feed", 0)
    await subscribe(place, reader, lease_seconds="1")
    engine = place.hub.app.state.parts.engine
    with database.writing(engine) as session:
        assert websub.end_leases(session, now() + timedelta(seconds=299)) == 0
        assert websub.end_leases(session, now() + timedelta(seconds=301)) == 1
    assert place.rows("websub_feed") == place.rows("alert_subscription") == 0


async def test_asking_again_renews(place: Place, reader: CallbackServer) -> None:
    """The lease; it is one subscription all the same, and each feed is one."""
    await subscribe(place, reader, secret="one")
    [before] = place.values("SELECT expires_at FROM websub_feed")
    with time_machine.travel(now() + timedelta(hours=1), tick=True):
        assert (await ask(place, reader, secret="one")).status_code == 202
        await place.has(f"SELECT count(*) FROM websub_feed WHERE expires_at > '{before}'", 1)
    assert place.rows("alert_subscription") == 1
    other = TOPIC.replace(".atom", ".json")
    assert (await ask(place, reader, topic=other)).status_code == 202
    await place.has("SELECT count(*) FROM websub_feed", 2)
    assert place.rows("alert_search") == 1


def signatures(sent: Any, *secrets: str) -> set[str]:
    """By which of the secrets each of these is signed."""
    return {
        secret
        for each in sent
        for secret in secrets
        if each.headers.get("X-Hub-Signature")
        == f"sha256={new(secret.encode(), each.body, sha256).hexdigest()}"
    }


async def test_a_stranger_cannot_change_the_secret(place: Place, reader: CallbackServer) -> None:
    """Who asks in a callback's name with another secret takes nothing from it, though it confirms
    whatever it is asked: it goes on getting what its own secret signs, however many ask, and
    renews by that."""
    await subscribe(place, reader, secret="mine")
    for number in range(5):
        assert (await ask(place, reader, secret=f"his {number}")).status_code == 202
        await place.has(f"SELECT count(*) FROM websub_feed WHERE secret = 'his {number}'", 1)
        await place.has("SELECT count(*) FROM websub_intent", 0)
    assert place.rows("websub_feed") == websub.MOST_SECRETS
    await place.publish(a_record(place.sco.record_id(), en="Waste"))
    sent = await reader.was_sent(websub.MOST_SECRETS)
    assert "mine" in signatures(sent, "mine")
    assert (await ask(place, reader, secret="mine")).status_code == 202
    await place.has("SELECT count(*) FROM websub_intent", 0)
    assert place.rows("websub_feed") == websub.MOST_SECRETS
    await ask(place, reader, "unsubscribe")
    await place.has("SELECT count(*) FROM websub_feed", 0)


async def test_a_request_that_waits_is_not_displaced(place: Place, reader: CallbackServer) -> None:
    """A stranger's is another request, and what was not confirmed fills nothing."""
    await place.stop_hub()
    await place.start_hub(alerts_each=1)
    reader.confirms, reader.denial = False, 503
    for number in range(3):
        place.hub.http.headers["X-Forwarded-For"] = f"203.0.113.{number}"
        topic = f"{ADDRESS}/en/search.atom?q={number}"
        assert (await ask(place, reader, topic=topic, secret="his")).status_code == 202
    for number, secret in ((7, "mine"), (8, "his")):
        place.hub.http.headers["X-Forwarded-For"] = f"203.0.113.{number}"
        assert (await ask(place, reader, secret=secret)).status_code == 202
    assert place.count("SELECT count(*) FROM websub_intent WHERE secret = 'mine'") == 1


BAD = (
    {"mode": "publish"}, {"mode": ""}, {"topic": "http://elsewhere.test/en/news.atom"},
    {"topic": f"{ADDRESS}/en/news"}, {"topic": f"{ADDRESS}/xx/news.atom"}, {"topic": ""},
    {"topic": f"{ADDRESS}/en/nothing.atom"}, {"topic": f"{ADDRESS}.evil/en/news.atom"},
    {"topic": f"{ADDRESS}/en/search.atom?q={'x' * 3_000}"}, {"callback": "ftp://example.com/"},
    {"callback": "http://["}, {"callback": ""}, {"callback": "http://example.com/#fragment"},
    {"callback": "http://example.com/ x"}, {"callback": f"http://example.com/{'x' * 2_000}"},
    {"secret": "x" * 200}, {"lease_seconds": "-1"}, {"lease_seconds": "²"},
)  # fmt: skip


async def test_a_bad_request_is_refused(place: Place, reader: CallbackServer) -> None:
    """With a status that says so, and nothing is kept or asked."""
    for more in BAD:
        answer = await ask(place, reader, **more)
        assert answer.status_code in (400, 422), more
    large = await place.hub.http.post("/websub", content=b"x" * 100_000)
    assert large.status_code == 413
    assert place.rows("websub_intent") == 0
    assert reader.asked == []


async def test_an_inner_address_is_never_asked(place: Place, reader: CallbackServer) -> None:
    """Whatever stands in the form; the request is forgotten."""
    for url in ("http://169.254.169.254/latest", "http://10.1.2.3/", "http://[fd00::1]/"):
        assert (await ask(place, reader, callback=url)).status_code == 202
    await place.has("SELECT count(*) FROM websub_intent", 0)
    assert place.rows("websub_feed") == 0


async def test_who_asks_too_much_is_told(place: Place, reader: CallbackServer) -> None:
    """A host that is asked for again and again."""
    statuses = {(await ask(place, reader)).status_code for _ in range(25)}
    assert statuses == {202, 429}
