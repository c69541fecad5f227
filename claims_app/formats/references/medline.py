"""MEDLINE format, which PubMed calls “PubMed” format and saves as .nbib; ERIC uses it, too.

Source: NLM, "MEDLINE/PubMed Data Element (Field) Descriptions". Tags have up to four letters, padded, before a
hyphen; continuation lines start with six blanks.
"""

import re
from collections.abc import Iterable, Iterator

from claims_app.formats.references.mapping import ReferenceBuilder, given, is_registry_id
from claims_app.formats.references.refusal import too_long
from claims_app.formats.references.tagged import Block, lines_of
from claims_app.rules.names import from_initials, tidy_name
from claims_app.rules.notices import LOOKS_LIKE
from claims_app.rules.reference import Reference, Unreadable
from claims_app.vocabulary import NoticeNature

NAME = "MEDLINE"

_TAG = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}-(?: (.*)|\Z)", re.DOTALL)
_START = re.compile(r"^\ufeff?(?:PMID- ?[0-9]|OWN - |STAT- )", re.MULTILINE)
_ARTICLE_NUMBER = re.compile(r"([A-Za-z]{0,3}[0-9]{1,8})(?: \[pii\])?")
_NOTICES = {
    "RIN": "PubMed lists a retraction of this study",
    "ECI": "PubMed lists an expression of concern about this study",
    "EIN": "PubMed lists a correction of this study",
    "CRI": "PubMed lists a corrected version of this study",
    "RPI": "PubMed lists a republished version of this study",
    "UIN": "PubMed lists a newer version of this study",
    "ROF": f"{LOOKS_LIKE[NoticeNature.RETRACTION]}, of",
    "EFR": f"{LOOKS_LIKE[NoticeNature.CORRECTION]}, of",
    "ECF": f"{LOOKS_LIKE[NoticeNature.EXPRESSION_OF_CONCERN]}, about",
}


def recognise(head: str) -> bool:
    """Return whether a text that begins with `head` is in MEDLINE format."""
    return _START.search(head) is not None


def read(text: str) -> Iterator[Reference | Unreadable]:
    """Yield the records of a file in order."""
    for block in _blocks(text):
        source = text[block.start : block.end]
        refused = too_long(len(source), line=block.line, source=source)
        yield refused or _draft(block).finish(line=block.line, source=source)


def _blocks(text: str) -> Iterator[Block]:
    """Yield the records: each starts with PMID or after a blank line."""
    block: Block | None = None
    blank = True
    for number, start, line, end in lines_of(text):
        found = _TAG.match(line.lstrip("\ufeff"))
        if found is None:
            blank = blank or not line.strip()
            if block and line.strip():
                block.go_on(line, end)
            continue
        if (
            block is None
            or blank
            or (found.group(1) == "PMID" and any(tag == "PMID" for tag, _ in block.tags))
        ):
            if block:
                yield block
            block = Block(number, start)
        blank = False
        block.add(found.group(1), found.group(2) or "", end)
    if block:
        yield block


def _draft(block: Block) -> ReferenceBuilder:
    draft = ReferenceBuilder()
    tags: dict[str, list[str]] = {}
    for tag, value in block.values():
        if given(value):
            tags.setdefault(tag, []).append(value)

    def first(*names: str) -> str:
        return next((tags[name][0] for name in names if name in tags), "")

    draft.title = tidy_title(first("TI", "BTI", "TT"))
    # Prefer full names, in which groups have their position.
    if "FAU" in tags:
        draft.authors = [
            value if tag == "CN" else tidy_name(value)
            for tag, value in block.values()
            if tag in {"FAU", "CN"}
        ]
    else:
        draft.authors = [
            value if tag == "CN" or "," in value else from_initials(value)
            for tag, value in block.values()
            if tag in {"AU", "CN"}
        ]
    draft.dates = [value for name in ("DP", "DEP", "PHST", "EDAT", "CRDT") for value in tags.get(name, [])]
    draft.journal = first("JT", "TA")
    if not draft.journal and first("TI"):
        # The record of a chapter.
        draft.journal = tidy_title(first("BTI", "CTI"))
    draft.volume, draft.issue, draft.pages = first("VI"), first("IP"), first("PG")
    draft.pages = draft.pages or article_number(tags.get("LID", []) + tags.get("AID", []))
    draft.pmids = tags.get("PMID", [])
    draft.pmcids = tags.get("PMC", [])
    located = [value for name in ("LID", "AID", "DOI", "DO") for value in tags.get(name, [])]
    located.sort(key=lambda value: not value.endswith("[doi]"))
    draft.dois = [value.partition(" [")[0] for value in located if value.startswith("10.")]
    draft.registry_ids = [value for value in tags.get("SI", []) if is_registry_id(value)]
    draft.urls = [value for value in tags.get("LID", []) if value.startswith("http")] + tags.get("UR", [])
    draft.publication_types = tags.get("PT", [])
    draft.mesh = tags.get("MH", [])
    draft.abstract = first("AB")
    draft.keywords = [value.lstrip("*") for value in tags.get("OT", [])]
    draft.warnings += [f"{_NOTICES[tag]}: {value}" for tag, value in block.values() if tag in _NOTICES]
    return draft


def article_number(identifiers: Iterable[str]) -> str:
    """Return the first publisher's identifier that is an article number, such as “e42692 [pii]”."""
    found = (_ARTICLE_NUMBER.fullmatch(text) for text in identifiers)
    return next((match.group(1) for match in found if match), "")


def tidy_title(title: str) -> str:
    """Return a title as printed: without the final full stop and the brackets of a translated title."""
    printed = title.strip()
    printed = printed[:-1] if printed.endswith(".") and not printed.endswith("..") else printed
    if printed.startswith("[") and printed.endswith("]") and "[" not in printed[1:]:
        printed = printed[1:-1].removesuffix(".")
    return printed if printed.strip() else title
