"""XML of references, one record at a time: each record is found by its tags and parsed separately.

So a malformed record does not affect the others, every record has its line and text, and memory does not grow with
the file. Dangerous declarations are refused: entities (CWE-776, "billion laughs") and an internal subset. Every PubMed
file names an external DTD, which is never fetched (CWE-611). defusedxml enforces the same in the parser.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, tostring  # nosec B405 - only the types; defusedxml parses
from xml.sax.saxutils import escape  # nosec B406 - writes XML, parses none

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from claims_app.formats.references.refusal import RefusedFile, too_long
from claims_app.formats.references.tagged import count_lines
from claims_app.rules import markup
from claims_app.rules.reference import Unreadable
from claims_app.rules.text import unescape

_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_PREDEFINED = frozenset(("amp", "lt", "gt", "quot", "apos"))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DECLARED = re.compile(r"<!ENTITY|<!DOCTYPE[^<>\[]*\[")


def refuse_declarations(text: str) -> None:
    """Raise RefusedFile if the document declares entities or has an internal DTD subset."""
    if _DECLARED.search(text):
        raise RefusedFile("This XML file declares its own entities, which is unsafe, so it was not read.")


def elements(text: str, names: tuple[str, ...]) -> Iterator[tuple[Element | Unreadable, int, str]]:
    """Yield each element with one of `names`, parsed, with its line and text; such elements must not nest."""
    opening = re.compile(rf"<({'|'.join(names)})(?=[\s>/])")
    position, line, counted = 0, 1, 0
    while begins := opening.search(text, position):
        name = begins.group(1)
        line += count_lines(text, counted, begins.start())
        counted = begins.start()
        closing = f"</{name}>"
        following = opening.search(text, begins.end())
        limit = following.start() if following else len(text)
        end = text.find(closing, begins.end(), limit)
        if end < 0:
            # The element is not closed; the next record follows.
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
            yield fromstring(_repaired(source), forbid_dtd=True), line, source
        except ParseError as error:
            where = line + error.position[0] - 1
            reason = f"This record is not well-formed XML (line {where})."
            yield Unreadable(reason=reason, line=line, source=source), line, source
        except (DefusedXmlException, ValueError, RecursionError):
            reason = "This record contains unsafe XML."
            yield Unreadable(reason=reason, line=line, source=source), line, source


def _repaired(source: str) -> str:
    """Return a record without the control characters that XML forbids, and with the entities of HTML as characters."""
    if "&" in source:
        source = _ENTITY.sub(_character, source)
    return _CONTROLS.sub("", source)


def _character(found: re.Match[str]) -> str:
    character = unescape(found.group())
    return found.group() if found.group(1) in _PREDEFINED or character == found.group() else escape(character)


def text_of(element: Element | None, path: str = "") -> str:
    """Return the text of the first element at `path` of `element`; its mark-up becomes text."""
    found = element.find(path) if element is not None and path else element
    return _text(found) if found is not None else ""


def texts_of(element: Element, path: str) -> list[str]:
    """Return the texts of the elements at `path` that are not empty."""
    return [text for text in map(_text, element.iterfind(path)) if text]


def _text(element: Element) -> str:
    if len(element) == 0:
        return (element.text or "").strip()
    try:
        inner = "".join(tostring(child, encoding="unicode") for child in element)
    except RecursionError:
        return "".join(element.itertext()).strip()
    return markup.to_text(escape(element.text or "") + inner).strip()
