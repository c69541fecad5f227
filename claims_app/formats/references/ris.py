"""RIS, as written by Reference Manager, EndNote, Zotero and nearly every library catalogue.

Source: "RIS Format Specifications" (Research Information Systems, 2001) and its revision of 2011. EndNote, Ovid,
Embase, PubMed's partners and Zotero use the tags differently, which is noted where it matters.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from claims_app.formats.references.citation import Citation
from claims_app.formats.references.mapping import (
    MAY_BE_ABSTRACT,
    ReferenceBuilder,
    given,
    is_registry_id,
    join_pages,
)
from claims_app.formats.references.refusal import too_long
from claims_app.formats.references.tagged import Block, lines_of
from claims_app.rules.names import tidy_name
from claims_app.rules.reference import Reference, Unreadable
from claims_app.vocabulary import PublicationState

NAME = "RIS"

_START = re.compile(r"^([ \t\ufeff]*)TY {1,2}-", re.MULTILINE)
# Two blanks before the hyphen; some programs write one and omit the blank after it.
_TAG = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*)|\Z)", re.DOTALL)
_STRICT_TAG = re.compile(r"([A-Z][A-Z0-9])  -(?: ?(.*))", re.DOTALL)
# A file whose records have lost their first lines.
_END = re.compile(r"^[ \t]*ER  -", re.MULTILINE)
_TITLE = re.compile(r"^[ \t\ufeff]*(?:TI|T1)  - ", re.MULTILINE)

_MEETINGS = {"ABST", "CONF", "CPAPER", "SLIDE"}
_MANUSCRIPTS = {"INPR", "MANSCPT", "UNPB", "UNPD"}
_MAY_BE_REGISTERED = {"AGGR", "DATA", "DBASE", "ELEC", "GEN", "UNPB", "WEB"}
_PUBMED = re.compile(r"pubmed|medline|\bnlm\b", re.IGNORECASE)
_MEDLINE = re.compile(r"medline|embase|pubmed", re.IGNORECASE)
_EBSCO = re.compile(r"ebsco", re.IGNORECASE)
_SCOPUS = re.compile(r"scopus", re.IGNORECASE)
_DIGITS = re.compile(r"[1-9][0-9]{3,8}")
_PMCID = re.compile(r"PMC[0-9]{1,10}", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?:PUBMED\s+|\bMEDLINE:|\bPMID:?\s*)([1-9][0-9]{0,8})\b|\b([1-9][0-9]{0,8})\s?\[PMID\]", re.IGNORECASE
)
_LABELLED_PMC = re.compile(r"\b(PMC[0-9]{1,10})\s?\[PMCID\]", re.IGNORECASE)
_IN_CINAHL = re.compile(r"^Accession Number:.*?\bPMID:\s?(?:NLM)?([1-9][0-9]{0,8})\b", re.DOTALL)
_COPYRIGHT = re.compile(r"^Copyright of .{1,300} is the property of ")

_TITLES = ("TI", "T1", "CT", "BT", "ST", "TT")
_ARTICLES = {"", "ABST", "EJOUR", "INPR", "JFULL", "JOUR", "JOURNAL ARTICLE", "MGZN", "NEWS"}
_OF_RECORDS = {*_TITLES, "A1", "AB", "AU", "DO", "N2"}
"""Tags that show that lines without TY are a record and not what a program writes after one."""


def recognise(head: str) -> bool:
    """Return whether a text that begins with `head` is RIS; text before the first record is ignored."""
    return _START.search(head) is not None or (
        _END.search(head) is not None and _TITLE.search(head) is not None
    )


def read(text: str) -> Iterator[Reference | Unreadable]:
    """Yield the records of a file in order."""
    for block in _records(text):
        source = text[block.start : block.end]
        if refused := too_long(len(source), line=block.line, source=source):
            yield refused
            continue
        draft = _draft(block)
        if block.head is None:
            draft.warnings.append("The line “TY  - ” is missing, so this was read as a journal article.")
        elif block.head > 0:
            draft.warnings.append("The lines before “TY  - ” were read as a part of this record.")
        yield draft.finish(line=block.line, source=source)


@dataclass
class _Record(Block):
    """A record, with the number of tags before its TY: None if it has none.

    `middle` is the line and the position of its TY.
    """

    head: int | None = None
    middle: tuple[int, int] = (0, 0)

    def has_title(self, start: int | None = 0, end: int | None = None) -> bool:
        """Whether there is a title among these tags."""
        return any(tag in {"TI", "T1"} and lines[0] for tag, lines in self.tags[start:end])


def _records(text: str) -> Iterator[_Record]:
    """Yield the records, and leave out what programs write between them."""
    for record in _blocks(text):
        head = record.head
        if head and record.has_title(0, head) and record.has_title(head):
            # Two records: the first has neither TY nor ER.
            line, position = record.middle
            yield _Record(record.line, record.start, position, record.tags[:head])
            yield _Record(line, position, record.end, record.tags[head:], head=0)
        elif head is not None or record.closed or any(tag in _OF_RECORDS for tag, _ in record.tags):
            yield record


def _blocks(text: str) -> Iterator[_Record]:
    """Yield the records: to ER, or to the next TY if ER is missing.

    Some databases write lines before TY, which belong to the record, others after ER, which do not: those before TY
    come without a gap, or contain the title.
    """
    record: _Record | None = None
    indent, tag_of, gap = 0, _STRICT_TAG, False
    for number, start, line, end in lines_of(text):
        if begins := _START.match(line):
            if record and (record.head is not None or (gap and not record.has_title())):
                yield record
                record = None
            indent = begins.end(1)
            # A line of an abstract may start with “IL - 6”; it is a tag only if TY is written with one blank, too.
            tag_of = _STRICT_TAG if line.startswith("TY  -", indent) else _TAG
            record = record or _Record(number, start)
            record.head, record.middle = len(record.tags), (number, start)
            record.add("TY", line[begins.end() :], end)
            gap = False
            continue
        found = tag_of.match(line[indent:] if not line[:indent].strip() else line.lstrip("\ufeff"))
        if record is None:
            # Headers and blank lines between records are ignored; tags there are a record without TY.
            if found is None or found.group(1) == "ER":
                continue
            record = _Record(number, start)
        if found is None:
            gap = True
            record.go_on(line, end)
        elif found.group(1) == "ER":
            record.end, record.closed = end, True
            yield record
            record = None
        else:
            gap = False
            record.add(found.group(1), found.group(2) or "", end)
    if record:
        yield record


def _draft(block: Block) -> ReferenceBuilder:
    draft = ReferenceBuilder()
    tags: dict[str, list[str]] = {}
    for tag, value in block.values():
        if given(value):
            tags.setdefault(tag, []).append(value)
    record_type = "".join(tags.get("TY", [])).strip().upper()

    def first(*names: str) -> str:
        return next((tags[name][0] for name in names if name in tags), "")

    def every(*names: str) -> list[str]:
        return [value for name in names for value in tags.get(name, [])]

    draft.title = first(*_TITLES)
    _add_authors(draft, block)
    draft.dates = every("PY", "Y1", "DA", "YR")
    draft.journal = _journal(draft, tags, record_type)
    draft.volume, draft.issue = first("VL", "VO"), first("IS")
    draft.pages = first("SP") if "-" in first("SP") else join_pages(first("SP"), first("EP"))
    draft.pages = draft.pages or first("C7", "PG")
    draft.dois = every("DO", "DI") + [value for value in every("M3", "L3", "ID") if "10." in value]
    draft.urls = [url for value in every("UR", "L2", "L1", "L3", "L4", "LK", "US") for url in value.split()]
    draft.urls = [url.removesuffix(";") for url in draft.urls]
    _add_numbers(draft, every)
    numbers = every("M1", "CN", "AN", "C1")
    draft.registry_ids += [value for value in numbers if is_registry_id(value)]
    # EndNote writes the issue of a journal article here, Reference Manager anything.
    if not draft.issue and record_type == "JOUR" and first("M1") and len(first("M1")) <= 10:
        draft.issue = "" if is_registry_id(first("M1")) else first("M1")
    draft.notes = ["\n".join(lines) for tag, lines in block.tags if tag in {"M2", "N1"}]
    # EBSCO's second abstract is about the copyright.
    abstracts = [text for text in every("AB") if not _COPYRIGHT.match(text)] or every("N2")
    draft.abstract = "\n".join(dict.fromkeys(abstracts))
    draft.keywords = [line for tag, lines in block.tags if tag == "KW" for line in lines]
    draft.warn_of(tags.get("M3", []))
    draft.may_be_registered = record_type in _MAY_BE_REGISTERED
    if record_type in _MEETINGS or "conference abstract" in first("M3").casefold():
        draft.state = PublicationState.ABSTRACT_ONLY
        draft.warnings.append(MAY_BE_ABSTRACT)
    elif record_type in _MANUSCRIPTS and not any(map(is_registry_id, numbers)):
        draft.state = PublicationState.PREPRINT
    return draft


def _add_authors(draft: ReferenceBuilder, block: Block) -> None:
    """Add the authors in the order of the file, because exports mix AU and A1."""
    names = [(tag, value) for tag, value in block.values() if tag in {"AU", "A1"}]
    primary = [value for tag, value in names if tag == "A1"]
    twice = primary == [value for tag, value in names if tag == "AU"]
    for tag, value in names:
        if not (twice and tag == "A1"):
            draft.add_authors(value, commas=value.count(",") > 1)


def _journal(draft: ReferenceBuilder, tags: Mapping[str, list[str]], record_type: str) -> str:
    """Return the journal or book. EBSCO writes a subtitle or a section into T2, and the journal into JF and JO."""
    order = ["T2", "JF", "JO", "JA", "J2", "J1", "BT"]
    if record_type in _ARTICLES:
        order.remove("JF")
        order.insert(0, "JF")
        if any(map(_EBSCO.search, tags.get("DP", []) + tags.get("UR", []))):
            order.remove("JO")
            order.insert(1, "JO")
    if draft.title in tags.get("BT", []):
        order.remove("BT")
    found = [(name, tags[name][0]) for name in order if name in tags]
    if not found:
        return ""
    name, journal = found[0]
    secondary = tags.get("T2", [""])[0]
    if name != "T2" and secondary and secondary.casefold() != journal.casefold():
        draft.warnings.append(
            f"Secondary title left out (“{secondary[:80]}”). The record also names “{journal[:80]}”."
        )
    return journal


def _add_numbers(draft: ReferenceBuilder, every: Callable[..., list[str]]) -> None:
    """Add the numbers of PubMed, which each database writes into other tags."""
    database = " ".join(every("DB", "DP"))
    if _PUBMED.search(database):
        draft.pmids += every("AN")
        draft.pmids += [value for value in every("ID") if _DIGITS.fullmatch(value)]
    if _MEDLINE.search(database):
        draft.pmids += [value for value in every("C5") if _DIGITS.fullmatch(value)]
    if _SCOPUS.search(database):
        draft.pmids += [value for value in every("C2") if _DIGITS.fullmatch(value)]
    draft.pmcids += [value for value in every("C2") if _PMCID.fullmatch(value.strip())]
    for value in every("C3", "AN", "U1", "U2", "U3", "U4", "U5"):
        draft.pmids += [one or other for one, other in _LABELLED.findall(value)][:1]
        draft.pmcids += _LABELLED_PMC.findall(value)[:1]
    draft.pmids += [found for value in every("N1") for found in _IN_CINAHL.findall(value)]


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
            _add(lines, "AU", tidy_name(author))
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
