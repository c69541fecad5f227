"""The database as a whole: its schema, its seed, and whether the data is sound."""
