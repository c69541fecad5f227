"""The names of columns in tables of references, as databases, reference managers and review tools write them.

Names are compared by their letters and digits: “Author(s)”, “Author/s” and “authors” are one. They are those of Scopus,
Web of Science, Embase, PubMed, Lens, Dimensions, OpenAlex, Cochrane, EBSCO, IEEE Xplore, SpringerLink, Zotero, EndNote,
RefWorks, Google Scholar, Covidence, Rayyan and Abstrackr.
"""

import re
from collections.abc import Mapping, Sequence

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": (
        "title",
        "articletitle",
        "documenttitle",
        "itemtitle",
        "titleprimary",
        "primarytitle",
        "displayname",
        "papertitle",
    ),
    "authors": (
        *(
            "authorfullnames",
            "authors",
            "author",
            "authornames",
            "authorlist",
            "authorsprimary",
            "primaryauthors",
        ),
        *("authorshipsauthordisplayname", "authorshipsrawauthorname", "creators", "creator", "contributors"),
    ),
    "date": (
        *(
            "publicationyear",
            "publishedyear",
            "pubyear",
            "year",
            "yearpublished",
            "yearofpublication",
            "date",
        ),
        *(
            "publicationdate",
            "datepublished",
            "publisheddate",
            "pubdate",
            "publicationdateonline",
            "onlinedate",
        ),
        *("publicationdateprint", "dateofpublication", "earlyaccessdate"),
    ),
    "journal": (
        *(
            "publicationtitle",
            "sourcetitle",
            "journalbook",
            "journal",
            "journaltitle",
            "journalname",
            "containertitle",
        ),
        *(
            "periodicalfull",
            "periodical",
            "publicationname",
            "publication",
            "primarylocationsourcedisplayname",
        ),
        *(
            "hostvenue",
            "hostvenuedisplayname",
            "venue",
            "secondarytitle",
            "titlesecondary",
            "booktitle",
            "anthologytitle",
            "source",
        ),
        *("abbreviatedsourcetitle", "journalabbreviation", "periodicalabbrev", "conferencename"),
    ),
    "volume": ("volume", "vol", "journalvolume", "bibliovolume"),
    "issue": ("issue", "issuenumber", "number", "journalissue", "biblioissue"),
    "pages": ("pages", "page", "pagerange", "pagination", "pagenumbers"),
    "first_page": ("startpage", "pagestart", "firstpage", "beginningpage", "bibliofirstpage", "pagefrom"),
    "last_page": ("endpage", "pageend", "lastpage", "endingpage", "bibliolastpage", "pageto", "otherpages"),
    "article_number": ("artno", "articlenumber", "articleno", "elocationid", "elocator"),
    "doi": ("doi", "itemdoi", "digitalobjectidentifier", "articledoi", "doilink", "idsdoi"),
    "pmid": ("pmid", "pubmedid", "pubmed", "medlinepmid", "pubmednumber", "idspmid"),
    "pmcid": ("pmcid", "pmc", "pubmedcentralid", "idspmcid"),
    "registry_id": (
        *("registrynumber", "registryid", "nctnumber", "trialnumber", "ctgovid", "ictrpid", "callnumber"),
        *("clinicaltrialnumber", "clinicaltrialnumbers", "trialregistrationnumber"),
    ),
    "url": (
        *(
            "url",
            "link",
            "studyurl",
            "externalurl",
            "sourceurl",
            "sourceurls",
            "permalink",
            "plink",
            "articleurl",
        ),
        *("dimensionsurl", "fulltextlink", "pdflink", "links", "embaselink"),
    ),
    "abstract": ("abstract", "abstractnote", "abstracts", "summary"),
    "keywords": (
        "manualtags",
        "authorkeywords",
        "keywords",
        "keyword",
        "indexkeywords",
        "meshterms",
        "subjects",
    ),
    "notes": ("extra", "note", "notes"),
    "citation": ("citation",),
    "kind": ("itemtype", "documenttype", "publicationtype", "type", "doctype", "publicationstatetype"),
}
"""The squeezed names of the columns for each field, the best one first."""

_WEB_OF_SCIENCE = {
    "title": ("ti",),
    "authors": ("af", "au"),
    "date": ("py", "pd", "ea"),
    "journal": ("so", "j9", "ji"),
    "volume": ("vl",),
    "issue": ("is",),
    "first_page": ("bp",),
    "last_page": ("ep",),
    "article_number": ("ar",),
    "doi": ("di",),
    "pmid": ("pm",),
    "abstract": ("ab",),
    "keywords": ("de", "id"),
    "kind": ("dt", "pt"),
}
"""The two-letter names of Web of Science; they count only together."""

_GIVEN_FIRST = frozenset(("author/s", "authorships.author.display_name", "authorships.raw_author_name"))

NOT_NAMED = frozenset(("key", "dateadded", "datemodified", "accessdate"))
"""Columns of other programs about themselves, which nobody misses."""


def squeezed(name: str) -> str:
    """Return the letters and digits of a column's name, in lower case."""
    return re.sub(r"[\W_]+", "", name).casefold()


def is_given_first(name: str) -> bool:
    """Return whether a column of authors is one of Lens or OpenAlex, which write “Given Family”."""
    return name.strip().casefold() in _GIVEN_FIRST


def places_of(names: Sequence[str]) -> dict[str, list[int]]:
    """Return the positions of the columns for each field, the best one first."""
    flat = [squeezed(name) for name in names]
    known: Mapping[str, tuple[str, ...]] = COLUMNS
    if {"ti", "au", "so"} <= set(flat):
        known = _WEB_OF_SCIENCE
    found = {
        field: [flat.index(name) for name in known_as if name in flat] for field, known_as in known.items()
    }
    return {field: places for field, places in found.items() if places}
