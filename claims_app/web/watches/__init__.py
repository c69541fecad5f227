"""Watches: saved searches for papers about claims and topics."""
