"""What both clients do with a service: requests, pages, refusals, and what is tried again."""

from collections.abc import Iterator

import httpx
import orjson
import pytest
import stamina

from bri_client import (
    AnswerNotUnderstood,
    AsyncClient,
    Client,
    Conflict,
    Forbidden,
    Invalid,
    Manner,
    NotAuthenticated,
    NotFound,
    Refused,
    Retracted,
    RevisionNeeded,
    Stale,
    TooLarge,
    TooManyRequests,
    Unavailable,
    Unreachable,
    admin,
    hub,
    node,
)
from bri_client.documents import NewRecord
from tests.unit.client.asking import TRANSPORTS, Service, answering, failing

RECORD: NewRecord = {
    "kind": "news",
    "original_language": "en",
    "editions": {"en": {"title": "T", "body": "B"}},
}


@pytest.fixture(params=TRANSPORTS)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """Trying again waits for nothing."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


def refuse() -> httpx.Response:
    return httpx.Response(503, json={"title": "Temporarily unavailable", "detail": "Soon."})


def drop() -> httpx.Response:
    raise httpx.ReadError("Connection reset")


def test_a_request_says_who_asks(kind: str) -> None:
    """A token, an id of its own, and who we are."""
    service = answering({"status": "alive"})
    service.ask(kind, hub.alive(), token="t0ken")
    service.ask(kind, hub.alive())
    first, second = (each.headers for each in service.asked)
    assert first["authorization"] == "Bearer t0ken"
    assert "authorization" not in second
    assert first["x-request-id"] != second["x-request-id"]
    assert first["user-agent"].startswith("bri-client/")


def test_a_search_says_what_was_said(kind: str) -> None:
    """Filters repeat, and what was not said is not asked."""
    service = answering({"total": 0, "hits": []})
    service.each(kind, hub.search("水", "ru", country=["KZ", "CN"], since="2019-01-01", limit=5))
    assert sorted(service.asked[0].url.params.multi_items()) == sorted(
        [("q", "水"), ("lang", "ru"), ("country", "KZ"), ("country", "CN"),
         ("from", "2019-01-01"), ("limit", "5"), ("offset", "0")]
    )  # fmt: skip


def test_a_search_goes_on_to_its_last_hit(kind: str) -> None:
    """By offsets, as far as there is anything; a page that shrinks to nothing ends it."""

    def answer(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        hits = [{"id": n} for n in range(offset, min(offset + 2, 5))]
        return httpx.Response(200, json={"total": 5, "hits": hits})

    service = Service(answer)
    assert [each["id"] for each in service.each(kind, hub.search(limit=2))] == [0, 1, 2, 3, 4]
    assert len(service.asked) == 3
    empty = answering({"total": 9, "hits": []})
    assert empty.each(kind, hub.search()) == []


def test_a_list_goes_on_to_its_last_page(kind: str) -> None:
    """By cursors, with the filters it began with."""
    service = answering(
        {"items": [1, 2], "cursor": "c1"},
        {"items": [3], "cursor": "c2"},
        {"items": [], "cursor": None},
    )
    assert service.each(kind, node.records(country=["KZ"])) == [1, 2, 3]
    assert [each.url.params.get("cursor") for each in service.asked] == [None, "c1", "c2"]
    assert all(each.url.params["country"] == "KZ" for each in service.asked)


def test_a_list_that_goes_round_ends(kind: str) -> None:
    """A service that answers its own cursor is not asked for ever."""
    service = answering({"items": [1], "cursor": "c"})
    assert service.each(kind, hub.centres()) == [1, 1]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Invalid), (401, NotAuthenticated), (403, Forbidden), (404, NotFound),
        (409, Conflict), (410, Retracted), (412, Stale), (413, TooLarge), (422, Invalid),
        (428, RevisionNeeded), (429, TooManyRequests), (503, Unavailable), (418, Refused),
        (500, Refused), (302, Refused), (599, Refused),
    ],
)  # fmt: skip
def test_each_refusal_is_its_own_error(kind: str, status: int, error: type[Refused]) -> None:
    """With the problem's words and fields; redirects are not followed."""

    def answer(request: httpx.Request) -> httpx.Response:
        document = {"title": "T", "detail": "No.", "errors": [{"field": "q", "message": "is bad"}]}
        found = {"x-request-id": request.headers["x-request-id"], "location": "http://evil.test"}
        return httpx.Response(status, json=document, headers=found)

    service = Service(answer)
    with pytest.raises(error) as raised:
        service.ask(kind, hub.status())
    assert type(raised.value) is error
    assert str(raised.value) == "No.; q is bad"
    assert raised.value.request_id == service.asked[-1].headers["x-request-id"]
    assert {each.url.host for each in service.asked} == {"service.test"}


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"\xff", b"[]", b'"x"'])
def test_a_refusal_need_not_be_a_problem_document(kind: str, body: bytes) -> None:
    """A proxy may have answered."""
    service = Service(lambda _request: httpx.Response(502, content=body))
    with pytest.raises(Unavailable, match="it answers 502"):
        service.ask(kind, hub.status())


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff", b"[1]", b'{"items"', b'{"items": 3}'])
def test_an_answer_of_another_kind_is_told(kind: str, body: bytes) -> None:
    """As one error, whatever it is, and it is not asked for again."""
    service = Service(lambda _request: httpx.Response(200, content=body))
    with pytest.raises(AnswerNotUnderstood):
        service.each(kind, hub.centres())
    assert len(service.asked) == 1


@pytest.mark.parametrize("failure", [refuse, drop])
def test_reading_is_tried_again(kind: str, failure: object) -> None:
    """After a broken line and after a service in trouble."""
    service = failing(2, {"head": 7}, failure)  # type: ignore[arg-type]
    assert service.ask(kind, hub.status())["head"] == 7
    assert len(service.asked) == 3


def test_trying_again_ends(kind: str) -> None:
    """With the last error, after as many attempts as were allowed."""
    service = failing(9, {}, drop)
    with pytest.raises(Unreachable, match="Connection reset"):
        service.ask(kind, hub.status(), manner=Manner(attempts=2))
    assert len(service.asked) == 2


def test_creating_is_repeated_under_one_key(kind: str) -> None:
    """So that it happens once; another call has another key."""
    service = failing(1, {"id": "sco:1"}, drop)
    service.ask(kind, node.create(RECORD))
    service.ask(kind, node.create(RECORD))
    service.ask(kind, node.create(RECORD, key="mine"))
    keys = [each.headers["idempotency-key"] for each in service.asked]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert keys[-1] == "mine"
    assert orjson.loads(service.asked[1].content) == RECORD


@pytest.mark.parametrize(
    "call",
    [
        node.update("sco:1", RECORD, 3),
        node.publish("sco:1"),
        node.retract("sco:1", "wrong"),
        node.import_batch([b"{}"]),
        admin.set_state("sco", "suspend", "why"),
        hub.join_story("sco:1", "asean:1", "same"),
    ],
    ids=lambda call: call.path,
)
def test_what_must_not_happen_twice_is_sent_once(kind: str, call: object) -> None:
    """Where the line breaks nobody knows whether it happened."""
    service = failing(9, {}, drop)
    with pytest.raises(Unreachable):
        service.ask(kind, call)  # type: ignore[arg-type]
    assert len(service.asked) == 1


def test_a_revision_is_said_as_it_is_known(kind: str) -> None:
    """`If-Match` with the number; without one a step names none."""
    service = answering({"id": "sco:1"})
    service.ask(kind, node.update("sco:1", RECORD, 3))
    service.ask(kind, node.submit("sco:1"))
    assert service.asked[0].headers["if-match"] == '"3"'
    assert "if-match" not in service.asked[1].headers


def test_no_name_leads_to_another_path(kind: str) -> None:
    """An identifier is one segment of a path, whatever is in it."""
    service = answering({"id": "x"})
    service.ask(kind, hub.record("../../admin?x=1#y"))
    assert service.asked[0].url.raw_path == b"/api/v1/records/..%2F..%2Fadmin%3Fx%3D1%23y"


def test_an_answer_has_a_largest_size(kind: str) -> None:
    """Beyond it nothing more is read."""
    service = answering({"x": "y" * 5_000})
    with pytest.raises(AnswerNotUnderstood, match="larger than 1000 bytes"):
        service.ask(kind, hub.status(), manner=Manner(answer_bytes=1_000))


def test_an_answer_has_a_longest_time(kind: str) -> None:
    """A service that goes on dripping is left."""
    service = answering({"head": 1})
    with pytest.raises(Unreachable, match="takes too long"):
        service.ask(kind, hub.status(), manner=Manner(answer_seconds=-1.0))


def test_who_asks_too_much_waits_as_long_as_told() -> None:
    """The pause is the service's, where it says one."""

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, json={"title": "T"}, headers={"retry-after": "7"})

    with pytest.raises(TooManyRequests) as raised:
        Service(answer).ask("sync", hub.status())
    assert raised.value.retry_after == 7.0


@pytest.mark.parametrize("url", ["http://[::1", "http://\x00"])
def test_what_is_no_address_is_told(url: str) -> None:
    """Before anything is asked."""
    for kind_of in (Client, AsyncClient):
        with pytest.raises(Unreachable, match="is not an address"):
            kind_of(url)
