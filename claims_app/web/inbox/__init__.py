"""The inbox: what waits to become a study, and deciding on it."""
