"""The pages, each from what the source answers to what its template shows."""
