"""Intake of new studies: lookups, saved searches, the inbox, and decisions on its candidates."""
