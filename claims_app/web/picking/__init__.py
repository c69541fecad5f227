"""Picking a study or a claim in a form: by identifier, or by words."""
