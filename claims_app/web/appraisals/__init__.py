"""Appraisals: making one, its history, two side by side, rounds of two, and the method."""
