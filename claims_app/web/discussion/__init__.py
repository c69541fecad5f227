"""Talking about records: comments, mentions and flags."""
