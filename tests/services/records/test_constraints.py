"""The constraints of the database, tested with raw SQL: no interface can store what a form refuses."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError

from claims_app.database import Database

NOW = "2026-11-23 05:00:00"
KEPT = {"version": 1, "created_at": NOW, "updated_at": NOW}
STUDY = {"title": "T", "publication_state": "published", "standing": "current", **KEPT}
CLAIM = {"statement": "S", "kind": "mechanism", "status": "active", "evidence_level": "not_assessed", **KEPT}
EVIDENCE = {
    "claim_id": 1,
    "study_id": 1,
    "direction": "supports",
    "directness": "direct",
    "risk_of_bias": "low",
    "summary": "S",
    **KEPT,
}
LIMITATION = {"claim_id": 1, "kind": "other", "text": "T", **KEPT}
TEXT = {"study_id": 1, "label": "abstract", "length": 3, "sha256": "a" * 64, "sections": "[]", **KEPT}

WATCH = {"service": "pubmed", "query": "pain", "claim_id": 1, "state": "active", **KEPT}
RUN = {
    "watch_id": 1,
    "service": "pubmed",
    "query": "pain",
    "began_at": NOW,
    "alive_until": NOW,
    "since": "2026-11-01",
    "until": "2026-11-23",
    **dict.fromkeys(("n_found", "n_new", "n_known", "n_not_relevant"), 0),
}


def insert(database: Database, table: str, row: dict[str, Any]) -> None:
    """Insert a row by raw SQL."""
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    with database.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with one study, one claim and an open run of a watch, made by raw SQL."""
    insert(
        database,
        "studies",
        {**STUDY, "doi": "10.1000/one", "pmid": "1", "pmcid": "PMC1", "registry_id": "NCT00000001"},
    )
    insert(database, "claims", CLAIM)
    insert(database, "watch_runs", RUN)
    return database


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("studies", {**STUDY, "year": 2021, "doi": "10.1172/jci144201"}),
    ("claims", {**CLAIM, "origin_study_id": 1, "origin_quote": "q", "origin_quote_check": "verified"}),
    (
        "evidence_items",
        {**EVIDENCE, "effect_measure": "OR", "effect_value": 2, "ci_low": 1, "ci_high": 3, "ci_level": 95},
    ),
    ("evidence_items", {**EVIDENCE, "p_value": "<0.05", "p_number": 0.05, "n_cases": 0}),
    ("limitations", LIMITATION),
    ("study_texts", TEXT),
    ("watches", WATCH),
    ("watch_runs", {**RUN, "ended_at": NOW}),
]

BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("a level without an appraisal", "claims", {**CLAIM, "evidence_level": "high"}),
    ("an unknown kind", "claims", {**CLAIM, "kind": "hearsay"}),
    ("an unknown status", "claims", {**CLAIM, "status": "retracted"}),
    ("no statement", "claims", {**CLAIM, "statement": None}),
    ("a blank statement", "claims", {**CLAIM, "statement": "  "}),
    ("a statement that is too long", "claims", {**CLAIM, "statement": "x" * 501}),
    ("a quote from nowhere", "claims", {**CLAIM, "origin_quote": "q", "origin_quote_check": "verified"}),
    ("a quote without a check", "claims", {**CLAIM, "origin_study_id": 1, "origin_quote": "q"}),
    ("an origin that does not exist", "claims", {**CLAIM, "origin_study_id": 99}),
    ("a year that is none", "studies", {**STUDY, "year": 20211}),
    ("an unknown design", "studies", {**STUDY, "design": "rct"}),
    ("an unknown standing", "studies", {**STUDY, "standing": "fine"}),
    ("a DOI that is none", "studies", {**STUDY, "doi": "JCI144201"}),
    ("a DOI in capitals", "studies", {**STUDY, "doi": "10.1172/JCI144201"}),
    ("a PubMed number in words", "studies", {**STUDY, "pmid": "three"}),
    ("a PubMed Central number without letters", "studies", {**STUDY, "pmcid": "8245181"}),
    ("a registry number in small letters", "studies", {**STUDY, "registry_id": "nct05643794"}),
    ("a DOI twice", "studies", {**STUDY, "doi": "10.1000/one"}),
    ("a PubMed number twice", "studies", {**STUDY, "pmid": "1"}),
    ("a PubMed Central number twice", "studies", {**STUDY, "pmcid": "PMC1"}),
    ("an address that runs a script", "studies", {**STUDY, "url": "javascript:alert(1)"}),
    ("an unknown direction", "evidence_items", {**EVIDENCE, "direction": "partial"}),
    (
        "an interval beside its estimate",
        "evidence_items",
        {**EVIDENCE, "effect_measure": "MD", "effect_value": 5, "ci_low": 1, "ci_high": 3, "ci_level": 95},
    ),
    (
        "an interval upside down",
        "evidence_items",
        {**EVIDENCE, "effect_measure": "MD", "ci_low": 3, "ci_high": 1, "ci_level": 95},
    ),
    ("half an interval", "evidence_items", {**EVIDENCE, "effect_measure": "MD", "ci_low": 3, "ci_level": 95}),
    (
        "an interval without its level",
        "evidence_items",
        {**EVIDENCE, "effect_measure": "MD", "ci_low": 1, "ci_high": 3},
    ),
    ("an estimate without a measure", "evidence_items", {**EVIDENCE, "effect_value": 1}),
    ("a ratio of nought", "evidence_items", {**EVIDENCE, "effect_measure": "OR", "effect_value": 0}),
    (
        "a correlation above one",
        "evidence_items",
        {**EVIDENCE, "effect_measure": "rho", "effect_value": 1.01},
    ),
    ("an area above one", "evidence_items", {**EVIDENCE, "effect_measure": "AUC", "effect_value": 1.01}),
    ("a p value above one", "evidence_items", {**EVIDENCE, "p_value": "1.5", "p_number": 1.5}),
    ("a p value without its number", "evidence_items", {**EVIDENCE, "p_value": "0.5"}),
    ("fewer cases than none", "evidence_items", {**EVIDENCE, "n_cases": -1}),
    ("a study that does not exist", "evidence_items", {**EVIDENCE, "study_id": 99}),
    ("a claim that does not exist", "evidence_items", {**EVIDENCE, "claim_id": 99}),
    ("evidence that says nothing", "evidence_items", {**EVIDENCE, "summary": None}),
    ("a null finding in no one", "evidence_items", {**EVIDENCE, "direction": "null"}),
    ("a limitation of nothing", "limitations", {**LIMITATION, "claim_id": None}),
    ("an unknown domain", "limitations", {**LIMITATION, "domain": "vibes"}),
    ("a watch of nothing", "watches", {**WATCH, "claim_id": None}),
    ("a watch of a claim that does not exist", "watches", {**WATCH, "claim_id": 99}),
    ("a watch of an unknown service", "watches", {**WATCH, "service": "crystal ball"}),
    ("a watch without a search", "watches", {**WATCH, "query": " "}),
    ("a run that failed and goes on", "watch_runs", {**RUN, "watch_id": 2, "error": "Down."}),
    ("a second run while one is open", "watch_runs", RUN),
    ("a text without a fingerprint", "study_texts", {**TEXT, "sha256": "none"}),
    ("a topic with blanks in its address", "topics", {"slug": "a b", "name": "N", **KEPT}),
    ("an unknown species", "study_species", {"study_id": 1, "species": "unicorn"}),
]


@pytest.mark.parametrize(("table", "row"), GOOD)
def test_a_valid_row_is_accepted(filled: Database, table: str, row: dict[str, Any]) -> None:
    insert(filled, table, row)


@pytest.mark.parametrize(("table", "row"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_an_invalid_row_is_refused(filled: Database, table: str, row: dict[str, Any]) -> None:
    with pytest.raises((IntegrityError, DataError)):
        insert(filled, table, row)


@pytest.mark.parametrize("value", ["1.5", "'many'"])
def test_sqlite_refuses_fractions_in_integer_columns(filled: Database, value: str) -> None:
    if not filled.is_sqlite and value == "1.5":
        return  # PostgreSQL rounds while it casts the literal, so no fraction is stored.
    row = ", ".join(EVIDENCE)
    values = ", ".join(f":{name}" for name in EVIDENCE)
    with pytest.raises((IntegrityError, DataError)), filled.engine.begin() as connection:
        connection.execute(
            text(f"INSERT INTO evidence_items ({row}, n_animals) VALUES ({values}, {value})"), EVIDENCE
        )


def test_a_study_cannot_be_a_version_of_itself(filled: Database) -> None:
    with pytest.raises(IntegrityError), filled.engine.begin() as connection:
        connection.execute(text("UPDATE studies SET version_of_id = id"))
