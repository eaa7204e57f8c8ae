"""Following at the hub: alerts by e-mail and webhook about what a search would list."""
