"""`bri verify`: whether a record at the hub is what its centre signed."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bri_cli import options
from bri_cli.outcome import DONE, NEGATIVE, CommandFailed, NotBegun

if TYPE_CHECKING:
    from bri_cli.proof import Check

KEY_BYTES = 32
_MARKS = {True: "✓", False: "✗", None: "–"}


class NotVerifiable(NotBegun):
    """What the checks need cannot be had; nothing is said about the record."""


def verify(
    record_id: Annotated[str, typer.Argument(help="For example sco:01JD4XG2Q7….")],
    hub: options.Hub = "",
    key: Annotated[
        str, typer.Option(help="The centre's public key, in base64, from a source you trust.")
    ] = "",
    as_json: options.AsJson = False,
) -> int:
    """Check a record's signature and its place in its centre's log.

    The key is the one given, else the one by which the hub admitted the centre; it is compared
    with the one that the centre itself tells, where it can be reached.

    \b
    Examples:
      bri verify sco:01JD4XG2Q70000000000000000
      bri verify sco:01JD4XG2Q70000000000000000 --key "mF3…=" --json

    Exit status: 0 genuine, 1 not genuine, 2 could not be checked.
    """
    from bri_cli.proof import ProofUnreadable, verdict
    from bri_kit.content import is_record_id

    if not is_record_id(record_id):
        raise NotBegun(f"{record_id!r} is not a record's identifier, such as sco:01JD4XG2Q7…")
    try:
        checks = _checks(record_id, hub or options.default_hub(), _read_key(key) if key else None)
    except (CommandFailed, ProofUnreadable) as failed:
        raise NotVerifiable(str(failed)) from None
    genuine = verdict(checks)
    _report(record_id, genuine, checks, as_json)
    return DONE if genuine else NEGATIVE


def _checks(record_id: str, hub_url: str, key: bytes | None) -> list["Check"]:
    from bri_cli.proof import examine, read_envelope
    from bri_cli.remote import Remote

    code = record_id.partition(":")[0]
    with Remote(hub_url) as hub:
        proof = hub.get(f"/api/v1/records/{record_id}/proof")
        centre = hub.get(f"/api/v1/centres/{code}")
    trusted = key or _read_key(centre["public_key"])
    envelope = read_envelope(proof)
    neighbours, own_key = _ask_centre(centre.get("url") or "", _number(envelope.entry))
    return [*_check_key(trusted, own_key), *examine(record_id, envelope, trusted, neighbours)]


def _read_key(text: str) -> bytes:
    try:
        key = b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise NotBegun(f"{text!r} is not a public key: {KEY_BYTES} bytes in base64")
    return key


def _number(entry: bytes) -> int:
    from bri.log.v1 import log_pb2
    from google.protobuf.message import DecodeError

    try:
        return log_pb2.Entry.FromString(entry).number
    except DecodeError:
        return 0


def _ask_centre(url: str, number: int) -> tuple[list[bytes] | None, bytes | None]:
    """The entries of the centre's log up to `number`, and the key it tells; None for what it does
    not tell. A log holds other entries than ours only where somebody lies, so they count."""
    from bri_cli.proof import ProofUnreadable, read_envelope
    from bri_cli.remote import Remote

    if not url:
        return None, None
    try:
        with Remote(url) as node:
            page = node.get("/api/v1/log", {"after": max(number - 2, 0), "limit": 2})
            items: list[Mapping[str, Any]] = page["items"]
            own_key = _read_key(node.get("/api/v1/centre")["public_key"])
        entries = [read_envelope(item).entry for item in items if item["number"] <= number]
    except (CommandFailed, ProofUnreadable, KeyError, TypeError):
        return None, None
    return entries, own_key


def _check_key(trusted: bytes, own_key: bytes | None) -> list["Check"]:
    from bri_cli.proof import Check

    name = "the key is the one the centre tells"
    if own_key is None:
        return [Check(name, None, "the centre cannot be reached")]
    return [Check(name, own_key == trusted, trusted.hex()[:16])]


def _report(record_id: str, genuine: bool, checks: list["Check"], as_json: bool) -> None:
    if as_json:
        found = {"record": record_id, "genuine": genuine, "checks": list(map(asdict, checks))}
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for check in checks:
        print(f"  {_MARKS[check.passed]} {check.name} ({check.detail})")
    print(f"{record_id} is {'genuine' if genuine else 'NOT genuine'}")
