"""What those who follow by webhook are sent, to a real service of theirs."""

import re
from html import unescape

from standardwebhooks import Webhook

from bri_pages.alerts import NO_ANSWER, NO_HOOK
from tests.integration.alerts.conftest import Place, revised
from tests.support.centres import a_record
from tests.support.hooks import HookServer

LIST = "en/follow/search?q=waste"
KEY = re.compile(r"whsec_[A-Za-z0-9+/=]+")


async def set_up(place: Place, service: HookServer) -> str:
    """Follow by webhook; the page that tells its key."""
    answer = await place.ask(LIST, channel="webhook", target=service.url)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


async def test_what_happens_is_posted_and_signed(place: Place, service: HookServer) -> None:
    """After a challenge each event is a request of its own, which a library of Standard Webhooks
    takes for genuine."""
    page = await set_up(place, service)
    found = KEY.search(page)
    assert found is not None
    webhook = Webhook(found[0])
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
    page = await set_up(place, service)
    service.status = 503
    await place.publish(a_record(place.sco.record_id(), en="Waste"))
    await place.has_state("suspended")
    tried = len(service.deliveries)
    service.status = 200
    found = re.search(r'href="(/en/following/[^"]+)"', page)
    assert found is not None
    assert "it was given up" in (await place.hub.http.get(found[1])).text
    assert len(service.deliveries) == tried
    await place.hub.http.post(found[1], data={"action": "resume"})
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
        assert answer.status_code == 422, url
        page = unescape(answer.text)
        assert NO_HOOK in page or NO_ANSWER in page, url
    assert place.rows("alert_subscription") == 0


async def test_only_a_service_that_wants_it_gets_it(place: Place, service: HookServer) -> None:
    """A wrong answer to the challenge, or a redirect elsewhere, begins nothing."""
    service.echo = "something"
    assert (await place.ask(LIST, channel="webhook", target=service.url)).status_code == 422
    service.echo = None
    service.moved = "http://169.254.169.254/"
    assert (await place.ask(LIST, channel="webhook", target=service.url)).status_code == 422
    assert place.rows("alert_subscription") == 0
