"""`docs/asyncapi.yaml` says of the line between centres and hub what the code does."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from bri.log.v1 import log_pb2

from bri_kit import subjects, transport

FILE = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"
_ROW = re.compile(r"\| `(\S+)` \| (.*?) \|")
_MESSAGE = re.compile(r"\b[A-Z]\w+")


@pytest.fixture(scope="module")
def document() -> Any:
    return yaml.safe_load(FILE.read_text())


def addresses(document: Any) -> set[str]:
    return {each["address"] for each in document["channels"].values()}


def test_its_channels_are_our_subjects(document: Any) -> None:
    """Every one that the code names, and no other."""
    named = {
        function("{centre}")
        for name, function in inspect.getmembers(subjects, inspect.isfunction)
        if name.endswith("_subject") and name != "centre_of_subject"
    }
    assert addresses(document) == named | {subjects.PROBE_SUBJECT}


def test_its_messages_are_those_of_our_contract(document: Any) -> None:
    """On each channel those that the code's own table tells, each of them in the contract."""
    rows = dict(_ROW.findall(subjects.__doc__ or ""))
    told = {
        subject.replace("<centre>", "{centre}"): set(_MESSAGE.findall(said)) - {"JetStream"}
        for subject, said in rows.items()
    }
    names = {
        each["address"]: {
            _at(document, message["$ref"])["name"].removeprefix("bri.log.v1.")
            for message in each["messages"].values()
        }
        - {"Nothing"}
        for each in document["channels"].values()
    }
    assert names == told
    known = set(log_pb2.DESCRIPTOR.message_types_by_name)
    assert {name for each in names.values() for name in each} <= known


def test_what_is_kept_is_told(document: Any) -> None:
    """The stream, its name and its subjects."""
    said = document["servers"]["broker"]["description"]
    config = transport.stream_config()
    assert f"`{config.name}`" in said
    for subject in config.subjects or ():
        assert f"`{subject}`" in said
    assert transport.KEEP_SECONDS == 7 * 24 * 3600
    assert "seven days" in said


def test_every_reference_leads_somewhere(document: Any) -> None:
    """Within the document, or to a file of ours; operations say send or receive, of a channel."""
    for reference in _references(document):
        if reference.startswith("#"):
            assert _at(document, reference)
        else:
            assert (FILE.parent / reference).exists()
    assert document["asyncapi"] == "3.0.0"
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = _at(document, operation["channel"]["$ref"])
        assert channel["address"] in addresses(document)


def _at(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for each in value for found in _references(each)]
    if not isinstance(value, dict):
        return []
    own = [str(value["$ref"])] if "$ref" in value else []
    return own + [found for each in value.values() for found in _references(each)]
