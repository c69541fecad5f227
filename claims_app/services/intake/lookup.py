"""Looks up pasted identifiers and runs searches: chooses the service for each, and combines their answers.

These functions take no session: no transaction must be open while waiting for a service.
"""

import datetime
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from claims_app.lookup import doi, europe_pmc, pubmed, trials
from claims_app.lookup.errors import LookupFailed, NotThere
from claims_app.lookup.http import Client, Service
from claims_app.rules.identifier_parsing import Pasted, find_identifiers
from claims_app.rules.reference import Reference

BUDGET = 60.0
"""Seconds for looking up one text. Identifiers that are left after that are not looked up."""
MOST = 50


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """The services and the HTTP client for them."""

    client: Client
    dois: Service
    pubmed: Service
    europe_pmc: Service
    trials: Service


@dataclass(frozen=True)
class LookedUp:
    """An identifier and the result of looking it up: a reference, or the reason why there is none."""

    identifier: Pasted
    reference: Reference | None = None
    problem: str | None = None

    @property
    def known(self) -> Reference:
        """The reference, or one with only the identifier."""
        return self.reference or Reference(values={self.identifier.kind: self.identifier.value})


@dataclass(frozen=True)
class Answers:
    """The results for a pasted text: one for each identifier, and the lines without an identifier (`strange`)."""

    found: list[LookedUp] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)


def make_lookup(
    contact: str | None, cache: Path | None, addresses: Mapping[str, str], client: Client | None = None
) -> Lookup:
    """Return a Lookup.

    `contact` is the e-mail address sent to the services, `cache` a folder for their answers, `addresses` the base URL
    of each service, and `client` replaces the default HTTP client.
    """
    return Lookup(
        client=client or Client(contact, cache),
        dois=Service("doi.org", addresses["doi"], per_second=10.0),
        pubmed=Service("PubMed", addresses["pubmed"], per_second=3.0),
        europe_pmc=Service("Europe PMC", addresses["europe_pmc"], per_second=10.0),
        trials=Service("ClinicalTrials.gov", addresses["trials"], per_second=3.0),
    )


def look_up(lookup: Lookup, text: str, clock: Callable[[], float] = time.monotonic) -> Answers:
    """Return what the services know about each identifier in `text`, within BUDGET seconds."""
    identifiers, strange = find_identifiers(text)
    until = clock() + BUDGET
    found = []
    for number, identifier in enumerate(identifiers):
        if number >= MOST or clock() > until:
            found.append(
                LookedUp(identifier, problem="Not looked up, because the other lookups took too long.")
            )
            continue
        try:
            found.append(LookedUp(identifier, _ask(lookup, identifier)))
        except LookupFailed as error:
            found.append(LookedUp(identifier, problem=str(error)))
    return Answers(found, strange)


def search(
    lookup: Lookup, service: str, query: str, since: datetime.date | None
) -> Iterator[list[Reference]]:
    """Yield the results of `query` in `service` (pubmed or europe_pmc), page by page. Raises LookupFailed.

    With `since`, only those added to the service on or after that day.
    """
    if service == "pubmed":
        return pubmed.search(lookup.client, lookup.pubmed, query, since)
    return europe_pmc.search(lookup.client, lookup.europe_pmc, query, since)


def _ask(lookup: Lookup, identifier: Pasted) -> Reference:
    """Return the reference for an identifier from the service that knows its kind. Raises LookupFailed."""
    client, value = lookup.client, identifier.value
    match identifier.kind:
        case "pmid":
            return _with_identifier(pubmed.by_pmid(client, lookup.pubmed, value), identifier)
        case "pmcid":
            return _with_identifier(
                europe_pmc.by_identifier(client, lookup.europe_pmc, "pmcid", value), identifier
            )
        case "registry_id":
            return _with_identifier(_registered(lookup, value), identifier)
    return _by_doi(lookup, identifier)


def _registered(lookup: Lookup, number: str) -> Reference:
    """Return the trial with this registry number. Raises LookupFailed, also for other registers."""
    if number.startswith("NCT"):
        return trials.by_number(lookup.client, lookup.trials, number)
    if number.startswith("ISRCTN"):
        found = doi.by_doi(lookup.client, lookup.dois, f"10.1186/{number}")
        return replace(found, values={**found.values, "publication_state": "registered"})
    raise NotThere("Numbers of this trial register cannot be looked up. Enter the details by hand.")


def _by_doi(lookup: Lookup, identifier: Pasted) -> Reference:
    """Return the record of the DOI agency, completed with the abstract and other values from Europe PMC.

    One of the two is enough. Raises LookupFailed if neither knows the DOI.
    """
    problem: LookupFailed | None = None
    found: Reference | None = None
    try:
        found = doi.by_doi(lookup.client, lookup.dois, identifier.value)
    except LookupFailed as error:
        problem = error
    try:
        more = europe_pmc.by_identifier(lookup.client, lookup.europe_pmc, "doi", identifier.value)
    except LookupFailed:
        more = None
    if found is None and more is None:
        assert problem is not None
        raise problem
    if found is None or more is None:
        return _with_identifier(found or more or Reference(values={}), identifier)
    return _with_identifier(
        replace(
            found,
            values={**more.values, **found.values},
            abstract=found.abstract or more.abstract,
            warnings=(*found.warnings, *more.warnings),
        ),
        identifier,
    )


def _with_identifier(reference: Reference, identifier: Pasted) -> Reference:
    """Return the reference with the requested identifier, which a service may have left out."""
    return replace(reference, values={**reference.values, identifier.kind: identifier.value})
