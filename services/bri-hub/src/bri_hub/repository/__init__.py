"""Every statement that the hub's database is asked."""
