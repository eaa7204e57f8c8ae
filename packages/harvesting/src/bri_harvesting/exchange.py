"""Findings and orders as lines of JSON, between the process that reads and the one that keeps.

What comes from the process that reads is checked like any other input: it has been reading what
strangers wrote.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import orjson
from pydantic import TypeAdapter, ValidationError

from bri_harvesting.source import Cursor, Fault, Finding, Gone, Item, Limits, Mark, Source


class NotUnderstood(ValueError):
    """A line is none of these."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be read, from where on, and which identities' addresses are to be tried."""

    source: Source
    cursor: Cursor = field(default_factory=dict)
    probes: dict[str, str] = field(default_factory=dict)
    limits: Limits = Limits()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class _Line:
    """A finding with its name."""

    is_: Literal["item", "gone", "fault", "mark"]
    found: dict[str, Any]


_NAMES: dict[str, type[Finding]] = {"item": Item, "gone": Gone, "fault": Fault, "mark": Mark}
_ORDER = TypeAdapter(Order)
_LINE = TypeAdapter(_Line)
_FINDINGS = {name: TypeAdapter(type_) for name, type_ in _NAMES.items()}


def write_order(order: Order) -> bytes:
    """An order as one line."""
    return orjson.dumps(asdict(order), option=orjson.OPT_APPEND_NEWLINE)


def read_order(line: bytes) -> Order:
    """The order in a line. Raises NotUnderstood."""
    try:
        return _ORDER.validate_json(line)
    except ValidationError as error:
        raise NotUnderstood(str(error)) from None


def write_finding(finding: Finding) -> bytes:
    """A finding as one line."""
    name = type(finding).__name__.lower()
    return orjson.dumps({"is_": name, "found": asdict(finding)}, option=orjson.OPT_APPEND_NEWLINE)


def read_finding(line: bytes) -> Finding:
    """The finding in a line. Raises NotUnderstood."""
    try:
        told = _LINE.validate_json(line)
        return _FINDINGS[told.is_].validate_python(told.found)
    except ValidationError as error:
        raise NotUnderstood(str(error)) from None
