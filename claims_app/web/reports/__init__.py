"""Reports by readers without an account, and their handling by editors."""
