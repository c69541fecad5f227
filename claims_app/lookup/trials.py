"""ClinicalTrials.gov: the record of a trial by its number.

Source: ClinicalTrials.gov, “API”, version 2: /studies/{nctId}.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from claims_app.lookup.errors import Unexpected
from claims_app.lookup.service import Service
from claims_app.rules.reference import Reference

if TYPE_CHECKING:
    from claims_app.lookup.http import Client

_DONE = {"COMPLETED", "TERMINATED"}
_ALLOCATION = {"RANDOMIZED": "randomised_trial", "NON_RANDOMIZED": "non_randomised_trial"}


def by_number(client: "Client", service: Service, number: str) -> Reference:
    """Return the record of the trial `number`, such as NCT05643794. Raises LookupFailed."""
    record = client.get(service, f"/studies/{number}", accept="application/json").json()
    protocol = _inside(record, "protocolSection")
    identity = _inside(protocol, "identificationModule")
    title = identity.get("officialTitle") or identity.get("briefTitle")
    if not isinstance(title, str):
        raise Unexpected("The response of ClinicalTrials.gov cannot be read.")
    status = _inside(protocol, "statusModule")
    done = status.get("overallStatus") in _DONE and not (
        isinstance(record, dict) and record.get("hasResults")
    )
    values: dict[str, object] = {
        "title": title,
        "registry_id": number,
        "journal": "ClinicalTrials.gov",
        "url": f"https://clinicaltrials.gov/study/{number}",
        "publication_state": "completed_unpublished" if done else "registered",
    }
    year = str(_inside(status, "startDateStruct").get("date", ""))[:4]
    if year.isdigit():
        values["year"] = year
    sponsor = _inside(_inside(protocol, "sponsorCollaboratorsModule"), "leadSponsor").get("name")
    if isinstance(sponsor, str):
        values["authors"] = [sponsor]
    info = _inside(_inside(protocol, "designModule"), "designInfo")
    if design := _ALLOCATION.get(str(info.get("allocation"))):
        values["design"] = design
    summary = _inside(protocol, "descriptionModule").get("briefSummary")
    return Reference(values=values, abstract=summary if isinstance(summary, str) else "")


def _inside(record: object, name: str) -> Mapping[str, Any]:
    inner = record.get(name) if isinstance(record, dict) else None
    return inner if isinstance(inner, dict) else {}
