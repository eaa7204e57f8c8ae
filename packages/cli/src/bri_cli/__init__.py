"""The `bri` command. It starts services as processes of their own and asks them over their APIs."""
