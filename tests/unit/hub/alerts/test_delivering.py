"""When digests leave, when failures are tried again, and what makes a link good."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from standardwebhooks import Webhook

from bri_hub.alerts.hooks import sign
from bri_hub.alerts.rhythm import PAUSES, next_attempt, next_due
from bri_hub.alerts.sealing import LinkExpired, Seal, load_key
from bri_kit.errors import NotFound

SUNDAY = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "hour", "due"),
    [
        ("immediately", 0, SUNDAY + timedelta(seconds=300)),
        ("daily", 6, datetime(2026, 11, 23, 6, tzinfo=UTC)),
        ("daily", 9, datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("weekly", 6, datetime(2026, 11, 23, 6, tzinfo=UTC)),
        ("weekly", 9, datetime(2026, 11, 23, 9, tzinfo=UTC)),
    ],
)
def test_digests_leave_at_their_hour(rhythm: str, hour: int, due: datetime) -> None:
    """Daily ones at the next such hour, weekly ones on the next Monday."""
    assert next_due(rhythm, SUNDAY, hour=hour, gathering=300) == due


def test_a_weekly_digest_that_left_on_monday_leaves_on_the_next() -> None:
    """Also where it left at that very moment."""
    monday = datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert next_due("weekly", monday, hour=6, gathering=0) == monday + timedelta(days=7)


def test_failures_are_tried_for_more_than_a_day() -> None:
    """Ever later, then given up."""
    moment, attempts = SUNDAY, 0
    while again := next_attempt(attempts + 1, moment):
        assert again > moment
        moment, attempts = again, attempts + 1
    assert attempts == len(PAUSES)
    assert timedelta(days=1) < moment - SUNDAY < timedelta(days=2)


def test_a_body_is_signed_as_standard_webhooks_say(tmp_path: Path) -> None:
    """Their own library takes it for genuine, and what was changed not."""
    seal = Seal(load_key(tmp_path, ""), 60)
    webhook = Webhook(seal.hook_secret_text("s"))
    at = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(
            seal.hook_secret("s"), "msg_1", str(int(at.timestamp())), b'{"a":1}'
        ),
    }
    assert webhook.verify(b'{"a":1}', headers) == {"a": 1}
    with pytest.raises(Exception, match="signature"):
        webhook.verify(b'{"a":2}', headers)


def test_links_are_good_for_one_purpose_and_for_a_time(tmp_path: Path) -> None:
    """Another purpose, another hub, a changed letter or a late day: not good. The key survives."""
    seal = Seal(load_key(tmp_path, ""), 60)
    again = Seal(load_key(tmp_path, ""), 60)
    request, link = seal.seal_request(["a", "b"]), seal.seal_subscription("s")
    assert again.open_request(request) == ["a", "b"]
    assert again.open_subscription(link) == "s"
    assert (tmp_path / "alerts.key").stat().st_mode & 0o777 == 0o600
    for bad in (link, f"x{request}", "", "."):
        with pytest.raises(NotFound):
            seal.open_request(bad)
    with pytest.raises(NotFound):
        seal.open_subscription(request)
    with pytest.raises(NotFound):
        Seal(load_key(tmp_path, "another"), 60).open_subscription(link)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=90)), pytest.raises(LinkExpired):
        seal.open_request(request)
