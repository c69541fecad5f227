"""Recognising preprints: the servers by name, DOI and archive, and the words that record types use for them."""

import re
from typing import NamedTuple


class _Server(NamedTuple):
    """A preprint server: patterns of its name, which records give as the journal, and of its DOIs."""

    name: str
    doi: str | None = None


# DOIs are in lower case here, names are matched in any case.
_SERVERS = (
    # Cold Spring Harbor's journals share the prefix 10.1101, with a letter after it. 10.64898 is openRxiv's.
    _Server(r"\b(?:bio|med)rxiv\b", r"10\.1101/\d|10\.64898/"),
    _Server(r"\barxiv\b", r"10\.48550/arxiv"),
    _Server(r"\bchemrxiv\b", r"10\.26434/chemrxiv"),
    _Server(r"\bpsyarxiv\b", r"10\.31234/osf"),
    _Server(r"\bsocarxiv\b", r"10\.31235/osf"),
    _Server(r"\beartharxiv\b", r"10\.31223/"),
    _Server(r"^osf$", r"10\.31219/osf"),
    _Server(r"\bresearch\s?square\b", r"10\.21203/rs"),
    _Server(r"\bssrn\b", r"10\.2139/ssrn"),
    _Server(r"^authorea", r"10\.22541/au"),
    # Preprints.org, “OSF Preprints”, “Preprints with The Lancet”.
    _Server(r"\bpreprints?\b", r"10\.20944/preprints"),
)
_NAME = re.compile("|".join(server.name for server in _SERVERS), re.IGNORECASE)
_DOI = re.compile("|".join(server.doi for server in _SERVERS if server.doi))

_TYPES = frozenset({"preprint", "posted-content", "prepublished"})
"""PubMed's publication type and CSL's genre, Crossref's type, and BibLaTeX's state of publication."""


def is_preprint_server(name: str) -> bool:
    """Return whether `name`, of a journal, a publisher or an archive, is that of a preprint server."""
    return _NAME.search(name.strip()) is not None


def is_preprint_doi(doi: str) -> bool:
    """Return whether `doi` is one that a preprint server gives out."""
    return _DOI.match(doi.lower()) is not None


def is_preprint_type(name: str) -> bool:
    """Return whether a bibliographic format or service calls preprints `name`."""
    return name.strip().casefold() in _TYPES


def is_preprint(journal: object, doi: object) -> bool:
    """Return whether a report with this journal and DOI is a preprint; either may be None."""
    return is_preprint_server(str(journal or "")) or is_preprint_doi(str(doi or ""))
