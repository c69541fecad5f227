"""The history: of one record, of everything, as pages and as a feed."""
