"""What an audit makes of what it is told."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.audit import findings
from tests.audit.findings import judge, read_acceptances
from tests.audit.versions import differences, read_pins

TODAY = date(2026, 11, 22)
VULNERABLE = {
    "name": "urllib3",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["1.1"]}],
}
GOOD: dict[str, Any] = {"name": "httpx", "version": "0.28.1", "vulns": []}
SKIPPED = {"name": "nh3", "skip_reason": "not found"}
ACCEPTED = """
[[accepted]]
id = "{id}"
package = "{package}"
reason = "It is not called."
until = {until}
"""


def accept(id_: str = "CVE-1", package: str = "urllib3", until: str = "2026-11-22") -> str:
    return ACCEPTED.format(id=id_, package=package, until=until)


def faults(accepted: str = "", *packages: Any) -> list[str]:
    report = {"dependencies": list(packages) or [GOOD, VULNERABLE]}
    return list(judge(report, read_acceptances(accepted), TODAY).faults)


def test_a_known_vulnerability_is_a_fault() -> None:
    """It is named with all its names, and with the version that mends it."""
    assert faults() == ["urllib3 1.0: PYSEC-1, CVE-1, fixed in 1.1"]
    assert faults("", GOOD) == []


def test_an_accepted_one_is_not_until_its_day_is_over() -> None:
    """By any of its names, for its package alone."""
    assert faults(accept()) == []
    assert faults(accept("PYSEC-1")) == []
    assert faults(accept(until="2026-11-21")) != []
    assert faults(accept(package="httpx")) != []
    assert faults(accept("CVE-2")) != []


def test_an_audit_of_nothing_did_not_take_place() -> None:
    """A service that knows no package at all is as good as none."""
    assert not judge({"dependencies": [SKIPPED, SKIPPED]}, [], TODAY).reached
    assert not judge({"dependencies": []}, [], TODAY).reached


def test_what_was_not_audited_is_said() -> None:
    """And so is what is accepted for nothing."""
    verdict = judge({"dependencies": [GOOD, SKIPPED]}, read_acceptances(accept()), TODAY)
    assert verdict.reached
    assert not verdict.faults
    assert ["nh3" in verdict.notes[0], "CVE-1" in verdict.notes[1]] == [True, True]


@pytest.mark.parametrize("text", [accept().replace("It is not called.", " "), "[[accepted]]\n"])
def test_nothing_is_accepted_without_a_reason(text: str) -> None:
    """Nor without an end."""
    with pytest.raises(ValueError, match=r"reason|lacks"):
        read_acceptances(text)


def test_the_file_that_is_kept_can_be_read() -> None:
    """A mistake in it would else show on the day it is needed."""
    kept = Path(findings.__file__).with_name("accepted.toml")
    read_acceptances(kept.read_text())


def test_every_version_must_be_the_one_that_was_chosen() -> None:
    """Names compare as indexes compare them; platforms may differ; our own are not pinned."""
    pins = read_pins("Typing_Ext==4.1\n# x\nuvloop==1 ; sys_platform != 'win32'\nuvloop==2\n")
    installed = {"typing.ext": "4.1", "uvloop": "2", "bri-kit": "0.1", "pip": "26"}
    assert differences(pins, installed, ["bri_kit"]) == []
    assert differences(pins, {"typing-ext": "4.2"}, []) == ["typing-ext is 4.2, not 4.1"]
    assert "is in no constraint" in differences(pins, {"stray": "1"}, [])[0]


def test_a_constraint_that_pins_nothing_is_a_mistake() -> None:
    """It would let any version pass."""
    with pytest.raises(ValueError, match="pins no version"):
        read_pins("httpx>=0.28")
