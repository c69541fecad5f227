"""PubMed XML, as used by the E-utilities and PubMed's own files.

Source: NLM, "MEDLINE/PubMed XML Element Descriptions and their Attributes". `PubmedArticle` is the record of a
journal article, `PubmedBookArticle` that of a book or chapter.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element  # nosec B405 - only the types; defusedxml parses

from claims_app.formats.references.mapping import ReferenceBuilder, is_registry_id, join_pages
from claims_app.formats.references.medline import article_number, tidy_title
from claims_app.formats.references.xml import elements, refuse_declarations, text_of, texts_of
from claims_app.rules.names import join_name
from claims_app.rules.notices import LOOKS_LIKE
from claims_app.rules.reference import Reference, Unreadable
from claims_app.vocabulary import NoticeNature

NAME = "PubMed XML"

_RECORDS = ("PubmedArticle", "PubmedBookArticle")
_START = re.compile(r"<(?:PubmedArticleSet|PubmedBookArticleSet|PubmedArticle|PubmedBookArticle)[\s>]")
_NOTICES = {
    "RetractionIn": "PubMed lists a retraction of this study",
    "PartialRetractionIn": "PubMed lists a partial retraction of this study",
    "ExpressionOfConcernIn": "PubMed lists an expression of concern about this study",
    "ErratumIn": "PubMed lists a correction of this study",
    "CorrectedandRepublishedIn": "PubMed lists a corrected version of this study",
    "RetractedandRepublishedIn": "PubMed lists a retraction and a new version of this study",
    "RepublishedIn": "PubMed lists a republished version of this study",
    "UpdateIn": "PubMed lists a newer version of this study",
    "RetractionOf": f"{LOOKS_LIKE[NoticeNature.RETRACTION]}, of",
    "PartialRetractionOf": f"{LOOKS_LIKE[NoticeNature.RETRACTION]}, of",
    "ErratumFor": f"{LOOKS_LIKE[NoticeNature.CORRECTION]}, of",
    "ExpressionOfConcernFor": f"{LOOKS_LIKE[NoticeNature.EXPRESSION_OF_CONCERN]}, about",
}


def recognise(head: str) -> bool:
    """Return whether a text that begins with `head` is PubMed XML."""
    return head.lstrip("\ufeff \t\r\n").startswith("<") and _START.search(head) is not None


def read(text: str) -> Iterator[Reference | Unreadable]:
    """Yield the records of a file in order. Raises RefusedFile."""
    refuse_declarations(text)
    for element, line, source in elements(text, _RECORDS):
        if isinstance(element, Unreadable):
            yield element
        else:
            yield _draft(element).finish(line=line, source=source)


def _draft(record: Element) -> ReferenceBuilder:
    if record.tag == "PubmedBookArticle":
        return _book(record)
    draft = ReferenceBuilder()
    article = record.find("MedlineCitation/Article")
    if article is None:
        return draft
    draft.title = tidy_title(text_of(article, "ArticleTitle") or text_of(article, "VernacularTitle"))
    draft.authors = _authors(article, "AuthorList")
    if article.find("AuthorList[@CompleteYN='N']") is not None:
        draft.warnings.append("PubMed says that its list of authors is not complete.")
    issue = article.find("Journal/JournalIssue")
    draft.journal = text_of(article, "Journal/Title") or text_of(article, "Journal/ISOAbbreviation")
    draft.volume, draft.issue = text_of(issue, "Volume"), text_of(issue, "Issue")
    draft.dates = [text_of(issue, "PubDate/Year"), text_of(issue, "PubDate/MedlineDate")]
    draft.dates += [
        text_of(article, "ArticleDate/Year"),
        text_of(record, "PubmedData/History/PubMedPubDate/Year"),
    ]
    pages = article.find("Pagination")
    draft.pages = text_of(pages, "MedlinePgn") or join_pages(
        text_of(pages, "StartPage"), text_of(pages, "EndPage")
    )
    draft.pages = draft.pages or article_number(
        text_of(found) for found in article.iterfind("ELocationID[@EIdType='pii']") if _is_valid(found)
    )
    draft.pmids = [text_of(record, "MedlineCitation/PMID")]
    # Only the identifiers of this record: cited references have a similar list.
    ids = [*record.iterfind("PubmedData/ArticleIdList/ArticleId")]
    draft.dois = [
        text_of(found)
        for found in article.iterfind("ELocationID")
        if found.get("EIdType") == "doi" and _is_valid(found)
    ]
    draft.dois += [text_of(found) for found in ids if found.get("IdType") == "doi"]
    draft.pmcids = [text_of(found) for found in ids if found.get("IdType") in {"pmc", "pmcid"}]
    numbers = texts_of(article, "DataBankList/DataBank/AccessionNumberList/AccessionNumber")
    draft.registry_ids = [number for number in numbers if is_registry_id(number)]
    draft.publication_types = texts_of(article, "PublicationTypeList/PublicationType")
    draft.mesh = texts_of(record, "MedlineCitation/MeshHeadingList/MeshHeading/DescriptorName")
    draft.abstract = _abstract(article)
    draft.keywords = texts_of(record, "MedlineCitation/KeywordList/Keyword")
    for comment in record.iterfind("MedlineCitation/CommentsCorrectionsList/CommentsCorrections"):
        if notice := _NOTICES.get(comment.get("RefType", "")):
            number = text_of(comment, "PMID")
            where = text_of(comment, "RefSource") + (f" PMID: {number}" if number else "")
            draft.warnings.append(f"{notice}: {where}")
    return draft


def _book(record: Element) -> ReferenceBuilder:
    draft = ReferenceBuilder()
    document = record.find("BookDocument")
    if document is None:
        return draft
    book = text_of(document, "Book/BookTitle")
    title = text_of(document, "ArticleTitle")
    draft.title = tidy_title(title or book)
    draft.journal = tidy_title(book) if title else text_of(document, "Book/Publisher/PublisherName")
    draft.authors = _authors(document, "AuthorList") or _authors(document, "Book/AuthorList")
    draft.dates = [text_of(document, f"Book/{name}/Year") for name in ("PubDate", "BeginningDate")]
    draft.dates += texts_of(document, "ContributionDate/Year")
    pages = document.find("Pagination")
    draft.pages = text_of(pages, "MedlinePgn") or join_pages(
        text_of(pages, "StartPage"), text_of(pages, "EndPage")
    )
    draft.pmids = [text_of(document, "PMID")]
    ids = [*document.iterfind("ArticleIdList/ArticleId")]
    draft.dois = [text_of(found) for found in ids if found.get("IdType") == "doi"]
    draft.publication_types = texts_of(document, "PublicationType")
    draft.abstract = _abstract(document)
    draft.keywords = texts_of(document, "KeywordList/Keyword")
    return draft


def _authors(parent: Element, path: str) -> list[str]:
    names = []
    for author in filter(_is_valid, parent.iterfind(f"{path}/Author")):
        given = text_of(author, "ForeName") or text_of(author, "Initials")
        name = join_name(text_of(author, "LastName"), given, text_of(author, "Suffix"))
        names.append(name or text_of(author, "CollectiveName"))
    return names


def _is_valid(element: Element) -> bool:
    """Return whether an author or identifier is not one that PubMed keeps although it is wrong."""
    return element.get("ValidYN", "Y").upper() != "N"


def _abstract(article: Element) -> str:
    """Return the abstract, with one paragraph for each labelled section."""
    parts = []
    for part in article.iterfind("Abstract/AbstractText"):
        label = part.get("Label", "")
        text = text_of(part)
        parts.append(f"{label}: {text}" if label and label != "UNLABELLED" else text)
    return "\n".join(filter(None, parts))
