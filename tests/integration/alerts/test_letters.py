"""What those who follow by e-mail are sent, through a real mail server."""

from tests.integration.alerts.conftest import Place, a_law, revised
from tests.support.centres import a_record
from tests.support.mail import MailServer, links_of, text_of

LIST = "en/follow/search?q=waste&country=KZ"
READER = "reader@bureau.example"
_WAITING = "SELECT count(*) FROM alert_subscription WHERE pending != 0"


async def test_a_record_is_told_from_its_beginning_to_its_end(
    place: Place, mail: MailServer
) -> None:
    """New, revised with what changed, withdrawn with the reason; what does not match is not told,
    and what was told stays told when it does not match any more."""
    await place.follow(LIST, READER)
    await place.publish(a_record(place.sco.record_id(), en="Forests of Altai"))
    first = await place.publish(
        a_record(place.sco.record_id(), zh="固体废物管理", en="Solid waste")
    )
    letter = await mail.letter(2)
    assert letter["Subject"] == "New: Solid waste"
    assert (letter["To"], mail.recipients[1]) == (READER, [READER])
    assert f"/en/records/{first.id}" in text_of(letter)
    assert f"/en/records/{first.id}" in text_of(letter, "html")

    second = await place.publish(revised(first, zh="固体废物管理", en="Rubbish", ru="Мусор"))
    letter = await mail.letter(3)
    assert letter["Subject"] == "Revised: Rubbish"
    assert "Now also in: Russian." in text_of(letter)
    assert "The text changed: English." in text_of(letter)

    await place.retract(second, "the figures\r\nwere wrong")
    letter = await mail.letter(4)
    assert letter["Subject"] == "Withdrawn: Rubbish"
    assert "Reason: the figures were wrong" in text_of(letter)
    assert len(mail.letters) == 4


async def test_an_amendment_of_what_was_told_is_told(place: Place, mail: MailServer) -> None:
    """A law that amends one that was told, by number, though it does not match itself; and a status
    that changed."""
    await place.follow("en/follow/policies?q=waste", READER)
    law = await place.publish(a_law(place, "89-ФЗ", en="Law on waste"))
    assert (await mail.letter(2))["Subject"] == "New: Law on waste"
    amending = a_law(place, "268-FZ", en="Act of December")
    amending.policy.amends.append("№ 89-FZ")
    await place.publish(amending)
    letter = await mail.letter(3)
    assert letter["Subject"] == "Amended: Act of December"
    assert "It amends: Law on waste." in text_of(letter)
    newer = revised(law, en="Law on waste")
    newer.policy.status = "repealed"
    await place.publish(newer)
    letter = await mail.letter(4)
    assert letter["Subject"] == "Amended: Law on waste"
    assert "Status: In force → Repealed." in text_of(letter)


async def test_a_law_that_was_listed_before_counts(place: Place, mail: MailServer) -> None:
    """Who begins to follow a list follows the laws that are on it already."""
    await place.publish(a_law(place, "89-ФЗ", ru="Закон об отходах"))
    await place.searchable("отходы")
    await place.follow("ru/follow/policies?q=отходы", READER)
    repealing = a_law(place, "1-ФЗ", ru="Иное")
    repealing.policy.repeals.append("89-ФЗ")
    await place.publish(repealing)
    letter = await mail.letter(2)
    assert "Закон об отходах" in text_of(letter)


async def test_nothing_is_lost_or_told_twice_over_a_restart(place: Place, mail: MailServer) -> None:
    """What came while the hub was down, or while search was, is told once."""
    await place.follow(LIST, READER)
    record = await place.publish(a_record(place.sco.record_id(), en="Waste one"))
    await mail.letter(2)
    # Before that is kept it would be told again, and known by its identifier.
    await place.has(_WAITING, 0)
    await place.stop_hub()
    await place.publish(revised(record, en="Waste two"))
    await place.stop_search()
    await place.start_hub()
    await place.has_revision(record.id, 2)
    assert len(mail.letters) == 2, "search is away, so nobody knows whom it concerns"
    await place.start_search()
    assert (await mail.letter(3))["Subject"] == "Revised: Waste two"
    await place.has(_WAITING, 0)
    await place.stop_hub()
    await place.start_hub()
    await place.publish(a_record(place.sco.record_id(), en="Waste three"))
    assert (await mail.letter(4))["Subject"] == "New: Waste three"
    assert len({letter["Message-ID"] for letter in mail.letters}) == 4


async def test_letters_wait_for_the_mail_server(place: Place, mail: MailServer) -> None:
    """While it is away nothing is given up, and what gathers is one letter."""
    await place.follow(LIST, READER)
    mail.stop()
    for number in range(3):
        await place.publish(a_record(place.sco.record_id(), en=f"Waste {number}"))
    await place.has_events(3)
    mail.start()
    subjects: list[str] = []
    while len(subjects) < 3:
        letter = await mail.letter(len(mail.letters[: 1 + len(subjects)]) + 1)
        subjects += [line for line in text_of(letter).splitlines() if line.startswith("New: ")]
    assert sorted(subjects) == ["New: Waste 0", "New: Waste 1", "New: Waste 2"]


async def test_who_leaves_is_forgotten_at_once(place: Place, mail: MailServer) -> None:
    """One click of a mail program is enough; nothing of the address is left, nothing is sent."""
    await place.follow(LIST, READER)
    await place.publish(a_record(place.sco.record_id(), en="Waste"))
    letter = await mail.letter(2)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    leave = letter["List-Unsubscribe"].strip("<>")
    assert leave in links_of(letter)
    shown = await place.hub.http.get(leave)
    assert shown.status_code == 200
    assert place.rows("alert_subscription") == 1, "looking is not leaving"
    answer = await place.hub.http.post(leave, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    for table in ("subscription", "search", "event", "letter"):
        assert place.rows(f"alert_{table}") == 0
    assert (await place.hub.http.post(leave)).status_code == 200, "twice is no error"
    assert (await place.hub.http.get(leave)).status_code == 200


async def test_an_address_that_is_refused_for_good_is_given_up(
    place: Place, mail: MailServer
) -> None:
    """It is tried for more than a day and then suspended; others do not wait for it; who comes back
    can have it tried again."""
    link = await place.follow(LIST, READER)
    await place.follow(LIST, "other@bureau.example")
    mail.refused[READER] = "550 No such mailbox"
    await place.publish(a_record(place.sco.record_id(), en="Waste"))
    assert (await mail.letter(3))["To"] == "other@bureau.example"
    await place.has_state("suspended")
    mail.refused.clear()
    page = await place.hub.http.post(link)
    assert "it was given up" in page.text
    await place.hub.http.post(place.manage_path(page.text), data={"action": "resume"})
    assert (await mail.letter(4))["To"] == READER
