"""A request of a harvester: the verb and its arguments, each as the protocol allows it and once.

Times are of days or seconds, both bounds alike; a day as the last bound is its last second.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bri_exchange.oai import tokens
from bri_exchange.oai.errors import BadArgument, BadVerb, UnknownFormat
from bri_exchange.source import Selection

VERBS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset()),
    "ListIdentifiers": (
        frozenset({"metadataPrefix"}),
        frozenset({"from", "until", "set", "resumptionToken"}),
    ),
    "ListRecords": (
        frozenset({"metadataPrefix"}),
        frozenset({"from", "until", "set", "resumptionToken"}),
    ),
}
"""What each verb needs, and what it takes besides."""

_TOKEN = "resumptionToken"  # noqa: S105 - a name, not a secret
_LONGEST = 2_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_PART = r"[A-Za-z0-9_.!~*'()-]+"
_SET = re.compile(f"{_PART}(:{_PART})*")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, with the arguments as they were sent."""

    verb: str
    arguments: Mapping[str, str]

    @property
    def identifier(self) -> str:
        """The record that is asked for; empty where none is."""
        return self.arguments.get("identifier", "")

    @property
    def token(self) -> str | None:
        """Where a list is to go on; None where it begins."""
        return self.arguments.get(_TOKEN)


@dataclass(frozen=True, slots=True)
class Walk:
    """A list as it is walked: the format, what is selected, and how many came before, of how many
    as they were counted."""

    prefix: str
    selection: Selection
    seen: int = 0
    total: int = 0


def read_request(pairs: Sequence[tuple[str, str]]) -> Request:
    """The request that names and values make.

    Raises:
        BadVerb: the verb is missing, unknown or repeated.
        BadArgument: an argument is.
    """
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise BadVerb(
            "One verb is needed, of Identify, ListMetadataFormats, ListSets, ListIdentifiers, "
            "ListRecords and GetRecord."
        )
    (verb,) = verbs
    arguments = _arguments(verb, [pair for pair in pairs if pair[0] != "verb"])
    return Request(verb, arguments)


def _arguments(verb: str, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    needed, possible = VERBS[verb]
    arguments = dict(pairs)
    if len(arguments) < len(pairs):
        raise BadArgument("An argument is repeated.")
    if unknown := sorted(arguments.keys() - needed - possible):
        raise BadArgument(f"{verb} takes no argument {unknown[0][:50]!r}.")
    if any(len(value) > _LONGEST for value in arguments.values()):
        raise BadArgument("An argument is too long.")
    if _TOKEN in arguments:
        if len(arguments) > 1:
            raise BadArgument("A resumptionToken stands alone.")
        return arguments
    if missing := sorted(needed - arguments.keys()):
        raise BadArgument(f"{verb} needs the argument {missing[0]!r}.")
    return arguments


def read_walk(request: Request, prefixes: Sequence[str]) -> Walk:
    """The list that a request begins or goes on with, of the formats `prefixes`.

    Raises:
        BadArgument, BadResumptionToken, UnknownFormat: it cannot.
    """
    whole = request.verb == "ListRecords"
    if request.token is not None:
        return Walk(*tokens.read(request.token, prefixes, whole=whole))
    prefix = read_prefix(request, prefixes)
    sent = request.arguments
    if "set" in sent and not _SET.fullmatch(sent["set"]):
        raise BadArgument("The set is not written as sets are.")
    since, until = _bound(sent, "from", "000"), _bound(sent, "until", "999")
    if since and until and (len(sent["from"]) != len(sent["until"])):
        raise BadArgument("'from' and 'until' must both be days, or both be seconds.")
    if since and until and since > until:
        raise BadArgument("'from' is later than 'until'.")
    return Walk(prefix, Selection(sent.get("set", ""), since, until, whole=whole))


def read_prefix(request: Request, prefixes: Sequence[str]) -> str:
    """The format that is asked for.

    Raises:
        BadArgument: it is not written as formats are.
        UnknownFormat: there is no such.
    """
    prefix = request.arguments["metadataPrefix"]
    if not re.fullmatch(_PART, prefix):
        raise BadArgument("The format is not written as formats are.")
    if prefix not in prefixes:
        raise UnknownFormat(f"Records are given as {' and '.join(prefixes)}.")
    return prefix


def _bound(sent: Mapping[str, str], name: str, milliseconds: str) -> str:
    """A bound as times are kept here; empty where none was sent."""
    if name not in sent:
        return ""
    text = sent[name]
    is_day = _DAY.fullmatch(text) is not None
    try:
        # What is not written as it should be is no time either.
        text = text if is_day or _SECOND.fullmatch(text) else ""
        moment = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        message = f"{name!r} must be such as 2026-11-22 or 2026-11-22T08:00:00Z."
        raise BadArgument(message) from None
    if is_day and name == "until":
        moment = moment.replace(hour=23, minute=59, second=59)
    return f"{moment.replace(tzinfo=None).isoformat()}.{milliseconds}Z"
