"""A study as a Citation of HL7 FHIR R5."""

from claims_app.formats.linked.fhir_values import Resource, codeable, coding, filled, identifier, own_coding
from claims_app.formats.linked.nodes import study_address
from claims_app.formats.linked.terms import address
from claims_app.formats.linked.whole import WholeStudy
from claims_app.rules.overlap import without_orcid
from claims_app.vocabulary import Standing
from claims_app.vocabulary.standards import PUBLICATION_FORMS, STUDY_STANDING

_IDENTIFIERS = {
    "doi": "https://doi.org",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov",
}


def citation_resource(site: str, study: WholeStudy) -> Resource:
    """Return a study with its standing. `site` is the address of the site without a final slash."""
    return filled(
        {
            "resourceType": "Citation",
            "id": study.public_id,
            "url": study_address(site, study),
            "identifier": [identifier(site, study.public_id)],
            "version": str(study.version),
            "title": study.citation,
            "status": "active",
            "note": [{"text": f"{study.standing.label}. {study.standing.definition}"}]
            if study.standing is not Standing.CURRENT
            else [],
            "citedArtifact": _artifact(site, study),
        }
    )


def _artifact(site: str, study: WholeStudy) -> Resource:
    form = PUBLICATION_FORMS[study.publication_state]
    return filled(
        {
            "identifier": [
                {"system": system, "value": value}
                for name, system in _IDENTIFIERS.items()
                if (value := getattr(study, name))
            ]
            + ([{"value": study.registry_id}] if study.registry_id else []),
            "currentState": [_standing(site, study)],
            "statusDate": [
                {"activity": _standing(site, study), "period": {"start": study.standing_date.isoformat()}}
            ]
            if study.standing_date
            else [],
            "title": [{"text": study.title}],
            "relatesTo": _notice(study),
            "publicationForm": [_form(study)] if _form(study) else [],
            "webLocation": [{"url": address(study.url)}] if study.url else [],
            "classification": [
                {
                    "classifier": [
                        codeable(
                            [*([coding(form)] if form else []), own_coding(site, study.publication_state)],
                            study.publication_state.label,
                        )
                    ]
                }
            ],
            "contributorship": {"summary": [{"value": "; ".join(map(without_orcid, study.authors))}]}
            if study.authors
            else None,
        }
    )


def _standing(site: str, study: WholeStudy) -> Resource:
    code = STUDY_STANDING[study.standing]
    return codeable(
        [*([coding(code)] if code else []), own_coding(site, study.standing)], study.standing.label
    )


def _notice(study: WholeStudy) -> list[Resource]:
    if not study.standing_notice_doi:
        return []
    kind = "comment-in" if study.standing.counts else "retracted-by"
    return [{"type": kind, "citation": f"https://doi.org/{study.standing_notice_doi}"}]


def _form(study: WholeStudy) -> Resource:
    return filled(
        {
            "publishedIn": {"title": study.journal} if study.journal else None,
            "volume": study.volume,
            "issue": study.issue,
            "publicationDateText": str(study.year) if study.year else None,
            "pageString": study.pages,
        }
    )
