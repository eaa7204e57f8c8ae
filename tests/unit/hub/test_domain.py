"""What the hub decides about an authentic entry, and which numbers it knows to be missing."""

import pytest

from bri_hub.domain import (
    MAX_DETAIL,
    Gap,
    Held,
    Reason,
    RecordState,
    find_gaps,
    judge_publication,
    judge_retraction,
)

PUBLISHED = Held(3, RecordState.PUBLISHED)
RETRACTED = Held(3, RecordState.RETRACTED)


@pytest.mark.parametrize(
    ("held", "revision"), [(None, 1), (None, 7), (PUBLISHED, 4), (RETRACTED, 3), (RETRACTED, 4)]
)
def test_a_newer_publication_is_applied(held: Held | None, revision: int) -> None:
    """New, newer than what is held, or what was withdrawn published again."""
    assert judge_publication(held, revision, []) is None


@pytest.mark.parametrize(("held", "revision"), [(PUBLISHED, 3), (PUBLISHED, 1), (RETRACTED, 2)])
def test_an_older_publication_is_rejected(held: Held, revision: int) -> None:
    """A record never goes back, and never to two contents of one revision."""
    rejection = judge_publication(held, revision, [])
    assert rejection is not None
    assert rejection.reason is Reason.STALE_REVISION
    assert "Revision" in rejection.detail


def test_bad_content_is_rejected_naming_every_field() -> None:
    """The detail is what an editor reads; it is bounded."""
    rejection = judge_publication(None, 1, ["topics.0: 'x' is not known", "kind: is missing"])
    assert rejection is not None
    assert rejection.reason is Reason.INVALID_CONTENT
    assert rejection.detail == "topics.0: 'x' is not known; kind: is missing"
    long = judge_publication(None, 1, ["x" * 10_000])
    assert long is not None
    assert len(long.detail) == MAX_DETAIL


def test_a_revision_counts_from_one() -> None:
    """Revision 0 is that of nothing."""
    rejection = judge_publication(None, 0, [])
    assert rejection is not None
    assert rejection.reason is Reason.INVALID_CONTENT


def test_only_what_is_published_can_be_retracted() -> None:
    """A retraction of a published record always holds, of nothing and of a retracted one never."""
    assert judge_retraction(PUBLISHED) is None
    unknown, again = judge_retraction(None), judge_retraction(RETRACTED)
    assert unknown is not None
    assert unknown.reason is Reason.UNKNOWN_RECORD
    assert again is not None
    assert again.reason is Reason.ALREADY_RETRACTED


@pytest.mark.parametrize(
    ("head", "waiting", "newest", "gaps"),
    [
        (0, [], 0, []),
        (5, [], 5, []),
        (0, [3], 3, [Gap(1, 2)]),
        (2, [4, 5, 9], 9, [Gap(3, 3), Gap(6, 8)]),
        (2, [4], 8, [Gap(3, 3), Gap(5, 8)]),
        (2, [], 4, [Gap(3, 4)]),
    ],
)
def test_gaps_lie_between_the_head_and_the_newest(
    head: int, waiting: list[int], newest: int, gaps: list[Gap]
) -> None:
    """What waits is not missing; what was let go is."""
    assert find_gaps(head, waiting, newest) == gaps
