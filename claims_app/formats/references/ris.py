"""RIS, as written by Reference Manager, EndNote, Zotero and nearly every library catalogue.

Source: "RIS Format Specifications" (Research Information Systems, 2001) and its revision of 2011. EndNote, Ovid,
Embase, PubMed's partners and Zotero use the tags differently, which is noted where it matters.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from claims_app.formats.references.citation import Citation
from claims_app.formats.references.mapping import (
    MAY_BE_ABSTRACT,
    ReferenceBuilder,
    is_registry_id,
    join_pages,
)
from claims_app.formats.references.refusal import too_long
from claims_app.formats.references.tagged import Block, lines_of
from claims_app.rules.reference import Reference, Unreadable
from claims_app.vocabulary import PublicationState

NAME = "RIS"

_START = re.compile(r"^([ \t\ufeff]*)TY {1,2}-", re.MULTILINE)
# Two blanks before the hyphen; some programs write one and omit the blank after it.
_TAG = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*)|\Z)", re.DOTALL)
_STRICT_TAG = re.compile(r"([A-Z][A-Z0-9])  -(?: ?(.*))", re.DOTALL)

_MEETINGS = {"ABST", "CONF", "CPAPER", "SLIDE"}
_MANUSCRIPTS = {"INPR", "MANSCPT", "UNPB", "UNPD"}
_MAY_BE_REGISTERED = {"AGGR", "DATA", "DBASE", "ELEC", "GEN", "UNPB", "WEB"}
_PUBMED = re.compile(r"pubmed|medline|\bnlm\b", re.IGNORECASE)
_PMCID = re.compile(r"PMC[0-9]{1,10}", re.IGNORECASE)


def recognise(head: str) -> bool:
    """Return whether a text that begins with `head` is RIS; text before the first record is ignored."""
    return _START.search(head) is not None


def read(text: str) -> Iterator[Reference | Unreadable]:
    """Yield the records of a file in order."""
    for block in _blocks(text):
        source = text[block.start : block.end]
        if refused := too_long(len(source), line=block.line, source=source):
            yield refused
        elif not block.tags or block.tags[0][0] != "TY":
            yield Unreadable(
                reason="This record does not start with a line “TY  - ”.", line=block.line, source=source
            )
        else:
            yield _draft(block).finish(line=block.line, source=source)


def _blocks(text: str) -> Iterator[Block]:
    """Yield the records: from TY to ER, or to the next TY if ER is missing."""
    block: Block | None = None
    indent, tag_of = 0, _STRICT_TAG
    for number, start, line, end in lines_of(text):
        if begins := _START.match(line):
            if block:
                yield block
            indent = begins.end(1)
            # A line of an abstract may start with “IL - 6”; it is a tag only if TY is written with one blank, too.
            tag_of = _STRICT_TAG if line.startswith("TY  -", indent) else _TAG
            block = Block(number, start)
            block.add("TY", line[begins.end() :], end)
            continue
        found = tag_of.match(line[indent:] if not line[:indent].strip() else line)
        if block is None:
            # Headers and blank lines between records are ignored; tags there are a record without TY.
            if found is None or found.group(1) == "ER":
                continue
            block = Block(number, start)
        if found is None:
            block.go_on(line, end)
        elif found.group(1) == "ER":
            block.end = end
            yield block
            block = None
        else:
            block.add(found.group(1), found.group(2) or "", end)
    if block:
        yield block


def _draft(block: Block) -> ReferenceBuilder:
    draft = ReferenceBuilder()
    tags: dict[str, list[str]] = {}
    for tag, value in block.values():
        if value:
            tags.setdefault(tag, []).append(value)
    record_type = "".join(tags.get("TY", [])).strip().upper()

    def first(*names: str) -> str:
        return next((tags[name][0] for name in names if name in tags), "")

    draft.title = first("TI", "T1", "CT", "BT")
    # In the order of the file, because exports mix AU and A1.
    draft.authors = [value for tag, value in block.values() if tag in {"AU", "A1"}]
    draft.date = first("PY", "Y1", "DA")
    draft.journal = first("T2", "JF", "JO", "JA", "J2", "J1", "BT" if draft.title != first("BT") else "JF")
    draft.volume, draft.issue = first("VL"), first("IS")
    draft.pages = join_pages(first("SP"), first("EP")) or first("C7")
    draft.dois = tags.get("DO", []) + [value for value in tags.get("M3", []) if "10." in value]
    draft.urls = [url for name in ("UR", "L2", "L1") for value in tags.get(name, []) for url in value.split()]
    draft.urls = [url.removesuffix(";") for url in draft.urls]
    if _PUBMED.search(first("DB") + " " + first("DP")):
        draft.pmids += tags.get("AN", [])
    draft.pmcids += [value for value in tags.get("C2", []) if _PMCID.fullmatch(value.strip())]
    numbers = [value for name in ("M1", "CN", "AN", "C1") for value in tags.get(name, [])]
    draft.registry_ids += [value for value in numbers if is_registry_id(value)]
    # EndNote writes the issue of a journal article here, Reference Manager anything.
    if not draft.issue and record_type == "JOUR" and first("M1") and len(first("M1")) <= 10:
        draft.issue = "" if is_registry_id(first("M1")) else first("M1")
    draft.notes = ["\n".join(lines) for tag, lines in block.tags if tag in {"M2", "N1"}]
    draft.abstract = first("AB", "N2")
    draft.keywords = [line for tag, lines in block.tags if tag == "KW" for line in lines]
    draft.warn_of(tags.get("M3", []))
    draft.may_be_registered = record_type in _MAY_BE_REGISTERED
    if record_type in _MEETINGS or "conference abstract" in first("M3").casefold():
        draft.state = PublicationState.ABSTRACT_ONLY
        draft.warnings.append(MAY_BE_ABSTRACT)
    elif record_type in _MANUSCRIPTS and not any(map(is_registry_id, numbers)):
        draft.state = PublicationState.PREPRINT
    return draft


def write(citations: Iterable[Citation]) -> Iterator[str]:
    """Yield the text of a file, one record at a time.

    Every record is a JOUR, the only type for which Zotero has all fields, including volume and issue. The
    publication state is in the line of `ours`.
    """
    for citation in citations:
        values = citation.values
        lines = ["TY  - JOUR", f"ID  - {citation.key}"]
        _add(lines, "TI", values.get("title"))
        for author in citation.authors:
            _add(lines, "AU", author)
        for tag, name in (("PY", "year"), ("T2", "journal"), ("VL", "volume"), ("IS", "issue")):
            _add(lines, tag, values.get(name))
        first, last = citation.split_pages()
        _add(lines, "SP", first)
        _add(lines, "EP", last)
        _add(lines, "DO", values.get("doi"))
        _add(lines, "UR", values.get("url"))
        _add(lines, "M2", values.get("pmid"), "PMID: {}".format)
        _add(lines, "M2", values.get("pmcid"), "PMCID: {}".format)
        _add(lines, "M2", citation.note)
        yield "\r\n".join([*lines, "ER  - ", "", ""])


def _add(lines: list[str], tag: str, value: object, form: Callable[[object], str] = str) -> None:
    if value is not None and value != "":
        lines.append(f"{tag}  - {form(value)}")
