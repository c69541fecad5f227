"""Looks up pasted identifiers and runs searches: chooses the service for each, and combines their answers.

These functions take no session: no transaction must be open while waiting for a service.
"""

import datetime
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from claims_app.lookup import doi, europe_pmc, pubmed, trials
from claims_app.lookup.errors import LookupFailed
from claims_app.lookup.service import Service
from claims_app.rules.identifier_parsing import Pasted, find_identifiers
from claims_app.rules.identifiers import impossible
from claims_app.rules.reference import Reference
from claims_app.services.intake.asking import Asking, Question

if TYPE_CHECKING:
    from claims_app.lookup.http import Client

PATIENCE = 5.0
"""Seconds that a person waits; what has not been answered by then is shown as such."""
LONG_PATIENCE = 60.0
"""Seconds that a command waits."""
MOST = 50


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """The services and the HTTP client for them."""

    client: "Client"
    dois: Service
    pubmed: Service
    europe_pmc: Service
    trials: Service
    asking: Asking = field(default_factory=Asking)


@dataclass(frozen=True)
class LookedUp:
    """An identifier and the result of looking it up: a reference, or the reason why there is none."""

    identifier: Pasted
    reference: Reference | None = None
    problem: str | None = None
    waiting_for: tuple[str, ...] = ()
    """The services that have not answered yet."""

    @property
    def unanswered(self) -> str | None:
        """A sentence about the services that have not answered yet, if any."""
        if not self.waiting_for:
            return None
        verb = "has" if len(self.waiting_for) == 1 else "have"
        return f"{' and '.join(self.waiting_for)} {verb} not answered yet."

    @property
    def known(self) -> Reference:
        """The reference, or one with only the identifier."""
        return self.reference or Reference(values={self.identifier.kind: self.identifier.value})


@dataclass(frozen=True)
class _Asked:
    """A question to one service."""

    service: str
    key: tuple[str, str, str]
    question: Question


@dataclass(frozen=True)
class Answers:
    """The results for a pasted text: one for each identifier, and the lines without an identifier (`strange`)."""

    found: list[LookedUp] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)


def make_lookup(
    contact: str | None, cache: Path | None, addresses: Mapping[str, str], client: "Client | None" = None
) -> Lookup:
    """Return a Lookup.

    `contact` is the e-mail address sent to the services, `cache` a folder for their answers, `addresses` the base URL
    of each service, and `client` replaces the default HTTP client.
    """
    from claims_app.lookup.http import Client  # with its packages 10 MB, which the pages do without

    return Lookup(
        client=client or Client(contact, cache),
        dois=Service("doi.org", addresses["doi"], per_second=10.0),
        pubmed=Service("PubMed", addresses["pubmed"], per_second=3.0),
        europe_pmc=Service("Europe PMC", addresses["europe_pmc"], per_second=10.0),
        trials=Service("ClinicalTrials.gov", addresses["trials"], per_second=3.0),
    )


def look_up(lookup: Lookup, text: str, patience: float | None = None) -> Answers:
    """Return what the services answer within `patience` seconds (PATIENCE) about each identifier in `text`.

    Identifiers that no service can know are not asked about. The services are asked side by side, and go on being
    asked after that time: the same text, looked up again, gets their answers.
    """
    identifiers, strange = find_identifiers(text)
    asked: dict[Pasted, list[_Asked]] = {}
    problems: dict[Pasted, str] = {}
    for number, identifier in enumerate(identifiers):
        questions = _questions(lookup, identifier)
        if problem := impossible(identifier.kind, identifier.value):
            problems[identifier] = problem
        elif number >= MOST:
            problems[identifier] = f"Not looked up: a text is searched for {MOST} identifiers at a time."
        elif not questions:
            problems[identifier] = (
                "Numbers of this trial register cannot be looked up. Enter the details by hand."
            )
        else:
            asked[identifier] = [
                _Asked(name, (identifier.kind, identifier.value, name), question)
                for name, question in questions.items()
            ]
    futures = {one: lookup.asking.ask(one.key, one.question) for ones in asked.values() for one in ones}
    wait(futures.values(), PATIENCE if patience is None else patience)
    found = [
        _combined(identifier, {one.service: futures[one] for one in asked[identifier]})
        if identifier in asked
        else LookedUp(identifier, problem=problems[identifier])
        for identifier in identifiers
    ]
    for one in futures:
        lookup.asking.collect(one.key)
    return Answers(found, strange)


def _combined(identifier: Pasted, asked: Mapping[str, Future[Reference]]) -> LookedUp:
    """Return what the services answered so far; the values of the first one win, others complete them."""
    found: list[Reference] = []
    problems: list[str] = []
    waiting: list[str] = []
    for service, future in asked.items():
        if not future.done():
            waiting.append(service)
            continue
        try:
            found.append(future.result())
        except LookupFailed as error:
            problems.append(str(error))
    if not found:
        return LookedUp(identifier, problem=None if waiting else problems[0], waiting_for=tuple(waiting))
    whole = found[0]
    for more in found[1:]:
        whole = replace(
            whole,
            values={**more.values, **whole.values},
            abstract=whole.abstract or more.abstract,
            warnings=(*whole.warnings, *more.warnings),
        )
    # A service may have left out the identifier.
    whole = replace(whole, values={**whole.values, identifier.kind: identifier.value})
    return LookedUp(identifier, whole, waiting_for=tuple(waiting))


def search(
    lookup: Lookup, service: str, query: str, since: datetime.date | None
) -> Iterator[list[Reference]]:
    """Yield the results of `query` in `service` (pubmed or europe_pmc), page by page. Raises LookupFailed.

    With `since`, only those added to the service on or after that day.
    """
    if service == "pubmed":
        return pubmed.search(lookup.client, lookup.pubmed, query, since)
    return europe_pmc.search(lookup.client, lookup.europe_pmc, query, since)


def _questions(lookup: Lookup, identifier: Pasted) -> dict[str, Question]:
    """Return the services that know this kind of identifier, the best one first, with the question for each."""
    client, value = lookup.client, identifier.value

    def at_doi() -> Reference:
        return doi.by_doi(client, lookup.dois, value)

    def at_europe_pmc() -> Reference:
        return europe_pmc.by_identifier(client, lookup.europe_pmc, identifier.kind, value)

    def registered() -> Reference:
        found = doi.by_doi(client, lookup.dois, f"10.1186/{value}")
        return replace(found, values={**found.values, "publication_state": "registered"})

    match identifier.kind:
        case "doi":
            # The agency of the DOI has the record; Europe PMC completes it with the abstract and other identifiers.
            return {lookup.dois.name: at_doi, lookup.europe_pmc.name: at_europe_pmc}
        case "pmid":
            return {lookup.pubmed.name: lambda: pubmed.by_pmid(client, lookup.pubmed, value)}
        case "pmcid":
            return {lookup.europe_pmc.name: at_europe_pmc}
    if value.startswith("NCT"):
        return {lookup.trials.name: lambda: trials.by_number(client, lookup.trials, value)}
    return {lookup.dois.name: registered} if value.startswith("ISRCTN") else {}
