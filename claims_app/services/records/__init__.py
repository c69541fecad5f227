"""The one way in which each kind of record is written, at once or as a proposal."""
