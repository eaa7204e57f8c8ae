"""The errors of the protocol (OAI-PMH 2.0, 3.6), told inside an answer of HTTP status 200."""


class ProtocolError(Exception):
    """Something that a harvester is told; `code` is the protocol's own word."""

    code = ""


class BadVerb(ProtocolError):
    """There is no such verb, none, or more than one."""

    code = "badVerb"


class BadArgument(ProtocolError):
    """An argument is missing, unknown, repeated or not as it should be."""

    code = "badArgument"


class BadResumptionToken(ProtocolError):
    """A token that was not given out here, or that does not hold any more."""

    code = "badResumptionToken"


class UnknownFormat(ProtocolError):
    """Records are not given in this format."""

    code = "cannotDisseminateFormat"


class UnknownIdentifier(ProtocolError):
    """There never was such a record."""

    code = "idDoesNotExist"


class NothingMatches(ProtocolError):
    """The list would be empty."""

    code = "noRecordsMatch"
