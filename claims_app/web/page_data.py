"""What pages say of themselves to programs: canonical address, preview, linked data and signposts.

Sources: schema.org; the Open Graph protocol; FAIR Signposting profile, level 1 (signposting.org/FAIR).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Response, make_response, redirect, request, url_for
from markupsafe import Markup

from claims_app.formats import linked_data
from claims_app.formats.linked import fhir, jsonld, nanopub
from claims_app.formats.linked_data import ClaimData, Data, ReviewData, StudyData
from claims_app.models import Release, Study
from claims_app.rules.overlap import orcid_of
from claims_app.services.pages.page_queries import ClaimPage, StudyPage
from claims_app.services.releases import store
from claims_app.vocabulary import PublicationState, Standing, StudyDesign
from claims_app.web import application
from claims_app.web.listing import Listing
from claims_app.web.record_links import base_url
from claims_app.web.templating import with_query

DESCRIPTION = "Research claims, the studies for and against each of them, and how certain the evidence is."
MOST_CITED = 20
"""How many studies the linked data of a claim names; its files have all of them."""

OF_CLAIMS = {
    "claims.linked_data": jsonld.MEDIA_TYPE,
    "claims.nanopublication": nanopub.MEDIA_TYPE,
    "claims.fhir": fhir.MEDIA_TYPE,
}
"""The files that hold a claim whole, by the endpoints of their views, with their media types."""

OF_STUDIES = {"studies.linked_data": jsonld.MEDIA_TYPE}
"""The same of a study."""

_FILES = ("claims", "studies", "evidence", "limitations", "appraisals")
_REGISTERED = (PublicationState.REGISTERED, PublicationState.COMPLETED_UNPUBLISHED)


@dataclass(frozen=True)
class PageData:
    """What a page says of itself."""

    canonical: str
    """Its one address, with filters in one order and without the position in a list."""

    title: str
    description: str
    kind: str = "website"
    """Its type for previews: website or article."""

    data: Data | None = None
    links: Sequence[str] = field(default=())
    """Its signposts, as values of the header `Link`."""

    alternates: Sequence[tuple[str, str]] = field(default=())
    """The addresses and media types of the same for programs."""

    @property
    def script(self) -> Markup:
        """Its linked data, as the content of a data block, which browsers do not run."""
        return Markup(linked_data.script(self.data) if self.data else "")  # nosec B704 - linked_data escapes <, > and &


def of_home() -> PageData:
    """Return what the front page says: what the database is, and where its files are."""
    files = [(f"{base_url()}{url_for('export.table', name=name, form='csv')}", "text/csv") for name in _FILES]
    data = linked_data.dataset(_site(), DESCRIPTION, application.settings().license, files)
    links = [
        _link(_site(), "cite-as"),
        _link("https://schema.org/Dataset", "type"),
        *(_link(address, "item", media_type) for address, media_type in files),
        *_license(),
    ]
    return PageData(_site(), "Research claims and their evidence", DESCRIPTION, data=data, links=links)


def of_release(release: Release) -> PageData:
    """Return what the page of a release says: what it is, its files, and how it is cited."""
    about = store.about(release)
    files = [*store.files(release), store.archive(release)]
    addresses = [(f"{about.url}/{file.name}", file) for file in files]
    data = linked_data.release(about, addresses, _site())
    links = [
        _link(about.url, "cite-as"),
        _link("https://schema.org/Dataset", "type"),
        # The archive has all files in it; to name each would make the header too long for some proxies.
        _link(addresses[-1][0], "item", addresses[-1][1].media_type),
        _link(f"{about.url}/datapackage.json", "describedby", "application/json"),
        *([_link(release.license, "license")] if release.license else []),
    ]
    description = (
        f"{release.counts['claims']:,} research claims as of {about.day.isoformat()}, with their evidence."
    )
    return PageData(about.url, f"{about.title}, {about.version}", description, "article", data, links)


def of_list(shown: Listing[Any], title: str) -> PageData:
    """Return what a page of a list says; all its pages and orders have one canonical address."""
    names = list(dict.fromkeys(name for name, _ in shown.pairs))
    pairs = sorted(set(shown.pairs), key=lambda pair: (names.index(pair[0]), pair[1]))
    return PageData(f"{base_url()}{request.path}{with_query(pairs)}", title, DESCRIPTION)


def of_claim(page: ClaimPage) -> PageData:
    """Return what the page of a claim says."""
    claim, view = page.claim, page.level.view
    url = _address("claims.show", claim.public_id)
    review = None
    if view is not None:
        review = ReviewData(
            verdict=str(claim.verdict),
            sentence=str(page.level.sentence),
            appraised_on=view.appraisal.appraised_at.date(),
            is_stale=claim.stale_since is not None,
        )
    studies = {item.study.id: item.study for item in page.items if item.counts}
    data = linked_data.claim(
        ClaimData(
            url=url,
            public_id=claim.public_id,
            statement=claim.statement,
            version=claim.version,
            created_at=claim.created_at,
            updated_at=claim.updated_at,
            topics=[topic.name for topic in claim.topics],
            origin=_study_data(claim.origin_study) if claim.origin_study else None,
            review=review,
            studies=[_study_data(study) for study in list(studies.values())[:MOST_CITED]],
        ),
        _site(),
    )
    alternates = [
        (_address(endpoint, claim.public_id), media_type) for endpoint, media_type in OF_CLAIMS.items()
    ]
    links = [
        _link(url, "cite-as"),
        _link("https://schema.org/AboutPage", "type"),
        _link("https://schema.org/Claim", "type"),
        *(_link(address, "alternate", media_type) for address, media_type in alternates),
        _link(_address("claims.linked_data", claim.public_id), "describedby", "application/ld+json"),
        _link(
            _address("claims.cite_csl", claim.public_id),
            "describedby",
            "application/vnd.citationstyles.csl+json",
        ),
        _link(
            f"{base_url()}{url_for('export.table', name='evidence', form='csv', claim=claim.public_id)}",
            "item",
            "text/csv",
        ),
        _link(_site(), "author"),
        _link(_site(), "collection"),
        *_license(),
    ]
    description = f"{claim.verdict}. {page.level.sentence}"
    return PageData(url, claim.statement, description, "article", data, links, alternates)


def of_study(page: StudyPage) -> PageData:
    """Return what the page of a study says."""
    study = page.study
    url = _address("studies.show", study.public_id)
    orcids = [orcid for author in study.author_list if (orcid := orcid_of(author))]
    of = _study_data(study)
    links = [
        _link(f"https://doi.org/{study.doi}" if study.doi else url, "cite-as"),
        _link("https://schema.org/AboutPage", "type"),
        _link(f"https://schema.org/{of.kind}", "type"),
        _link(_address("studies.linked_data", study.public_id), "describedby", "application/ld+json"),
        *(_link(f"https://orcid.org/{orcid}", "author") for orcid in orcids),
        _link(_site(), "collection"),
        *_license(),
    ]
    found = f"{study.citation}: evidence for {page.evidence.total} claims." if page.evidence.total else ""
    return PageData(url, study.title, found or study.citation, "article", linked_data.study(of), links)


def file_asked_for(files: Mapping[str, str], identifier: str) -> Response | None:
    """Return the way to the file of a record that the request prefers to the page, or None.

    `files` are the media types of the files by the endpoints of their views. Caches ask again each time (see
    `reader_pages`), so the page itself does not vary.
    """
    kinds = {media_type: endpoint for endpoint, media_type in files.items()}
    chosen = request.accept_mimetypes.best_match(["text/html", *kinds], "text/html")
    if chosen not in kinds:
        return None
    response = cast(Response, redirect(url_for(kinds[chosen], identifier=identifier), 303))
    response.headers["Vary"] = "Accept"
    return response


def with_links(page: str, about: PageData) -> Response:
    """Return a rendered page with its signposts."""
    response: Response = make_response(page)
    if about.links:
        response.headers["Link"] = ", ".join(about.links)
    return response


def data_response(about: PageData) -> Response:
    """Return the linked data of a page as a file."""
    return Response(f"{about.script}\n", content_type="application/ld+json; charset=utf-8")


def _study_data(study: Study) -> StudyData:
    kind = "ScholarlyArticle"
    if study.design is StudyDesign.NEWS_REPORT:
        kind = "NewsArticle"
    elif study.publication_state in _REGISTERED:
        kind = "MedicalStudy"
    return StudyData(
        url=_address("studies.show", study.public_id),
        kind=kind,
        title=study.title,
        authors=study.author_list,
        year=study.year,
        journal=study.journal,
        doi=study.doi,
        pmid=study.pmid,
        standing=study.standing.label if study.standing is not Standing.CURRENT else None,
    )


def _site() -> str:
    return f"{base_url()}/"


def _address(endpoint: str, identifier: str) -> str:
    """Return the present address of a record, also on a page of the past."""
    return f"{base_url()}{url_for(endpoint, identifier=identifier).partition('?')[0]}"


def _license() -> list[str]:
    licence = application.settings().license
    return [_link(licence, "license")] if licence else []


def _link(address: str, relation: str, media_type: str | None = None) -> str:
    kind = f'; type="{media_type}"' if media_type else ""
    return f'<{_quoted(address)}>; rel="{relation}"{kind}'


def _quoted(address: str) -> str:
    """Return an address as a header can hold it: a DOI may have any character."""
    return "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in ' <>"' else _percent(sign)
        for sign in address
    )


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode())
