"""Appraisals: how a claim gets its evidence level, and what explains it."""
