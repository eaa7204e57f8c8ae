"""What an audit found, judged. Pure: it is handed pip-audit's report and the day.

Rules:
- a known vulnerability fails the audit unless it is accepted, with a reason, and the acceptance has
  not run out;
- a package that the service could not look up was not audited, and that is said; where it could
  look up none, it counts as not reached: an audit of nothing must not look like a good one;
- an acceptance that nothing needs any more is said, too.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A vulnerability that is known and does no harm here, `until` a day, that included."""

    id: str
    package: str
    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Finding:
    """A vulnerability of an installed package; `names` are its id and aliases."""

    package: str
    version: str
    names: Sequence[str]
    fixed_in: Sequence[str]

    def __str__(self) -> str:
        fixed = f", fixed in {', '.join(self.fixed_in)}" if self.fixed_in else ", not fixed yet"
        return f"{self.package} {self.version}: {', '.join(self.names)}{fixed}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`faults` fail the audit, `notes` are worth reading; `reached` tells whether it took place."""

    reached: bool
    faults: Sequence[str] = ()
    notes: Sequence[str] = ()


def read_acceptances(text: str) -> list[Acceptance]:
    """The acceptances in a TOML document.

    Raises:
        ValueError: one lacks a part, or its reason is blank.
    """
    found = []
    for each in tomllib.loads(text).get("accepted", []):
        try:
            acceptance = Acceptance(each["id"], each["package"], each["reason"], each["until"])
        except KeyError as missing:
            raise ValueError(f"an acceptance lacks {missing}") from None
        if not acceptance.reason.strip() or not isinstance(acceptance.until, date):
            raise ValueError(f"{acceptance.id} needs a reason and a day")
        found.append(acceptance)
    return found


def judge(report: Mapping[str, Any], acceptances: Sequence[Acceptance], today: date) -> Verdict:
    """What follows from a report of `pip-audit --format json`."""
    packages = report["dependencies"]
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    if len(skipped) == len(packages):
        return Verdict(reached=False)
    faults, used = [], set()
    for finding in _findings(packages):
        acceptance = _acceptance(finding, acceptances)
        if acceptance is None:
            faults.append(str(finding))
            continue
        used.add(acceptance)
        if acceptance.until < today:
            faults.append(f"{finding}: accepted only until {acceptance.until}")
    notes = [f"not audited, because unknown to the service: {', '.join(skipped)}"] * bool(skipped)
    notes += [
        f"{each.id} is accepted and no longer found" for each in acceptances if each not in used
    ]
    return Verdict(True, faults, notes)


def _findings(packages: Iterable[Mapping[str, Any]]) -> Iterable[Finding]:
    for each in packages:
        for found in each.get("vulns", []):
            names = [found["id"], *found.get("aliases", [])]
            yield Finding(each["name"], each["version"], names, found.get("fix_versions", []))


def _acceptance(finding: Finding, acceptances: Sequence[Acceptance]) -> Acceptance | None:
    for each in acceptances:
        if each.package == finding.package and each.id in finding.names:
            return each
    return None
