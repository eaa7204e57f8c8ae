"""A search replica: follows the hub's change log with its own cursor and answers over gRPC."""
