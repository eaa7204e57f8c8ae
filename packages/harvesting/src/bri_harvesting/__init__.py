"""What a centre already has, read from where it is: feeds, archives, tables, sites."""
