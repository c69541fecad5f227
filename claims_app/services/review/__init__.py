"""Review: a second person decides on what was submitted or proposed."""
