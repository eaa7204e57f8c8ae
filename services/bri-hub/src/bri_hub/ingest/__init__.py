"""Ingest: what centres sent becomes entries, records and changes, or evidence of a refusal."""
