"""The tagged format of Web of Science, which calls it “Plain text file” (savedrecs.txt) and EndNote's import .ciw.

Source: Clarivate, "Web of Science Core Collection Field Tags". Tags have two letters and a blank; continuation lines
start with three blanks, and in lists each line is an item. Zoological Record and other databases there share it.
"""

import re
from collections.abc import Iterator

from claims_app.formats.references.mapping import ReferenceBuilder, given, is_registry_id, join_pages
from claims_app.formats.references.refusal import too_long
from claims_app.formats.references.tagged import Block, lines_of
from claims_app.rules.preprints import is_preprint_type
from claims_app.rules.reference import Reference, Unreadable
from claims_app.vocabulary import PublicationState

NAME = "Web of Science"

_START = re.compile(r"^\ufeff?PT [A-Z]", re.MULTILINE)
_NEIGHBOUR = re.compile(r"^(?:AU|TI|SO) \S", re.MULTILINE)
_TAG = re.compile(r"([A-Z][A-Z0-9])(?: (.*)|\Z)", re.DOTALL)
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def recognise(head: str) -> bool:
    """Return whether a text that begins with `head` is in the tagged format of Web of Science."""
    return _START.search(head) is not None and _NEIGHBOUR.search(head) is not None


def read(text: str) -> Iterator[Reference | Unreadable]:
    """Yield the records of a file in order."""
    for block in _blocks(text):
        source = text[block.start : block.end]
        refused = too_long(len(source), line=block.line, source=source)
        yield refused or _draft(block).finish(line=block.line, source=source)


def _blocks(text: str) -> Iterator[Block]:
    """Yield the records: from PT to ER, or to the next PT if ER is missing."""
    block: Block | None = None
    for number, start, line, end in lines_of(text):
        found = _TAG.match(line.lstrip("\ufeff"))
        if found and found.group(1) == "PT":
            if block:
                yield block
            block = Block(number, start)
        if block is None:
            continue
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
    tags = {tag: value for tag, value in block.values() if given(value)}
    items = {tag: [line for line in lines if line] for tag, lines in block.tags}

    def first(*names: str) -> str:
        return next((tags[name] for name in names if name in tags), "")

    draft.title = first("TI", "FT")
    short, full = items.get("AU", []), items.get("AF", [])
    for name in full if len(full) >= len(short) else short:
        draft.add_authors(name, commas=False)
    draft.authors += items.get("CA", [])
    draft.dates = [tags[name] for name in ("PY", "EA", "PD") if name in tags]
    draft.journal = first("SO", "JI", "J9")
    draft.volume, draft.issue = first("VL"), first("IS")
    draft.pages = join_pages(first("BP"), first("EP")) or first("AR", "PS")
    draft.dois = [first("DI")]
    draft.pmids = [number for number in [first("PM")] if _NUMBER.fullmatch(number)]
    draft.pmids += [number for number in [first("UT").removeprefix("MEDLINE:")] if _NUMBER.fullmatch(number)]
    draft.registry_ids = [number for number in [first("AN"), first("CT")] if is_registry_id(number)]
    draft.urls = [first("UR")]
    draft.abstract = first("AB")
    draft.keywords = [word for name in ("DE", "ID") for word in first(name).split(";")]
    types = [kind.strip() for kind in first("DT").split(";")]
    draft.warn_of(types)
    if any(map(is_preprint_type, types)):
        draft.state = PublicationState.PREPRINT
    elif "meeting abstract" in {kind.casefold() for kind in types}:
        draft.state = PublicationState.ABSTRACT_ONLY
    return draft
