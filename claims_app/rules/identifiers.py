"""Identifiers of studies (DOI, PMID, PMCID, registry) and of our own records.

People paste identifiers with labels, as URLs, in capitals and with blanks. Each `normalise_*`
function returns the one stored form of an identifier, so that the same study is always recognised. It
raises ValueError with a message that says what to enter.
"""

import re
from collections.abc import Callable

from claims_app.rules.dois import is_short_doi, read_doi
from claims_app.rules.text import LARGEST_NUMBER as LARGEST_NUMBER
from claims_app.rules.text import without_invisible
from claims_app.vocabulary import RecordType

_PMID = re.compile(
    r"^(?:(?:pmid|pubmed(?: id)?|medline)\s?[:=]?\s*"
    r"|https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/(?:m/)?pubmed|pubmed\.gov"
    r"|europepmc\.org/(?:article|abstract)/med)/(?:\?term=)?)?"
    # Spreadsheets and statistics programs make a number of it: 34196305.0.
    r"([1-9][0-9]{0,8})(?:\.0)?(?:\s?\[(?:pmid|uid)\])?[/.,;]*(?:[?#]\S*)?$",
    re.IGNORECASE,
)
_PMCID = re.compile(
    r"^(?:pmc(?:id| id)\s?[:=]?\s*"
    r"|https?://(?:www\.)?(?:ncbi\.nlm\.nih\.gov/pmc|pmc\.ncbi\.nlm\.nih\.gov|europepmc\.org|pubmedcentral\.gov)"
    r"/(?:articles?|abstract)/(?:pmc/)?)?"
    # The number after the full stop is that of a version.
    r"PMC\s?([1-9][0-9]{0,9})(?:\.[0-9]{1,2})?(?:\s?\[pmcid\])?[/.,;]*(?:/pdf/\S*)?(?:[?#]\S*)?$",
    re.IGNORECASE,
)
_ORCID = re.compile(r"(?:https?://orcid\.org/)?([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9Xx])/?")
# Primary registries of the WHO ICTRP network, and PROSPERO for reviews.
_REGISTRIES = (
    r"NCT\d{8}",
    r"ISRCTN\d{8}",
    r"(?:EUCTR)?\d{4}-\d{6}-\d{2}(?:-\d{2})?",
    r"ACTRN\d{14}",
    r"CHICTR[-A-Z0-9]{6,16}",
    r"CRD\d{8,14}",
    r"CTRI/\d{4}/\d{2,3}/\d{6}",
    r"DRKS\d{8}",
    r"IRCT\d{8,16}N\d{1,3}",
    r"(?:JPRN-)?(?:UMIN|JMA-IIA|JRCT)[A-Z]?\d{6,12}",
    r"KCT\d{7}",
    r"NTR\d{2,5}",
    r"NL-OMON\d{4,6}",
    r"PACTR\d{12,16}",
    r"RBR-[0-9A-Z]{6,8}",
    r"RPCEC\d{8}",
    r"SLCTR/\d{4}/\d{3}",
    r"TCTR\d{11}",
)
_REGISTRY = re.compile("|".join(f"(?:{pattern})" for pattern in _REGISTRIES), re.ASCII)
REGISTRY_NUMBER = re.compile(r"(?<![\w.-])(?:" + "|".join(_REGISTRIES) + r")(?![\w-])", re.ASCII)
"""A registry number within a text."""


def normalise_doi(text: str) -> str:
    """Return the DOI in `text` (bare, labelled or in an address) in lower case, without a resolver.

    DOI names are case-insensitive (ISO 26324; DOI Handbook 2.4). Raises ValueError for anything else.
    """
    doi = read_doi(text)
    if doi is None and is_short_doi(text):
        raise ValueError("This is a short DOI. Enter the DOI that it leads to, such as 10.1172/JCI144201.")
    if doi is None:
        raise ValueError("Enter a DOI such as 10.1172/JCI144201: it starts with 10. and contains a slash.")
    return doi


def normalise_pmid(text: str) -> str:
    """Return the PubMed number in `text` as digits. Raises ValueError for anything else."""
    match = _PMID.match(without_invisible(text).strip())
    if not match:
        raise ValueError("Enter a PubMed number such as 34196305: up to nine digits and nothing else.")
    return match.group(1)


def normalise_pmcid(text: str) -> str:
    """Return the PubMed Central number in `text` as `PMC` and digits. Raises ValueError for anything else."""
    match = _PMCID.match(without_invisible(text).strip())
    if not match:
        raise ValueError("Enter a PubMed Central number such as PMC8245181: PMC and digits.")
    return f"PMC{match.group(1)}"


def normalise_registry_id(text: str) -> str:
    """Return the trial registry number in `text` in capitals. Raises ValueError for an unknown form."""
    registry_id = re.sub(r"\s", "", without_invisible(text)).upper()
    if not _REGISTRY.fullmatch(registry_id):
        raise ValueError("Enter a registry number such as NCT05643794 or ISRCTN12345678.")
    return registry_id


NORMALISERS: dict[str, Callable[[str], str]] = {
    "doi": normalise_doi,
    "pmid": normalise_pmid,
    "pmcid": normalise_pmcid,
    "registry_id": normalise_registry_id,
}


_DOI_NUMBER = re.compile(r"10\.([0-9]+)")
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.([0-9]{2})([0-9]{2})\.([0-9]+)")
_MOST_DIGITS = 8
"""Digits of PubMed and PubMed Central numbers; both have been given out in sequence, and are below 50 million."""


def impossible(kind: str, value: str) -> str | None:
    """Return why no service can know an identifier in its normal form, as a sentence, or None if one may.

    The registrant of a DOI is at least 1000 (DOI Handbook 2.2.2). An arXiv number has year and month, from 0704 on,
    and five digits after them since 1501 (https://info.arxiv.org/help/arxiv_identifier.html).
    """
    match kind:
        case "pmid" if len(value) > _MOST_DIGITS:
            return f"There is no such PubMed number: it has at most {_MOST_DIGITS} digits."
        case "pmcid" if len(value) > len("PMC") + _MOST_DIGITS:
            return f"There is no such PubMed Central number: it has at most {_MOST_DIGITS} digits."
        case "doi" if (number := _DOI_NUMBER.match(value)) and number[1].startswith("0"):
            return "There is no such DOI: the number after 10. does not begin with 0."
        case "doi" if (arxiv := _ARXIV_DOI.fullmatch(value)) and not _is_arxiv_number(*arxiv.groups()):
            return "There is no such arXiv number: it begins with the year and the month, such as 2403.01234."
        case "registry_id" if value.startswith(("NCT", "ISRCTN")) and not value.strip("NCTISR0"):
            return "There is no such trial: the digits are all 0."
    return None


def _is_arxiv_number(year: str, month: str, rest: str) -> bool:
    first = year + month >= "0704"
    return first and "01" <= month <= "12" and len(rest) == (5 if year >= "15" else 4)


_PUBLIC_ID = re.compile(r"([A-Z]{3})-([1-9][0-9]{0,9})")


def normalise_orcid(text: str) -> str:
    """Return the ORCID iD in `text` (bare, or as a URL) as 0000-0002-1825-0097.

    Raises ValueError for anything else, including a wrong check digit.
    """
    match = _ORCID.fullmatch(text.strip())
    if match is None or not has_orcid_check_digit(match.group(1).upper()):
        raise ValueError("Enter an ORCID iD such as 0000-0002-1825-0097.")
    return match.group(1).upper()


def has_orcid_check_digit(orcid: str) -> bool:
    """Return whether the check digit of an ORCID iD is right (ISO 7064, mod 11-2)."""
    digits = orcid.replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return digits[-1] == ("X" if check == 10 else str(check))


def record_type_of(identifier: str) -> RecordType | None:
    """Return the kind of record that a public identifier is of, or None if its prefix is unknown."""
    prefix = identifier.partition("-")[0]
    return next((record_type for record_type in RecordType if record_type.prefix == prefix), None)


def public_id(record_type: RecordType, number: int) -> str:
    """Return the public identifier of a record, such as `CLM-1`."""
    return f"{record_type.prefix}-{number}"


def parse_public_id(record_type: RecordType, text: str) -> int | None:
    """Return the number in a public identifier of `record_type`, or None if `text` is not one."""
    match = _PUBLIC_ID.fullmatch(text.strip().upper())
    if not match or match.group(1) != record_type.prefix:
        return None
    number = int(match.group(2))
    return number if number <= LARGEST_NUMBER else None
