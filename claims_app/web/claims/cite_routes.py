"""How to cite a claim: a page, and a file for each reference manager, all with the address of the state cited."""

from collections.abc import Callable

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from claims_app.formats import claim_citation
from claims_app.formats.claim_citation import CitedClaim
from claims_app.models import Claim
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.services.core import records
from claims_app.services.history import as_of
from claims_app.services.pages.citing import last_changed
from claims_app.web import time_travel
from claims_app.web.file_errors import sends_file
from claims_app.web.record_links import base_url
from claims_app.web.session import reading
from claims_app.web.time_travel import answers_as_of


def register(bp: Blueprint) -> None:
    """Add these pages to the blueprint of the claims."""
    bp.add_url_rule("/<identifier>/cite", "cite", cite)
    bp.add_url_rule("/<identifier>/cite.bib", "cite_bibtex", cite_bibtex)
    bp.add_url_rule("/<identifier>/cite.csl.json", "cite_csl", cite_csl)


@answers_as_of
def cite(identifier: str) -> ResponseReturnValue:
    """Show how to cite a claim."""
    claim = records.find(reading(), Claim, identifier)
    cited, is_permanent = _cited(claim)
    return render_template(
        "claims/cite.html",
        claim=claim,
        cited=cited,
        is_permanent=is_permanent,
        apa=claim_citation.apa(cited),
        bibtex=claim_citation.bibtex(cited),
        csl=claim_citation.csl_json(cited),
    )


@answers_as_of
@sends_file
def cite_bibtex(identifier: str) -> ResponseReturnValue:
    """Send the citation of a claim as BibTeX."""
    return _file(identifier, claim_citation.bibtex, "application/x-bibtex", "bib")


@answers_as_of
@sends_file
def cite_csl(identifier: str) -> ResponseReturnValue:
    """Send the citation of a claim as CSL-JSON."""
    return _file(identifier, claim_citation.csl_json, "application/vnd.citationstyles.csl+json", "csl.json")


def _file(
    identifier: str, write: Callable[[CitedClaim], str], media_type: str, extension: str
) -> ResponseReturnValue:
    cited, _ = _cited(records.find(reading(), Claim, identifier))
    response = Response(write(cited), content_type=f"{media_type}; charset=utf-8")
    name = f"{cited.public_id}-v{cited.version}.{extension}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _in_one_phrase(verdict: Verdict) -> str:
    return "not appraised" if verdict.conclusion is None else f"{verdict.words}, {verdict.certainty}"


def _cited(claim: Claim) -> tuple[CitedClaim, bool]:
    """Return what a citation says, and whether its address always shows this state.

    A state that is younger than a minute has no address of its own yet (see `services.history.as_of`).
    """
    changed = last_changed(reading(), claim)
    moment = time_travel.address_then(changed)
    # In a page of the past, links lead to its moment unless they name another one.
    page = url_for("claims.show", identifier=claim.public_id, as_of=as_of.address_of_moment(changed))
    if moment is None:
        page = page.partition("?")[0]
    cited = CitedClaim(
        public_id=claim.public_id,
        statement=claim.statement,
        version=claim.version,
        verdict=_in_one_phrase(claim.verdict),
        changed_on=changed.date(),
        url=f"{base_url()}{page}",
    )
    return cited, moment is not None
