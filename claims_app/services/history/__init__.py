"""The history of records: reading it, looking back, and going back."""
