"""What the writers asked of the nodes, and what they were promised.

Rules:
- every text that is written carries a mark, a word that occurs nowhere else;
- what was acknowledged must be in the node's log; what was asked and not acknowledged may be; what
  was never asked, or only kept as a draft, must not be;
- a mark belongs to one record: one that turns up in two was written twice.
"""

import random
import re
import string
from collections import Counter
from dataclasses import dataclass, field

MARK = re.compile(r"zq[a-z]{10}")


def new_mark(chance: random.Random) -> str:
    """A word that nobody uses."""
    return "zq" + "".join(chance.choices(string.ascii_lowercase, k=10))


@dataclass(slots=True)
class Promises:
    """The account of one centre. `asked` has the marks of all texts and reasons that were sent to
    be published, `again` how often a record was asked to be published again."""

    centre: str
    asked: set[str] = field(default_factory=set)
    drafts: set[str] = field(default_factory=set)
    again: Counter[str] = field(default_factory=Counter)
    published: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Acknowledged publications and revisions: mark to record and revision."""
    retracted: dict[str, str] = field(default_factory=dict)
    """Acknowledged retractions: mark to record."""
    republished: set[tuple[str, int]] = field(default_factory=set)
    """Acknowledged publications after a retraction: record and revision."""
    unanswered: int = 0
    """Requests whose answer was lost."""
    complaints: list[str] = field(default_factory=list)
    """Answers that should not have been given."""

    def acknowledged(self) -> int:
        """How many acknowledged writes there are."""
        return len(self.published) + len(self.retracted) + len(self.republished)


@dataclass(slots=True)
class Allowance:
    """How much of a centre's records may be rewritten: a share, so that what a hub takes for an
    accident (more than a tenth of a centre's records at once) does not happen by itself."""

    share: float = 0.06
    free: int = 20
    records: int = 0
    rewrites: int = 0

    def take(self) -> bool:
        """Whether one more record may be revised or retracted now."""
        if self.rewrites >= self.free + self.share * self.records:
            return False
        self.rewrites += 1
        return True
