"""Who asks too much, guesses or sends too much is slowed, and nobody else."""

import asyncio
from pathlib import Path

import pytest

from bri_kit import limits, policy
from bri_kit.rates import Rate
from tests.unit.kit.edges import GOOD, an_app, client

BAD = {"Authorization": "Bearer bri_test_bad"}


async def test_an_address_may_ask_so_much(tmp_path: Path) -> None:
    """Then it is told when to come again; another one does not notice."""
    app = an_app(tmp_path, requests_per_minute=3)
    answers = [await client(app).get("/healthz") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].headers["retry-after"] == "20"
    assert answers[3].headers["content-type"] == "application/problem+json"
    assert answers[3].headers["content-security-policy"] == policy.NOTHING
    assert (await client(app, "203.0.113.10").get("/healthz")).status_code == 200


async def test_a_token_may_ask_so_much_from_wherever(tmp_path: Path) -> None:
    """Going from address to address does not help."""
    app = an_app(tmp_path, token_requests_per_minute=3)
    statuses = [
        (await client(app, f"203.0.113.{number}").get("/secret", headers=GOOD)).status_code
        for number in range(5)
    ]
    assert statuses == [200, 200, 200, 429, 429]


async def test_this_machine_is_not_limited_unless_it_speaks_for_another(tmp_path: Path) -> None:
    """Whoever forwards requests forwards those of somebody, whatever they say of themselves."""
    app = an_app(tmp_path, requests_per_minute=1)
    local = client(app, "127.0.0.1")
    assert {(await local.get("/healthz")).status_code for _ in range(5)} == {200}
    for forwarded in ("198.51.100.1", "127.0.0.1", "nonsense"):
        headers = {"X-Forwarded-For": forwarded}
        await local.get("/healthz", headers=headers)
        assert (await local.get("/healthz", headers=headers)).status_code == 429


@pytest.mark.parametrize(
    ("public_url", "headers"),
    [
        ("", {"Host": "hub.example"}),
        ("http://127.0.0.1:8000", {"Host": "hub.example:8000"}),
        ("https://hub.example", {}),
        ("https://hub.example", {"Host": "localhost:8000"}),
        ("", {"X-Forwarded-Proto": "https"}),
        ("", {"X-Real-IP": "203.0.113.1"}),
        ("", {"Via": "1.1 caddy"}),
    ],
)
async def test_a_proxy_that_names_no_client_is_one_client(
    tmp_path: Path, public_url: str, headers: dict[str, str]
) -> None:
    """Its clients are limited together rather than not at all."""
    app = an_app(tmp_path, requests_per_minute=2, public_url=public_url)
    local = client(app, "127.0.0.1")
    statuses = [(await local.get("/healthz", headers=headers)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000"])
async def test_this_machine_may_ask_by_any_of_its_names(tmp_path: Path, host: str) -> None:
    app = an_app(tmp_path, requests_per_minute=1, public_url="http://127.0.0.1:8000")
    local = client(app, "127.0.0.1", Host=host)
    assert {(await local.get("/healthz")).status_code for _ in range(3)} == {200}


async def test_an_operator_may_unlimit_a_machine_of_theirs(tmp_path: Path) -> None:
    """An address that is no proxy's asks as much as it likes, whatever it calls the service."""
    app = an_app(
        tmp_path,
        requests_per_minute=1,
        public_url="https://hub.example",
        unlimited_addresses="203.0.113.9",
    )
    asked = [await client(app).get("/healthz", headers={"Host": "hub.example"}) for _ in range(3)]
    assert {answer.status_code for answer in asked} == {200}


async def test_nobody_escapes_by_claiming_another_address(tmp_path: Path) -> None:
    """X-Forwarded-For from one who is no trusted proxy counts for nothing."""
    app = an_app(tmp_path, requests_per_minute=2)
    statuses = [
        (await client(app).get("/healthz", headers={"X-Forwarded-For": f"1.1.1.{n}"})).status_code
        for n in range(3)
    ]
    assert statuses == [200, 200, 429]


async def test_guessing_is_slowed_and_harms_no_good_client(tmp_path: Path) -> None:
    """After so many wrong tokens an address is told to wait; a valid one from there still works,
    and so does asking for what is open to all."""
    app = an_app(tmp_path, failures_per_minute=3)
    http = client(app)
    guesses = [{"Authorization": f"Bearer bri_test_{n:016}"} for n in range(5)]
    answers = [await http.get("/secret", headers=guess) for guess in guesses]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert int(answers[4].headers["retry-after"]) > 0
    assert (await http.get("/secret", headers=GOOD)).status_code == 200
    assert (await http.get("/healthz", headers=BAD)).status_code == 200
    assert (await http.get("/secret")).status_code == 401


async def test_guessing_one_token_from_many_addresses_is_slowed(tmp_path: Path) -> None:
    """What is guessed counts too, not only who guesses."""
    app = an_app(tmp_path, failures_per_minute=3)
    statuses = [
        (await client(app, f"203.0.113.{n}").get("/secret", headers=BAD)).status_code
        for n in range(5)
    ]
    assert statuses == [401, 401, 401, 429, 429]


@pytest.mark.parametrize("value", [b"", b"Bearer", b"Bearer ", b"\xff\xfe", b"x" * 60_000])
async def test_any_authorization_is_counted_and_none_fails(tmp_path: Path, value: bytes) -> None:
    """Nonsense is a wrong token like others."""
    app = an_app(tmp_path)
    answer = await client(app).get("/secret", headers=[(b"authorization", value)])
    assert answer.status_code == 401


async def test_uploads_are_counted_in_bytes(tmp_path: Path) -> None:
    """The one that goes over the limit is taken, the next one waits; reading is not held up by it
    for others."""
    app = an_app(tmp_path, upload_mib_per_hour=1)
    http = client(app)
    body = b"x" * (2 * 1024 * 1024)  # a byte too many is forgiven within milliseconds
    assert (await http.post("/stream", content=body)).json() == {"bytes": len(body)}
    assert (await http.post("/stream", content=body)).status_code == 429
    assert (await client(app, "203.0.113.10").get("/healthz")).status_code == 200


def test_what_is_counted_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many addresses ask, memory is not theirs to fill."""
    made: list[Rate] = []

    def rate(per_second: float, burst: float) -> Rate:
        made.append(Rate(per_second, burst, max_keys=5))
        return made[-1]

    monkeypatch.setattr(limits, "Rate", rate)
    app = an_app(tmp_path)

    async def ask() -> None:
        for number in range(20):
            headers = {"Authorization": f"Bearer bri_test_{number:032}"}
            await client(app, f"203.0.113.{number}").get("/secret", headers=headers)

    asyncio.run(ask())
    assert {len(each) for each in made} <= {0, 5}
