"""XML of references, a record at a time: found in the text by its tags, and parsed alone.

So one record that is no XML costs no other, each has its line and its text, and memory does not grow with the file.
What a document may declare before its first element is refused where it could be used against us: entities of its
own (CWE-776, "billion laughs") and an internal subset. An external DTD is named by every file of PubMed; it is never
fetched (CWE-611). defusedxml holds the parser of the records to the same.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from claims_app.formats.references.refusal import RefusedFile, too_long
from claims_app.rules.reference import Unreadable

_DECLARED = re.compile(r"<!ENTITY|<!DOCTYPE[^<>\[]*\[")


def refuse_declarations(text: str) -> None:
    """Raise RefusedFile if the document declares entities, or anything else that a parser would act upon."""
    if _DECLARED.search(text):
        raise RefusedFile(
            "This XML declares entities of its own, which a list of references never does. It was not read."
        )


def elements(text: str, names: tuple[str, ...]) -> Iterator[tuple[Element | Unreadable, int, str]]:
    """Yield each element called one of `names`, parsed, with its line and its text; they do not nest."""
    opening = re.compile(rf"<({'|'.join(names)})(?=[\s>/])")
    position, line, counted = 0, 1, 0
    while begins := opening.search(text, position):
        name = begins.group(1)
        line += text.count("\n", counted, begins.start())
        counted = begins.start()
        closing = f"</{name}>"
        following = opening.search(text, begins.end())
        limit = following.start() if following else len(text)
        end = text.find(closing, begins.end(), limit)
        if end < 0:
            # It is never closed: what follows is the next record, not a part of it.
            end = limit
            reason = f"This record is cut off: its closing {closing} is missing."
            yield Unreadable(reason=reason, line=line, source=text[begins.start() : end]), line, ""
            position = end
            continue
        position = end + len(closing)
        source = text[begins.start() : position]
        if refused := too_long(len(source), line=line, source=source):
            yield refused, line, source
            continue
        try:
            yield fromstring(source, forbid_dtd=True), line, source
        except ParseError as error:
            where = line + error.position[0] - 1
            reason = f"This record is not well-formed XML (line {where})."
            yield Unreadable(reason=reason, line=line, source=source), line, source
        except (DefusedXmlException, ValueError, RecursionError):
            reason = "This record holds XML that is not safe to read."
            yield Unreadable(reason=reason, line=line, source=source), line, source


def text_of(element: Element | None, path: str = "") -> str:
    """Return all text in the first element at `path` of `element`, without the mark-up in it."""
    found = element.find(path) if element is not None and path else element
    return "".join(found.itertext()).strip() if found is not None else ""


def texts_of(element: Element, path: str) -> list[str]:
    """Return the text of each element at `path`, without the empty ones."""
    return [text for text in ("".join(found.itertext()).strip() for found in element.iterfind(path)) if text]
