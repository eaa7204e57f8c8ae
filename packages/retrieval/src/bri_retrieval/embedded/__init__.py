"""The engine that needs no server: tantivy, in the process, on a directory."""

from bri_retrieval.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
