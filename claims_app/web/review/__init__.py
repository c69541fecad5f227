"""Review: the queue of what waits for a second person, and deciding on it."""
