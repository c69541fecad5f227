"""Imports files: edited CSV exports of this database, and citations from other programs.

    opened = files.open_file(data)                      # detect the format
    rows = files.plan(session, opened, opened.rows, …)  # plan each row; nothing is saved
    applying.apply(session, row)                        # save a row through the service of its record type

The web pages store the plans (`uploads`) until the user has confirmed them; the command saves rows at once.
"""
