"""What stays the same until somebody writes, and is remembered until then."""
