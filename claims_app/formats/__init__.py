"""File formats: text to plain values and back, without database or web."""
