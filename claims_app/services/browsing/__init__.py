"""Browsing of the claims of the present: totals, pages and counts of facets from bitmaps of claim numbers.

`selection.browse` is the way in. `sets` are the bitmaps of one moment, `reading` takes them from the tables, `index`
keeps one such set for each database up to date, and `saving` stores it in the database for the next start.
"""
