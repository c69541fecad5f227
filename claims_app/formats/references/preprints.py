"""Which reports are preprints by where they stand."""

import re

# Servers that call what they hold a preprint, by the name that stands in the place of the journal.
_SERVERS = re.compile(
    r"\b(?:bio|med|chem)rxiv\b|\b(?:psy|soc|earth)?arxiv\b|research square|\bssrn\b|^preprints(?:\.org)?$"
    r"|\bpreprints with the lancet\b|^authorea|^osf preprints$",
    re.IGNORECASE,
)
_DOI = re.compile(
    r"10\.(?:1101/20[0-9]{2}\.|1101/[0-9]{6}$|21203/rs\.|48550/arxiv\.|20944/preprints|31234/osf\.)"
)


def is_preprint(journal: object, doi: object) -> bool:
    """Return whether a report with this journal and DOI, either of which may be None, is a preprint."""
    return bool(_SERVERS.search(str(journal or "")) or _DOI.match(str(doi or "")))
