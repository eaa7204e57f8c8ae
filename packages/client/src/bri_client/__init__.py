"""A client for the federation's hub and for every centre's node, by their public API.

A question is a value: `hub.search("solid waste")` is what to ask, and `Client.ask` or
`AsyncClient.ask` asks it. So both say the same, with the same types, and there is one of each.

    from bri_client import Client, hub

    with Client("https://hub.example.org") as there:
        for hit in there.each(hub.search("solid waste", lang="en")):
            print(hit["title"])
"""

from bri_client import admin, hub, node
from bri_client.call import Call, Listing
from bri_client.client import AsyncClient, Client
from bri_client.errors import (
    AnswerNotUnderstood,
    ClientError,
    Conflict,
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
    Refused,
    Retracted,
    RevisionNeeded,
    Stale,
    TooLarge,
    TooManyRequests,
    Unavailable,
    Unreachable,
)
from bri_client.manner import Manner

__all__ = [
    "AnswerNotUnderstood",
    "AsyncClient",
    "Call",
    "Client",
    "ClientError",
    "Conflict",
    "Forbidden",
    "Invalid",
    "Listing",
    "Manner",
    "NotAuthenticated",
    "NotFound",
    "Refused",
    "Retracted",
    "RevisionNeeded",
    "Stale",
    "TooLarge",
    "TooManyRequests",
    "Unavailable",
    "Unreachable",
    "admin",
    "hub",
    "node",
]
