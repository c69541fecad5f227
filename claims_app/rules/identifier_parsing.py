"""Finds identifiers in pasted text: one or many, bare, labelled, in sentences or in URLs."""

import re
from dataclasses import dataclass

from claims_app.rules.dois import trim_doi
from claims_app.rules.identifiers import REGISTRY_NUMBER, normalise_registry_id
from claims_app.rules.text import unescape, without_invisible

LONGEST = 20_000
"""Characters that are searched; nobody pastes more by hand."""

_ARXIV = r"(?:\d{4}\.\d{4,5}|[a-z-]{2,20}(?:\.[A-Z]{2})?/\d{7})"
_FOUND = re.compile(
    rf"""
    (?P<doi>10\.\d{{4,9}}(?:\.\d{{1,9}}){{0,5}}(?:/|%2[Ff])[^\s"“”]{{1,400}})
  | (?:arxiv\.org/(?:abs|pdf|html)/|\barxiv\s*:?\s*)(?P<arxiv>{_ARXIV})(?:v\d{{1,2}})?
  | (?P<pmcid>\bPMC\s?[1-9]\d{{0,9}}\b)
  | (?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/|pubmed\.gov/|europepmc\.org/(?:article|abstract)/med/
      |\bpmid\s*[:=]?\s*)(?P<pmid>[1-9]\d{{0,8}})\b
  | (?P<registry_id>{REGISTRY_NUMBER.pattern})
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w./:-])[1-9]\d{0,8}(?![\w/:-]|\.\w)")
_NUMBERS_ALONE = re.compile(r"[\s,;]*+[1-9]\d*+(?:[\s,;]++[1-9]\d*+)*+[\s,;.]*+")


@dataclass(frozen=True)
class Pasted:
    """An identifier: the field of a study it belongs to, its stored form, and the pasted text."""

    kind: str
    value: str
    text: str


def find_identifiers(text: str) -> tuple[list[Pasted], list[str]]:
    """Return the identifiers in `text`, each once and in order, and the lines without identifiers.

    An arXiv number is returned as its DOI (DataCite, 10.48550). A bare number counts as a PubMed number if the text
    contains only numbers, or if it has seven or eight digits.
    """
    text = unescape(without_invisible(text[:LONGEST]))
    found: dict[tuple[str, str], Pasted] = {}
    unrecognised = []
    alone = _NUMBERS_ALONE.fullmatch(text) is not None
    for line in text.splitlines():
        inside = [one for match in _FOUND.finditer(line) if (one := _read(match)) is not None]
        if not inside:
            numbers = [match[0] for match in _NUMBER.finditer(line)]
            inside = [Pasted("pmid", n, n) for n in numbers if alone or len(n) in (7, 8)]
        for one in inside:
            found.setdefault((one.kind, one.value), one)
        if not inside and line.strip():
            unrecognised.append(line.strip())
    return list(found.values()), unrecognised


def _read(match: re.Match[str]) -> Pasted | None:
    kind = match.lastgroup or ""
    text = match[kind]
    match kind:
        case "doi":
            doi = trim_doi(text)
            return Pasted("doi", doi, text) if doi else None
        case "arxiv":
            return Pasted("doi", f"10.48550/arxiv.{text.lower()}", match[0])
        case "pmcid":
            return Pasted("pmcid", "PMC" + re.sub(r"\D", "", text), text)
        case "registry_id":
            return Pasted("registry_id", normalise_registry_id(text), text)
    return Pasted("pmid", text, match[0])
