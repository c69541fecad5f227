"""Review: the queue of submissions and proposals, and decisions on them."""
