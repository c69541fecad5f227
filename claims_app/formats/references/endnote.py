"""EndNote XML, as written by EndNote, JabRef, Zotero and Citavi.

There is no published schema; the elements are those of EndNote's own exports. Text is wrapped in `style` elements,
which are only mark-up. The meaning of fields such as `custom2` depends on the reference type in EndNote.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element  # nosec B405 - only the types; defusedxml parses

from claims_app.formats.references.mapping import MAY_BE_ABSTRACT, ReferenceBuilder, is_registry_id
from claims_app.formats.references.xml import elements, refuse_declarations, text_of, texts_of
from claims_app.rules.reference import Reference, Unreadable
from claims_app.vocabulary import PublicationState

NAME = "EndNote XML"

_START = re.compile(r"<(?:xml|records)[\s>]")
_RECORD = re.compile(r"<record[\s>]")
_PUBMED = re.compile(r"pubmed|medline|\bnlm\b", re.IGNORECASE)
_PMCID = re.compile(r"PMC[0-9]{1,10}", re.IGNORECASE)
_MEETINGS = {"Conference Paper", "Conference Proceedings"}
_MAY_BE_REGISTERED = {
    "Aggregated Database",
    "Dataset",
    "Electronic Source",
    "Generic",
    "Online Database",
    "Web Page",
}


def recognise(head: str) -> bool:
    """Return whether a text that begins with `head` is EndNote XML."""
    return (
        head.lstrip("\ufeff \t\r\n").startswith("<")
        and _START.search(head) is not None
        and _RECORD.search(head) is not None
    )


def read(text: str) -> Iterator[Reference | Unreadable]:
    """Yield the records of a file in order. Raises RefusedFile."""
    refuse_declarations(text)
    for element, line, source in elements(text, ("record",)):
        if isinstance(element, Unreadable):
            yield element
        else:
            yield _draft(element).finish(line=line, source=source)


def _draft(record: Element) -> ReferenceBuilder:
    draft = ReferenceBuilder()
    kind = record.find("ref-type")
    name = kind.get("name", "") if kind is not None else ""
    draft.title = text_of(record, "titles/title")
    for author in texts_of(record, "contributors/authors/author"):
        draft.add_authors(author, commas=author.count(",") > 1)
    draft.dates = [text_of(record, "dates/year"), text_of(record, "dates/pub-dates/date")]
    draft.journal = (
        text_of(record, "titles/secondary-title")
        or text_of(record, "periodical/full-title")
        or text_of(record, "periodical/abbr-1")
        or text_of(record, "titles/alt-title")
    )
    draft.volume, draft.issue = (
        text_of(record, "volume"),
        text_of(record, "number") or text_of(record, "issue"),
    )
    draft.pages = text_of(record, "pages") or text_of(record, "custom7")
    draft.dois = texts_of(record, "electronic-resource-num")
    urls = [*texts_of(record, "urls/related-urls/url"), *texts_of(record, "urls/web-urls/url")]
    draft.urls = [url for text in urls for url in text.split()]
    number = text_of(record, "accession-num")
    if _PUBMED.search(
        text_of(record, "remote-database-name") + " " + text_of(record, "remote-database-provider")
    ):
        draft.pmids = [number]
    custom = text_of(record, "custom2")
    if _PMCID.fullmatch(custom):
        draft.pmcids = [custom]
    numbers = (number, text_of(record, "call-num"), text_of(record, "custom1"), text_of(record, "isbn"))
    draft.registry_ids = [value for value in numbers if is_registry_id(value)]
    draft.notes = [*texts_of(record, "notes"), *texts_of(record, "research-notes")]
    draft.abstract = text_of(record, "abstract")
    draft.keywords = texts_of(record, "keywords/keyword")
    draft.may_be_registered = name in _MAY_BE_REGISTERED
    work_type = text_of(record, "work-type")
    draft.warn_of([work_type])
    if name in _MEETINGS or "conference abstract" in work_type.casefold():
        draft.state = PublicationState.ABSTRACT_ONLY
        draft.warnings.append(MAY_BE_ABSTRACT)
    elif name in {"Unpublished Work", "Manuscript"}:
        draft.state = PublicationState.PREPRINT
    return draft
