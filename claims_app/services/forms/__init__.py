"""Submitted forms, each saved only once, and drafts of forms that are not submitted yet."""
