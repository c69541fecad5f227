"""The rules of the records: pure functions and plain data, with no database and no web in them."""
