"""What every route asks first: which node this is, and who is calling.

A route that is open to all still refuses a token that is not valid: whoever sends one would
otherwise wonder why their drafts are gone.
"""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

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


def _contributor(
    request: Request, node: ThisNode, _documented: Annotated[object, Security(_BEARER)]
) -> Actor:
    return identify(node.store, node.profile.code, request.headers.get("authorization"))


def _editor(actor: "Contributor") -> Actor:
    require_editor(actor)
    return actor


Anybody = Annotated[Actor | None, Depends(_anybody)]
Contributor = Annotated[Actor, Depends(_contributor)]
Editor = Annotated[Actor, Depends(_editor)]
