"""The methods of HTTP."""

READS = ("GET", "HEAD", "OPTIONS")
"""Those that change nothing (RFC 9110, section 9.2.1)."""
