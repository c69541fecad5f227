"""Topics: the tree of all, the page of one, and its form."""
