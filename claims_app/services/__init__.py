"""What the program does with the records. Services take a session, flush, and never commit."""
