"""File formats: text to plain values and back, with no database and no web in them."""
