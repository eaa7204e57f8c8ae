"""`bri verify`: whether a record at the hub is what its centre signed."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bri_cli import options
from bri_cli.outcome import DONE, NEGATIVE, CommandFailed, NotBegun
from bri_cli.screen import print_json

if TYPE_CHECKING:
    from bri_cli.proof import Check
    from bri_kit.keyring import Keyring

KEY_BYTES = 32
_MARKS = {True: "✓", False: "✗", None: "–"}


class NotVerifiable(NotBegun):
    """What the checks need cannot be had; nothing is said about the record."""


def verify(
    record_id: Annotated[str, typer.Argument(help="For example sco:01JD4XG2Q7….")],
    hub: options.Hub = "",
    key: Annotated[
        str, typer.Option(help="A public key of the centre, in base64, from a source you trust.")
    ] = "",
    proof: Annotated[
        Path | None,
        typer.Option(help="A file with what /proof answered; nothing is asked of anybody then."),
    ] = None,
    as_json: options.AsJson = False,
) -> int:
    """Check a record's signature and its place in its centre's log.

    The key is the one given, or one that it was rotated to or from; else those by which the hub
    knows the centre. It is compared with what the centre itself tells, where it can be reached.

    \b
    Examples:
      bri verify sco:01JD4XG2Q70000000000000000
      bri verify sco:01JD4XG2Q70000000000000000 --key "mF3…=" --json
      bri verify sco:01JD4XG2Q70000000000000000 --key "mF3…=" --proof proof.json

    Exit status: 0 genuine, 1 not genuine, 2 could not be checked.
    """
    from bri_cli.proof import ProofUnreadable, verdict
    from bri_kit.content import is_record_id

    if not is_record_id(record_id):
        raise NotBegun(f"{record_id!r} is not a record's identifier, such as sco:01JD4XG2Q7…")
    if proof is not None and not key:
        raise NotBegun("a proof alone says nothing: give a key that you trust with --key")
    trusted = _read_key(key) if key else None
    try:
        if proof is not None and trusted is not None:
            checks = _check_file(record_id, proof, trusted)
        else:
            checks = _checks(record_id, hub or options.default_hub(), trusted)
    except (CommandFailed, ProofUnreadable) as failed:
        raise NotVerifiable(str(failed)) from None
    genuine = verdict(checks)
    _report(record_id, genuine, checks, as_json)
    return DONE if genuine else NEGATIVE


def _check_file(record_id: str, path: Path, key: bytes) -> list["Check"]:
    from bri_cli.proof import examine, linked_keys, read_proof

    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise NotVerifiable(f"{path} cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise NotVerifiable(f"{path} holds no proof")
    proof = read_proof(document)
    keys = linked_keys(record_id.partition(":")[0], key, proof.rotations)
    return examine(record_id, proof, keys, None)


def _checks(record_id: str, hub_url: str, key: bytes | None) -> list["Check"]:
    from bri_cli.proof import examine, linked_keys, read_proof
    from bri_cli.remote import Remote
    from bri_client import hub as at_hub

    code = record_id.partition(":")[0]
    with Remote(hub_url) as hub:
        document = hub.ask(at_hub.proof(record_id))
        centre = hub.ask(at_hub.centre(code))
    proof = read_proof(document)
    keys = linked_keys(code, key, proof.rotations) if key else _told_keys(centre)
    number = _number(proof.envelope.entry)
    neighbours, own_keys = _ask_centre(centre.get("url") or "", number)
    checks = examine(record_id, proof, keys, neighbours)
    return [_check_key(proof.envelope.key, number, own_keys), *checks]


def _told_keys(centre: Mapping[str, Any]) -> "Keyring":
    """All keys that a hub or a node tells of a centre."""
    from bri_kit.keyring import Keyring, read_keys

    try:
        told = read_keys(centre.get("keys") or ())
    except (KeyError, TypeError, ValueError) as error:
        raise NotVerifiable(f"the centre's keys cannot be read: {error!r}") from None
    return told if told.tenures else Keyring.of(_read_key(centre["public_key"]))


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


def _ask_centre(url: str, number: int) -> tuple[list[bytes] | None, "Keyring | None"]:
    """The entries of the centre's log up to `number`, and the keys it tells; None for what it does
    not tell. A log holds other entries than ours only where somebody lies, so they count."""
    from bri_cli.proof import ProofUnreadable, read_envelope
    from bri_cli.remote import Remote
    from bri_client import node as at_node

    if not url:
        return None, None
    try:
        with Remote(url) as node:
            page = node.page(at_node.log(after=max(number - 2, 0), limit=2))
            items: list[Mapping[str, Any]] = page["items"]
            own_keys = _told_keys(node.ask(at_node.centre()))
        entries = [read_envelope(item).entry for item in items if item["number"] <= number]
    except (CommandFailed, ProofUnreadable, KeyError, TypeError):
        return None, None
    return entries, own_keys


def _check_key(key: bytes, number: int, own_keys: "Keyring | None") -> "Check":
    from bri_cli.proof import Check

    name = "the key is the one the centre tells"
    if own_keys is None:
        return Check(name, None, "the centre cannot be reached")
    tenure = own_keys.find(key)
    return Check(name, tenure is not None and tenure.covers(number), key.hex()[:16])


def _report(record_id: str, genuine: bool, checks: list["Check"], as_json: bool) -> None:
    if as_json:
        found = {"record": record_id, "genuine": genuine, "checks": list(map(asdict, checks))}
        print_json(found)
        return
    for check in checks:
        print(f"  {_MARKS[check.passed]} {check.name} ({check.detail})")
    print(f"{record_id} is {'genuine' if genuine else 'NOT genuine'}")
