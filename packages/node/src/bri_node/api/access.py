"""What every route asks first: which node this is, and who is calling.

A route that is open to all still refuses a token that is not valid: whoever sends one would
otherwise wonder why their drafts are gone. Routes that write authenticate before they read a body.
"""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from bri_kit import json_bounds
from bri_kit.bodies import Allowance
from bri_kit.guards import Guard, Takes
from bri_node.actor import Actor, require_editor
from bri_node.node import Node
from bri_node.tokens import identify

_BEARER = HTTPBearer(auto_error=False, description="bri token create --centre …")


async def the_node(request: Request) -> Node:
    """The node that this application is."""
    node = request.app.state.node
    assert isinstance(node, Node)
    return node


ThisNode = Annotated[Node, Depends(the_node)]


def _anybody(request: Request, node: ThisNode) -> Actor | None:
    authorization = request.headers.get("authorization")
    if authorization is None:
        return None
    return identify(node.store, node.profile.code, authorization)


def _identify(request: Request) -> Actor:
    node: Node = request.app.state.node
    return identify(node.store, node.profile.code, request.headers.get("authorization"))


def _identify_editor(request: Request) -> Actor:
    actor = _identify(request)
    require_editor(actor)
    return actor


async def _contributor(
    actor: Annotated[Actor, Depends(Guard(_identify))],
    _documented: Annotated[object, Security(_BEARER)],
) -> Actor:
    return actor


async def _editor(
    actor: Annotated[Actor, Depends(Guard(_identify_editor))],
    _documented: Annotated[object, Security(_BEARER)],
) -> Actor:
    return actor


Anybody = Annotated[Actor | None, Depends(_anybody)]
Contributor = Annotated[Actor, Depends(_contributor)]
Editor = Annotated[Actor, Depends(_editor)]

WHOLE_RECORD = Depends(Takes(Allowance(size=None, values=json_bounds.MAX_VALUES)))
"""Of a route that takes a record: all that the service takes at most."""
