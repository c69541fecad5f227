"""Looking up what somebody pasted, and searching: which service is asked for what, and how answers are put together.

No transaction is open while a service is waited for: these functions take no session.
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
"""Seconds that looking up one text may take; what comes after is left for later."""
MOST = 50


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """The services, and the client that asks them."""

    client: Client
    dois: Service
    pubmed: Service
    europe_pmc: Service
    trials: Service


@dataclass(frozen=True)
class LookedUp:
    """An identifier, and what is known of it now: a reference, or why there is none."""

    identifier: Pasted
    reference: Reference | None = None
    problem: str | None = None

    @property
    def known(self) -> Reference:
        """The reference, or one that has nothing but the identifier."""
        return self.reference or Reference(values={self.identifier.kind: self.identifier.value})


@dataclass(frozen=True)
class Answers:
    """What became of a pasted text: an answer for each identifier, and lines in which there was none."""

    found: list[LookedUp] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)


def make_lookup(
    contact: str | None, cache: Path | None, addresses: Mapping[str, str], client: Client | None = None
) -> Lookup:
    """Return what looks things up with the contact address of the settings; `addresses` are those of the services."""
    return Lookup(
        client=client or Client(contact, cache),
        dois=Service("doi.org", addresses["doi"], per_second=10.0),
        pubmed=Service("PubMed", addresses["pubmed"], per_second=3.0),
        europe_pmc=Service("Europe PMC", addresses["europe_pmc"], per_second=10.0),
        trials=Service("ClinicalTrials.gov", addresses["trials"], per_second=3.0),
    )


def look_up(lookup: Lookup, text: str, clock: Callable[[], float] = time.monotonic) -> Answers:
    """Return what the services say of each identifier in `text`, within the budget of time."""
    identifiers, strange = find_identifiers(text)
    until = clock() + BUDGET
    found = []
    for number, identifier in enumerate(identifiers):
        if number >= MOST or clock() > until:
            found.append(LookedUp(identifier, problem="It was not asked for, since the others took so long."))
            continue
        try:
            found.append(LookedUp(identifier, _ask(lookup, identifier)))
        except LookupFailed as error:
            found.append(LookedUp(identifier, problem=str(error)))
    return Answers(found, strange)


def search(
    lookup: Lookup, service: str, query: str, since: datetime.date | None
) -> Iterator[list[Reference]]:
    """Yield what `service`, pubmed or europe_pmc, has for `query` since a day, by pages. Raises LookupFailed."""
    if service == "pubmed":
        return pubmed.search(lookup.client, lookup.pubmed, query, since)
    return europe_pmc.search(lookup.client, lookup.europe_pmc, query, since)


def _ask(lookup: Lookup, identifier: Pasted) -> Reference:
    client, value = lookup.client, identifier.value
    match identifier.kind:
        case "pmid":
            return _named(pubmed.by_pmid(client, lookup.pubmed, value), identifier)
        case "pmcid":
            return _named(europe_pmc.by_identifier(client, lookup.europe_pmc, "pmcid", value), identifier)
        case "registry_id":
            return _named(_registered(lookup, value), identifier)
    return _by_doi(lookup, identifier)


def _registered(lookup: Lookup, number: str) -> Reference:
    if number.startswith("NCT"):
        return trials.by_number(lookup.client, lookup.trials, number)
    if number.startswith("ISRCTN"):
        found = doi.by_doi(lookup.client, lookup.dois, f"10.1186/{number}")
        return replace(found, values={**found.values, "publication_state": "registered"})
    raise NotThere("Numbers of this register cannot be looked up here; type what it says.")


def _by_doi(lookup: Lookup, identifier: Pasted) -> Reference:
    """Return what the agency of a DOI and Europe PMC say together: one has the record, the other one the abstract."""
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
        return _named(found or more or Reference(values={}), identifier)
    return _named(
        replace(
            found,
            values={**more.values, **found.values},
            abstract=found.abstract or more.abstract,
            warnings=(*found.warnings, *more.warnings),
        ),
        identifier,
    )


def _named(reference: Reference, identifier: Pasted) -> Reference:
    """Return the reference with the identifier that was asked for: a service may have left it out."""
    return replace(reference, values={**reference.values, identifier.kind: identifier.value})
