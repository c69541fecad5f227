"""Searching claims and studies for words, through the full-text search of the database.

`matching_claims` and `matching_studies` return what matches, best first. The databases find the same, because
`rules.search` makes the words that they compare.
"""

from claims_app.services.search.conditions import among, found
from claims_app.services.search.matching import Tiers, matching_claims, matching_studies

__all__ = ["Tiers", "among", "found", "matching_claims", "matching_studies"]
