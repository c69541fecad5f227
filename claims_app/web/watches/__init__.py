"""Watches: saved literature searches for claims and topics."""
