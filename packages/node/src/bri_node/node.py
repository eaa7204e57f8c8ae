"""A running node, as its API sees it."""

from collections.abc import Callable
from dataclasses import dataclass

from bri_exchange.dumping import Dumping
from bri_node.delivery import Progress
from bri_node.profile import NodeSettings, Profile
from bri_node.reconciling import Reconciler
from bri_node.service import Centre
from bri_node.store import Store
from bri_retrieval.engine import Engine


@dataclass(frozen=True, slots=True)
class Node:
    """What serves one centre in this process; `progress` tells how delivery goes,
    the `reconciler` compares the log with what the hub holds, and `dumping` writes everything down
    for mirrors."""

    profile: Profile
    settings: NodeSettings
    centre: Centre
    store: Store
    engine: Engine
    progress: Callable[[], Progress]
    reconciler: Reconciler
    dumping: Dumping
