"""The database as a whole: its schema, its seed data, and integrity checks."""
