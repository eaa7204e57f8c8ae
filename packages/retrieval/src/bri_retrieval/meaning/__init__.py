"""Search by meaning: what is embedded, by whom, where vectors are kept, and what is near."""
