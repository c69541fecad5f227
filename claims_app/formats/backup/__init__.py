"""The file of a backup: a ZIP archive with the rows of each table as text, a manifest, and a seal at its end.

Each table is `tables/NAME.txt` in the text format of COPY of PostgreSQL, with its columns in alphabetical order and its
rows in the order of its key: one line for a row, tabs between the values, `\\N` for an empty one. Moments are in UTC,
numbers as short as they can be read back. So the same data has the same bytes on SQLite and on PostgreSQL, and
PostgreSQL reads and writes the lines itself. `manifest.json` has the columns, the number of rows and the SHA-256 of
each.

The comment of the archive ends with the SHA-256 of all bytes before: no bit can change unnoticed, in the directory of
the archive neither. Any ZIP program opens the file.
"""

from claims_app.formats.backup.manifest import FORMAT, KINDS, Manifest, TableRows, content_hash
from claims_app.formats.backup.sealed import BadBackup, DamagedBackup, ForeignFile, Sealed, sealing

__all__ = [
    "FORMAT",
    "KINDS",
    "BadBackup",
    "DamagedBackup",
    "ForeignFile",
    "Manifest",
    "Sealed",
    "TableRows",
    "content_hash",
    "sealing",
]
