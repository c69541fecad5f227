"""Login, logout and password reset."""
