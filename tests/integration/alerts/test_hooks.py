"""What those who follow by webhook are sent, to a real service of theirs."""

import re
from dataclasses import dataclass
from html import unescape

from standardwebhooks import Webhook

from bri_pages.alerts import NO_ANSWER, NO_HOOK
from tests.integration.alerts.conftest import Place, revised
from tests.support.centres import a_record
from tests.support.hooks import HookServer

LIST = "en/follow/search?q=waste"
KEY = re.compile(r"whsec_[A-Za-z0-9+/=]+")
LINK = re.compile(r'"(/en/following/[^"]+)"')


@dataclass(frozen=True, slots=True)
class Given:
    """What the page says to whoever asks for a webhook: its key, and the path to change it."""

    key: str
    path: str


async def ask(place: Place, service: HookServer, path: str = LIST) -> Given:
    """Ask for a webhook; nothing has begun yet."""
    answer = await place.ask(path, channel="webhook", target=service.url)
    assert answer.status_code == 200, answer.text
    page = unescape(answer.text)
    [key], [link] = KEY.findall(page), set(LINK.findall(page))
    return Given(key, link)


async def challenge(place: Place, given: Given) -> int:
    """Have the service challenged; the status of the answer."""
    answer = await place.hub.http.post(given.path, data={"action": "challenge"})
    return int(answer.status_code)


async def set_up(place: Place, service: HookServer) -> Given:
    """Follow by webhook."""
    given = await ask(place, service)
    service.key = given.key
    assert await challenge(place, given) == 303
    return given


async def test_what_happens_is_posted_and_signed(place: Place, service: HookServer) -> None:
    """After a challenge each event is a request of its own, which a library of Standard Webhooks
    takes for genuine."""
    webhook = Webhook((await set_up(place, service)).key)
    record = await place.publish(a_record(place.sco.record_id(), en="Waste"))
    await service.delivered(2)
    await place.publish(revised(record, en="Waste again"))
    await service.delivered(3)
    await place.retract(revised(record, en="Waste again"), "wrong")
    challenge, *told = await service.delivered(4)
    assert challenge.document["type"] == "subscription.challenge"
    for each in (challenge, *told):
        headers = {name.lower(): value for name, value in each.headers.items()}
        webhook.verify(each.body, headers)
    kinds = ["record.new", "record.revised", "record.retracted"]
    assert [each.document["type"] for each in told] == kinds
    assert {each.document["data"]["id"] for each in told} == {record.id}
    assert told[2].document["data"]["differences"] == [["reason", "wrong"]]
    assert len({each.headers["webhook-id"] for each in told}) == 3


async def test_a_service_that_failed_gets_the_same_again(place: Place, service: HookServer) -> None:
    """Under the same id and in order, until it takes it; a restart of the hub changes nothing."""
    await set_up(place, service)
    service.status = 500
    one = await place.publish(a_record(place.sco.record_id(), en="Waste one"))
    await service.delivered(3)
    await place.stop_hub()
    service.status = 204
    tried = len(service.deliveries)
    ids = {each.headers["webhook-id"] for each in service.deliveries[1:]}
    assert len(ids) == 1
    await place.start_hub()
    (*_, last) = await service.delivered(tried + 1)
    assert last.headers["webhook-id"] in ids
    assert last.document["data"]["id"] == one.id
    assert await place.publish(a_record(place.sco.record_id(), en="Waste two"))
    await service.delivered(tried + 2)


async def test_a_service_that_never_takes_it_is_given_up(place: Place, service: HookServer) -> None:
    """After the last attempt nothing more is sent until its owner says so."""
    given = await set_up(place, service)
    service.status = 503
    await place.publish(a_record(place.sco.record_id(), en="Waste"))
    await place.has_state("suspended")
    tried = len(service.deliveries)
    service.status = 200
    assert "it was given up" in (await place.hub.http.get(given.path)).text
    assert len(service.deliveries) == tried
    await place.hub.http.post(given.path, data={"action": "resume"})
    await service.delivered(tried + 1)


HOSTILE = (
    "http://169.254.169.254/latest/meta-data/", "http://10.1.2.3/hook", "http://[::1]:1/hook",
    "http://192.168.0.1/", "ftp://example.com/", "file:///etc/passwd", "not an address", "",
    "http://user:password@127.0.0.1/", "http://[", "http://example.com:99999/", "http://а.рф/",
)  # fmt: skip


async def test_a_hostile_address_is_refused(place: Place) -> None:
    """Nothing inside is asked, and the page says so."""
    for url in HOSTILE:
        answer = await place.ask(LIST, channel="webhook", target=url)
        if answer.status_code == 200:
            [path] = set(LINK.findall(unescape(answer.text)))
            answer = await place.hub.http.post(path, data={"action": "challenge"})
        assert answer.status_code == 422, url
        page = unescape(answer.text)
        assert NO_HOOK in page or NO_ANSWER in page, url
    assert place.rows("alert_subscription") == 0


async def test_only_a_service_that_has_the_key_gets_anything(
    place: Place, service: HookServer
) -> None:
    """One that sends back whatever it gets, has another key, or redirects elsewhere begins
    nothing; the page says so, and it can be tried again."""
    given = await ask(place, service)
    assert await challenge(place, given) == 422
    service.key = (await ask(place, service)).key
    assert await challenge(place, given) == 422
    service.moved = "http://169.254.169.254/"
    assert await challenge(place, given) == 422
    assert place.rows("alert_subscription") == 0
    page = await place.hub.http.get(given.path)
    assert "It begins once your service has answered" in page.text
    service.key, service.moved = given.key, ""
    assert await challenge(place, given) == 303
    assert await challenge(place, given) == 303, "twice is once"
    assert place.rows("alert_subscription") == 1


async def test_a_stranger_gets_nothing_of_anothers_webhook(
    place: Place, service: HookServer
) -> None:
    """Who asks for the same list at the same address has a key of his own, is shown nothing that
    was there, can end nothing, and cannot make the service take his subscription for its own."""
    mine = await set_up(place, service)
    policies = await ask(place, service, "en/follow/policies")
    service.key = policies.key
    assert await challenge(place, policies) == 303
    service.key = mine.key

    his = await ask(place, service)
    assert his.key not in (mine.key, policies.key)
    assert his.path != mine.path
    page = unescape((await place.hub.http.get(his.path)).text)
    assert mine.path not in page
    assert policies.path not in page
    assert KEY.search(page) is None
    assert await challenge(place, his) == 422, "the service has the key of its owner"
    for action in ("leave-all", "leave", "overview", "rhythm", "resume"):
        await place.hub.http.post(his.path, data={"action": action, "rhythm": "weekly"})
    unsubscribe = his.path.replace("/following/", "/unsubscribe/")
    assert (await place.hub.http.post(unsubscribe)).status_code == 200
    assert place.rows("alert_subscription") == 2
    for given in (mine, policies):
        page = unescape((await place.hub.http.get(given.path)).text)
        assert "Stop following" in page
        assert set(LINK.findall(page)) == {given.path}, "one's own, and no other of the target"


async def test_no_limit_can_be_used_up_by_strangers(place: Place, service: HookServer) -> None:
    """However often others ask in its name, the owner of a service can still follow."""
    for _ in range(25):
        await ask(place, service)
    await set_up(place, service)


async def test_a_service_that_is_gone_is_told_no_more(place: Place, service: HookServer) -> None:
    """410 is the shortest way out."""
    await set_up(place, service)
    service.status = 410
    await place.publish(a_record(place.sco.record_id(), en="Waste"))
    await place.has("SELECT count(*) FROM alert_subscription", 0)
    assert place.rows("alert_search") == 0


async def test_what_began_by_an_earlier_version_goes_on(place: Place, service: HookServer) -> None:
    """Its key and its link are what they were."""
    await set_up(place, service)
    alerts = place.hub.app.state.parts.alerts
    [own] = place.values("SELECT id FROM alert_subscription")
    path = f"/en/following/{alerts._seal.seal_subscription(own)}"
    assert "Stop following" in (await place.hub.http.get(path)).text
    await place.hub.http.post(path, data={"action": "leave"})
    assert place.rows("alert_subscription") == 0
