"""The files of a release: what they contain, how they are written, described, checked and compared. No database."""
