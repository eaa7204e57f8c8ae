"""Who asks for letters in others' names, with others' links, or too often."""

from urllib.parse import urlencode

import pytest
import time_machine

from bri_kit import vocabulary
from bri_kit.clock import now
from tests.integration.alerts.conftest import Place
from tests.support.centres import a_record
from tests.support.mail import MailServer, links_of, text_of

LIST = "en/follow/search?q=waste"
READER = "reader@bureau.example"


NO_ADDRESSES = (
    "", "nobody", "a@b@c.example", "reader@bureau.example\r\nBcc: all@bureau.example",
    "reader@bureau.example\nSubject: x", "reader@bureau.example, other@bureau.example",
    "<reader@bureau.example>", "reader@bureau.example\x00", f"{'a' * 250}@bureau.example",
    "reader@[127.0.0.1]", '"a b"@bureau.example', "читатель@bureau.example",
)  # fmt: skip


async def test_what_is_no_address_gets_no_letter(place: Place, mail: MailServer) -> None:
    """Nothing that could become another header or recipient is taken."""
    for address in NO_ADDRESSES:
        answer = await place.ask(LIST, channel="mail", target=address, rhythm="daily")
        assert answer.status_code == 422, address
    assert place.rows("alert_letter") == 0


async def test_an_address_is_kept_nowhere_before_it_confirms(
    place: Place, mail: MailServer
) -> None:
    """The wish is in the link alone; opening the link only shows a button."""
    await place.ask(LIST, channel="mail", target=READER, rhythm="weekly")
    letter = await mail.letter()
    await place.has("SELECT count(*) FROM alert_letter", 0)
    (link, *_) = links_of(letter)
    page = await place.hub.http.get(link)
    assert "waste" in page.text
    assert "Weekly" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert place.rows("alert_subscription") == 0
    for _ in range(2):
        assert (await place.hub.http.post(link)).status_code == 200
    assert place.rows("alert_subscription") == 1, "twice is once"


SPAM = "YOU HAVE WON visit http://evil.example now"
FOREIGN = {
    "q": SPAM, "centre": SPAM, "topic": SPAM, "country": SPAM, "edition": SPAM, "kind": SPAM,
    "jurisdiction": SPAM, "instrument": SPAM, "status": SPAM, "from": SPAM, "to": SPAM,
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh", "ru"])
async def test_a_letter_quotes_no_stranger(place: Place, mail: MailServer, language: str) -> None:
    """An address that has not confirmed is sent nothing that somebody else wrote, in no part of
    the letter; our own words for filters it is."""
    asked = urlencode(FOREIGN | {"country": "KZ"}) + f"&{urlencode(FOREIGN)}&topic=solid-waste"
    path = f"{language}/follow/search?{asked}"
    answer = await place.ask(path, channel="mail", target=READER, rhythm="daily")
    assert answer.status_code == 200
    letter = await mail.letter()
    texts = [str(value) for value in letter.values()]
    texts += [text_of(letter), text_of(letter, "html")]
    for text in texts:
        assert "evil" not in text
        assert "YOU HAVE WON" not in text
    assert vocabulary.country_name("KZ", language) in text_of(letter)
    (link, *_) = links_of(letter)
    assert "YOU HAVE WON" in (await place.hub.http.get(link)).text, "the page shows all of it"


async def test_a_link_of_one_letter_shows_one_subscription(place: Place, mail: MailServer) -> None:
    """Whoever is given a letter can end what it is about. All that an address follows is behind a
    link that its mailbox alone is sent."""
    await place.follow("en/follow/search?q=one", READER)
    await place.follow("en/follow/search?q=two", READER)
    await place.follow("en/follow/search?q=one", "other@bureau.example")
    await place.publish(a_record(place.sco.record_id(), en="One"))
    await mail.letter(5)
    sent = {each["To"]: each for each in mail.letters[3:]}
    manage = links_of(sent[READER])[-2]
    page = (await place.hub.http.get(manage)).text
    assert "“one”" in page
    assert "“two”" not in page
    await place.hub.http.post(manage, data={"action": "leave-all"})
    assert place.rows("alert_subscription") == 3
    answer = await place.hub.http.post(manage, data={"action": "overview"})
    assert answer.status_code == 200
    letter = await mail.letter(6)
    assert letter["To"] == READER
    everything = links_of(letter)[0]
    page = (await place.hub.http.get(everything)).text
    assert "“one”" in page
    assert "“two”" in page
    assert place.rows("alert_subscription") == 3, "looking is not leaving"
    assert (await place.hub.http.post(everything)).status_code == 200
    assert place.rows("alert_subscription") == 1
    for secret in (manage.rpartition("/")[2], "x"):
        answer = await place.hub.http.post(f"/en/following/all/{secret}")
        assert answer.status_code == 404


async def test_one_client_cannot_use_up_an_addresss_letters(place: Place, mail: MailServer) -> None:
    """After three of a stranger's the address's owner still gets the one that he asks for."""
    for number in range(5):
        await place.ask(f"en/follow/search?q={number}", channel="mail", target=READER)
    place.hub.http.headers["X-Forwarded-For"] = "203.0.113.7"
    await place.ask("en/follow/search?q=mine", channel="mail", target=READER)
    assert (await mail.letter(4))["To"] == READER


async def test_forged_and_expired_links_do_nothing(place: Place, mail: MailServer) -> None:
    """A link for one purpose is none for another, a changed one is none, an old one is over."""
    await place.ask(LIST, channel="mail", target=READER, rhythm="daily")
    (link, *_) = links_of(await mail.letter())
    secret = link.rpartition("/")[2]
    for path in (
        f"/en/following/confirm/{secret[:-2]}AA",
        "/en/following/confirm/x",
        f"/en/following/{secret}",
        f"/en/unsubscribe/{secret}",
    ):
        for method in ("GET", "POST"):
            answer = await place.hub.http.request(method, path)
            assert answer.status_code in (200, 404), path
            assert place.rows("alert_subscription") == 0
    with time_machine.travel(now().replace(year=now().year + 1), tick=True):
        assert (await place.hub.http.post(link)).status_code == 404
    assert place.rows("alert_subscription") == 0


async def test_nobody_is_bombed_with_letters(place: Place, mail: MailServer) -> None:
    """An address gets three an hour, whoever asks and whatever for; the page says the same."""
    pages = set()
    for number in range(6):
        path = f"en/follow/search?q=waste{number}"
        answer = await place.ask(path, channel="mail", target=READER.upper(), rhythm="daily")
        pages.add(answer.text)
    assert len(pages) == 1
    await place.has("SELECT count(*) FROM alert_letter", 0)
    assert len(mail.letters) == 3


async def test_a_client_that_asks_for_many_is_told(place: Place, mail: MailServer) -> None:
    """By its address, whatever addresses it names."""
    await place.stop_hub()
    await place.start_hub(alerts_letters_per_hour=2)
    statuses = []
    for number in range(4):
        target = f"reader{number}@bureau.example"
        answer = await place.ask(LIST, channel="mail", target=target, rhythm="daily")
        statuses.append(answer.status_code)
    assert statuses == [200, 200, 429, 429]


async def test_an_address_follows_only_so_much(place: Place, mail: MailServer) -> None:
    """One list too many is refused with words; the others stay."""
    await place.stop_hub()
    await place.start_hub(alerts_each=1)
    await place.follow("en/follow/search?q=one", READER)
    await place.ask("en/follow/search?q=two", channel="mail", target=READER, rhythm="daily")
    (link, *_) = links_of(await mail.letter(2))
    answer = await place.hub.http.post(link)
    assert (answer.status_code, "Stop following something first" in answer.text) == (422, True)
    assert place.rows("alert_subscription") == 1


async def test_a_hub_without_a_mail_server_says_so(place: Place, mail: MailServer) -> None:
    """The page offers feeds and no form; a form that comes all the same is refused."""
    await place.stop_hub()
    await place.start_hub(smtp_host="", alerts_webhooks=False)
    page = await place.hub.http.get(f"/{LIST}")
    assert page.status_code == 200
    assert "This site sends no e-mail." in page.text
    assert "<form method" not in page.text
    for channel in ("mail", "webhook", "", "pigeon"):
        answer = await place.ask(LIST, channel=channel, target=READER, rhythm="daily")
        assert answer.status_code == 404


async def test_odd_forms_are_answered(place: Place) -> None:
    """An unknown list or rhythm, too much of anything: a page that says so, never a failure."""
    form = {"channel": "mail", "target": READER}
    odd: list[tuple[str, dict[str, str], int]] = [
        ("en/follow/nothing", form, 404),
        ("xx/follow/search", form, 404),
        (LIST, {**form, "rhythm": "hourly"}, 422),
        (LIST, {**form, "target": "x" * 20_000}, 422),
        (f"en/follow/search?q={'%F0%9F%8C%8D' * 900}", form, 422),
    ]
    for path, fields, status in odd:
        assert (await place.ask(path, **fields)).status_code == status, (path, fields)
