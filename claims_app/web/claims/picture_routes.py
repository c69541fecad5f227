"""The charts of a claim as files: SVG and PNG, of the same evidence as the page with the same filters."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from claims_app.models import Claim
from claims_app.services.appraisal.levels import levels_over_time
from claims_app.services.core import records
from claims_app.services.core.errors import BadFilter, NotFound
from claims_app.services.pages.claim_evidence import (
    EvidenceRequest,
    body_of_rows,
    evidence_rows,
    table_of,
)
from claims_app.vocabulary import EffectMeasure
from claims_app.web import chart_data, listing, time_travel
from claims_app.web.charts.files import Origin, balance_picture, forest_picture, level_picture
from claims_app.web.charts.picture import Picture
from claims_app.web.picture_files import picture_file
from claims_app.web.record_links import base_url
from claims_app.web.session import reading
from claims_app.web.templating import day
from claims_app.web.time_travel import answers_as_of


def register(bp: Blueprint) -> None:
    """Add these files to the blueprint of the claims."""
    for name, view in (("forest", forest), ("balance", balance), ("level", level)):
        bp.add_url_rule(f"/<identifier>/{name}.<any(svg, png):extension>", name, view)


@answers_as_of
def forest(identifier: str, extension: str) -> ResponseReturnValue:
    """Send the forest plot of one measure of effect, of the first one that can be compared by default."""
    claim = records.find(reading(), Claim, identifier)
    table = table_of(evidence_rows(reading(), claim.id), EvidenceRequest.read(listing.query()))
    asked = request.args.get("measure")
    if asked is not None and asked not in list(EffectMeasure):
        raise BadFilter(f"“{asked}” is not a measure. Choose from: {', '.join(EffectMeasure)}.")
    plots = [chart_data.forest_of(table, EffectMeasure.of(asked))] if asked else chart_data.forests_of(table)
    if not plots or plots[0] is None:
        raise NotFound(f"{claim.public_id} has no two estimates that can be compared.")
    return _file(claim, forest_picture(plots[0], _origin(claim)), "forest", extension)


@answers_as_of
def balance(identifier: str, extension: str) -> ResponseReturnValue:
    """Send the balance of the evidence by independent group."""
    claim = records.find(reading(), Claim, identifier)
    counted = body_of_rows(claim.kind, evidence_rows(reading(), claim.id)).balance
    return _file(claim, balance_picture(counted, _origin(claim)), "balance", extension)


@answers_as_of
def level(identifier: str, extension: str) -> ResponseReturnValue:
    """Send the evidence level over time."""
    claim = records.find(reading(), Claim, identifier)
    timeline = chart_data.timeline_of(claim, levels_over_time(reading(), claim))
    if timeline is None:
        raise NotFound(f"{claim.public_id} has not been appraised.")
    return _file(claim, level_picture(timeline, _origin(claim)), "level", extension)


def _origin(claim: Claim) -> Origin:
    when = day(time_travel.shown_at()) if time_travel.asked() else day(claim.updated_at)
    return Origin(
        f"{claim.public_id}: {claim.statement}",
        f"{base_url()}/claims/{claim.public_id}, version {claim.version} of {when}",
    )


def _file(claim: Claim, picture: Picture, name: str, extension: str) -> ResponseReturnValue:
    return picture_file(picture, f"{claim.public_id}-{name}", extension)
