"""Records as linked data in the words of schema.org, for search engines and other programs that read pages.

Source: schema.org 29: Claim, ClaimReview, ScholarlyArticle, NewsArticle, MedicalStudy and Dataset.
"""

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from claims_app.formats.release.about import DESCRIPTION, About, Creator
from claims_app.formats.release.datapackage import File
from claims_app.rules.names import parts_of
from claims_app.rules.overlap import orcid_of, without_orcid

Data = dict[str, object]

_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
_NAME = "Claims"


@dataclass(frozen=True)
class StudyData:
    """What is known of a study, and the address of its page."""

    url: str
    kind: str
    """The type in schema.org, such as ScholarlyArticle."""

    title: str
    authors: Sequence[str]
    year: int | None
    journal: str | None
    doi: str | None
    pmid: str | None
    standing: str | None
    """What is to be known of its standing, such as “Retracted”; None for a current study."""


@dataclass(frozen=True)
class ReviewData:
    """An appraisal: what the evidence says of a claim and how certain that is, in one phrase."""

    verdict: str
    sentence: str
    appraised_on: datetime.date
    is_stale: bool


@dataclass(frozen=True)
class ClaimData:
    """What is known of a claim, and the address of its page."""

    url: str
    public_id: str
    statement: str
    version: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    topics: Sequence[str]
    origin: StudyData | None
    review: ReviewData | None
    studies: Sequence[StudyData]


def claim(of: ClaimData, site: str) -> Data:
    """Return a claim with its source, its evidence and its appraisal. `site` is the address of the front page."""
    data: Data = {
        "@type": "Claim",
        "@id": of.url,
        "url": of.url,
        "identifier": of.public_id,
        "name": of.statement,
        "text": of.statement,
        "version": of.version,
        "dateCreated": of.created_at.isoformat(),
        "dateModified": of.updated_at.isoformat(),
        "about": [{"@type": "Thing", "name": topic} for topic in of.topics],
        "firstAppearance": _study(of.origin) if of.origin else None,
        "citation": [_cited(one) for one in of.studies],
        "isPartOf": {"@id": f"{site}#dataset"},
    }
    return _graph([data, *([_review(of, of.review, site)] if of.review else [])])


def study(of: StudyData) -> Data:
    """Return a study."""
    return _graph([_study(of)])


def dataset(site: str, description: str, licence: str | None, files: Iterable[tuple[str, str]]) -> Data:
    """Return the whole database; `files` are the addresses and media types of its files."""
    return _graph(
        [
            {
                "@type": "Dataset",
                "@id": f"{site}#dataset",
                "url": site,
                "name": _NAME,
                "description": description,
                "license": licence,
                "isAccessibleForFree": True,
                "creator": _publisher(site),
                "distribution": [
                    {"@type": "DataDownload", "contentUrl": url, "encodingFormat": media_type}
                    for url, media_type in files
                ],
            }
        ]
    )


def release(of: About, files: Iterable[tuple[str, File]], site: str) -> Data:
    """Return a release of the whole database; `files` have their addresses."""
    return _graph(
        [
            {
                "@type": "Dataset",
                "@id": of.url,
                "url": of.url,
                "name": of.title,
                "description": DESCRIPTION,
                "version": of.version,
                "datePublished": of.day.isoformat(),
                "license": of.license,
                "isAccessibleForFree": True,
                "isBasedOn": {"@id": f"{site}#dataset"},
                "publisher": _publisher(site),
                "creator": [_creator(one) for one in of.people],
                "distribution": [
                    {
                        "@type": "DataDownload",
                        "name": file.name,
                        "contentUrl": address,
                        "encodingFormat": file.media_type,
                        "contentSize": f"{file.bytes} B",
                        "sha256": file.sha256,
                    }
                    for address, file in files
                ],
            }
        ]
    )


def script(data: Data) -> str:
    """Return `data` as text that is safe within the element `script`: it cannot end it, nor begin a comment."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)


def _graph(entries: Sequence[Data]) -> Data:
    return {"@context": "https://schema.org", "@graph": [_filled(entry) for entry in entries]}


def _filled(entry: Data) -> Data:
    return {name: value for name, value in entry.items() if value not in (None, "", [])}


def _review(of: ClaimData, review: ReviewData, site: str) -> Data:
    return {
        "@type": "ClaimReview",
        "@id": f"{of.url}#why",
        "url": of.url,
        "claimReviewed": of.statement,
        "itemReviewed": {"@id": of.url},
        "author": _publisher(site),
        "datePublished": review.appraised_on.isoformat(),
        "reviewBody": review.sentence,
        # A number would say how true the claim is. The level says how certain the conclusion is.
        "reviewRating": {"@type": "Rating", "alternateName": review.verdict},
        "creativeWorkStatus": "The evidence has changed since this appraisal." if review.is_stale else None,
    }


def _publisher(site: str) -> Data:
    return {"@type": "Organization", "name": _NAME, "url": site}


def _cited(of: StudyData) -> Data:
    """Return what names a study; its own page says the rest."""
    return _filled({"@type": of.kind, "@id": of.url, "name": of.title, "sameAs": _elsewhere(of)})


def _elsewhere(of: StudyData) -> list[str]:
    doi = [f"https://doi.org/{of.doi}"] if of.doi else []
    return [*doi, *([f"https://pubmed.ncbi.nlm.nih.gov/{of.pmid}/"] if of.pmid else [])]


def _study(of: StudyData) -> Data:
    article = of.kind.endswith("Article")
    return _filled(
        {
            "@type": of.kind,
            "@id": of.url,
            "url": of.url,
            "name": of.title,
            "headline": of.title if article else None,
            "author": [_person(author) for author in of.authors],
            "datePublished": str(of.year) if of.year and article else None,
            "isPartOf": {"@type": "Periodical", "name": of.journal} if of.journal and article else None,
            "identifier": of.doi,
            "sameAs": _elsewhere(of),
            "creativeWorkStatus": of.standing if article else None,
        }
    )


def _creator(creator: Creator) -> Data:
    return _filled(
        {
            "@type": "Person" if creator.family else "Organization",
            "name": " ".join(filter(None, (creator.given, creator.family)))
            if creator.family
            else creator.name,
            "familyName": creator.family,
            "givenName": creator.given,
            "@id": f"https://orcid.org/{creator.orcid}" if creator.orcid else None,
        }
    )


def _person(author: str) -> Data:
    name = without_orcid(author)
    orcid = orcid_of(author)
    person = parts_of(name)
    if person is None:
        return {"@type": "Organization", "name": name}
    return _filled(
        {
            "@type": "Person",
            "name": " ".join(part for part in (person.given, person.family) if part),
            "familyName": person.family,
            "givenName": person.given,
            "@id": f"https://orcid.org/{orcid}" if orcid else None,
        }
    )
