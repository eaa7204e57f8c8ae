"""Tables that people keep: CSV, XLSX and NDJSON, with a mapping that says what is where.

A table is read whole or not at all: one fault, and nothing of it is kept.
"""

from bri_harvesting.tables.mapping import Mapping, MappingFault, read_mapping
from bri_harvesting.tables.reading import items_of, read

__all__ = ["Mapping", "MappingFault", "items_of", "read", "read_mapping"]
