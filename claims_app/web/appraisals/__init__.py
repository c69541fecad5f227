"""Appraisals: the form, the history, comparison, independent rounds, and the method."""
