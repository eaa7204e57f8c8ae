"""The engine on a Meilisearch server, over HTTP."""

from bri_retrieval.meili.engine import MeiliEngine
from bri_retrieval.meili.server import ServerRefused

__all__ = ["MeiliEngine", "ServerRefused"]
