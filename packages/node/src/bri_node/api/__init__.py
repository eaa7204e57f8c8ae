"""What people and programs outside may rely on: HTTP under /api/v1."""
