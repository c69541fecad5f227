"""What readers without an account report, and what editors make of it."""
