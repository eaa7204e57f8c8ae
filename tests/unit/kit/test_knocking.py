"""Who is not let in knocks less and less often."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bri_kit import complaints, knocking
from bri_kit.complaints import NOT_TAKEN, Complaints
from bri_kit.knocking import LONGEST_SECONDS, Knocking


@dataclass
class Clock:
    """Time that passes by sleeping alone."""

    now: float = 100.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("bri_kit.knocking.time.monotonic", clock.monotonic)
    monkeypatch.setattr("bri_kit.knocking.asyncio.sleep", clock.sleep)
    return clock


async def waited(clock: Clock, knocking: Knocking) -> float:
    began = clock.now
    await knocking.wait()
    return clock.now - began


async def test_each_wait_is_longer_up_to_a_minute(clock: Clock) -> None:
    """By chance up to half as long; from the beginning once it was let in."""
    one = Knocking()
    for longest in (0.5, 1, 2, 4, 8, 16, 32, 60, 60, LONGEST_SECONDS):
        assert longest / 2 <= await waited(clock, one) <= longest + 1e-6
    one.let_in()
    assert await waited(clock, one) <= 0.5 + 1e-6


async def test_new_credentials_are_tried_at_once(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where there were none; and then it begins anew."""
    credentials = tmp_path / "nats.creds"
    one = Knocking(credentials)
    for _ in range(8):
        await one.wait()
    until = clock.now + 3

    async def sleep(seconds: float) -> None:
        clock.now += seconds
        if clock.now >= until:
            credentials.write_text("new")

    monkeypatch.setattr("bri_kit.knocking.asyncio.sleep", sleep)
    assert 3 <= await waited(clock, one) <= 3 + knocking.LOOK_SECONDS
    assert await waited(clock, one) <= 0.5 + 1e-6
    credentials.write_text("changed while he knocked")
    assert await waited(clock, one) == 0


async def test_only_who_is_shown_out_waits(clock: Clock) -> None:
    """A line that is down is tried as before; and each trouble is told once."""
    told: list[str] = []
    one = Complaints("nats://hub", None, told.append)
    began = clock.now
    await one.take(OSError("refused"))
    await one.take(OSError("refused"))
    await one.take(ConnectionResetError())
    assert clock.now == began
    for _ in range(3):
        await one.take(Exception("nats: 'Authorization Violation'"))
    assert clock.now > began
    one.end()
    assert told == ["refused", NOT_TAKEN, ""]


def test_an_expired_certificate_is_not_about_who_we_are() -> None:
    """It is the broker's to renew."""
    assert complaints.is_shown_out(complaints.EXPIRED)
    assert not complaints.is_shown_out("the broker's certificate is not trusted here: expired")
    assert not complaints.is_shown_out("")
