"""The seed: exact quotes, facts that match their sources, and loading it completely and only once."""

import hashlib
import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims_app.cli.seed import SEED_FOLDER
from claims_app.database import Change, Database
from claims_app.models import Claim, EvidenceItem, Limitation, Revision, Study, StudyText
from claims_app.rules.quotes import Quote
from claims_app.services.pages import page_queries
from claims_app.services.records import claims, studies
from claims_app.services.system.seeding import SeedError, load_seed
from claims_app.vocabulary import Direction, LevelState, QuoteCheck, Via
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_study

SHARED = Path(__file__).parents[3] / "shared" / "data"
LITERATURE = Path(__file__).parent / "literature.json"
"""A copy of the records that the studies and their findings were taken from; it reproduces no abstract."""
# What a file of the seed contains does not depend on the database; `test_both_databases.py` compares what is stored.
pytestmark = on_one_database

BY_SEED = Change(via=Via.SEED, summary="Loaded with the example data.")
needs_sources = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the sources of the seed are not next to this checkout"
)


def entries(file: str, table: str) -> list[dict[str, Any]]:
    """Return the entries of a seed file."""
    content: list[dict[str, Any]] = tomllib.loads((SEED_FOLDER / file).read_text())[table]
    return content


def literature() -> dict[str, dict[str, Any]]:
    """Return the record of each study by its key."""
    return {study["id"]: study for study in json.loads(LITERATURE.read_text())["studies"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the seed that a test can change."""
    return Path(shutil.copytree(SEED_FOLDER, tmp_path / "seed"))


def replace(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the first `old` in a seed file."""
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


@needs_sources
def test_every_quote_is_in_the_article_with_its_context() -> None:
    article = (SHARED / "article.txt").read_bytes().decode()
    quoted = 0
    for claim in entries("claims.toml", "claim"):
        origin = Quote(
            claim["origin_quote"], claim.get("origin_quote_prefix"), claim.get("origin_quote_suffix")
        )
        assert origin.is_in(article), claim["key"]
        for limitation in claim.get("limitation", []):
            if "quote" in limitation:
                stated = Quote(
                    limitation["quote"], limitation.get("quote_prefix"), limitation.get("quote_suffix")
                )
                assert stated.is_in(article), (claim["key"], limitation["kind"])
                quoted += 1
    assert quoted > 100


@needs_sources
def test_the_fingerprint_matches_the_article() -> None:
    article = (SHARED / "article.txt").read_bytes().decode()
    text = tomllib.loads((SEED_FOLDER / "article.toml").read_text())["text"]
    assert text["length"] == len(article)
    assert text["sha256"] == studies.text_digest(article)
    assert all(section in article for section in text["sections"])


@needs_sources
def test_all_checkable_claims_and_stated_limitations_are_in_the_seed() -> None:
    source = json.loads((SHARED / "article_claims.json").read_text())
    seeded = entries("claims.toml", "claim")
    checkable = {claim["id"] for claim in source["claims"] if claim["kind"] not in ("limitation", "caveat")}
    assert {claim["key"] for claim in seeded} == checkable
    stated = {limitation.get("quote") for claim in seeded for limitation in claim.get("limitation", [])}
    for item in [
        *source["limitations"],
        *(c for c in source["claims"] if c["kind"] in ("limitation", "caveat")),
    ]:
        quotes = [quote["text"] for quote in item.get("quotes", [])] or [item["quote"]]
        assert set(quotes) <= stated, item["id"]


@needs_sources
def test_the_copy_of_the_literature_is_that_of_the_sources() -> None:
    assert LITERATURE.read_bytes() == (SHARED / "fibromyalgia_studies.json").read_bytes()


def test_directions_and_identifiers_match_the_literature() -> None:
    source = literature()
    core = {"C01": "autoantibody_elevation", "C03": "animal_transfer", "C05": "severity_correlation"}
    found = {
        (item["study"], item["claim"]): item["direction"]
        for item in entries("evidence.toml", "evidence")
        if item["claim"] in core
    }
    for key, study in source.items():
        for claim, name in core.items():
            # The literature gives no direction where it has seen no result: such a study decides nothing.
            expected = study["directions"][name] or (found.get((key, claim)) and "inconclusive")
            assert found.get((key, claim)) == expected, (key, claim)
    for entry in entries("studies.toml", "study"):
        study = source[entry["key"]]
        for name in (
            "title",
            "year",
            "journal",
            "volume",
            "issue",
            "pages",
            "doi",
            "pmid",
            "pmcid",
            "registry_id",
        ):
            assert entry.get(name) == study[name], (entry["key"], name)


def test_a_study_without_a_result_decides_nothing() -> None:
    unseen = {key for key, study in literature().items() if "results not seen" in study["status"]}
    assert len(unseen) > 2
    items = [item for item in entries("evidence.toml", "evidence") if item["study"] in unseen]
    assert {item["study"] for item in items} == unseen
    assert [item["key"] for item in items if item["direction"] != "inconclusive"] == []


NUMBERS = (
    *("n_cases", "n_controls", "n_animals", "n_donors", "events_cases", "events_controls"),
    *("effect_value", "ci_low", "ci_high", "p_value"),
)
FACTS = (
    *("title", "year", "registry_id", "study_design", "population", "sample", "key_finding", "effects"),
    *("limitations_stated", "remarks"),
)
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def numbers_in(text: str) -> set[str]:
    """Return the numbers in a text, without the zeros at the end of decimals."""
    return {n.rstrip("0").rstrip(".") if "." in n else n for n in NUMBER.findall(text.replace(",", ""))}


def facts_of(study: dict[str, Any]) -> str:
    """Return what the record of a study says about it, as one text, without addresses and pages."""
    return json.dumps([study[name] for name in FACTS], ensure_ascii=False)


def test_every_number_of_an_evidence_item_is_in_the_record_of_its_study() -> None:
    source = literature()
    years = {str(study["year"]) for study in source.values()}
    invented = {}
    for item in entries("evidence.toml", "evidence"):
        known = numbers_in(facts_of(source[item["study"]]))
        given = [str(item[name]) for name in NUMBERS if name in item]
        stated = numbers_in(" ".join([item["summary"], *given]).replace("-", " "))
        # A limitation may name another study by its year.
        stated |= numbers_in(" ".join(one["text"] for one in item.get("limitation", []))) - years
        if stated - known:
            invented[item["key"]] = stated - known
    assert invented == {}


def test_every_quote_of_an_evidence_item_is_in_the_record_of_its_study() -> None:
    source = literature()
    quoted = [item for item in entries("evidence.toml", "evidence") if "quote" in item]
    assert len(quoted) > 30
    assert [item["key"] for item in quoted if item["quote"] not in source[item["study"]]["title"]] == []


def test_the_documents_count_the_evidence() -> None:
    stated = f"{len(entries('evidence.toml', 'evidence'))} evidence items"
    for name in ("README.md", "CHANGELOG.md"):
        assert stated in " ".join((SEED_FOLDER.parent / name).read_text().split()), name


def test_every_claim_is_appraised_or_says_what_was_sought() -> None:
    with_evidence = {item["claim"] for item in entries("evidence.toml", "evidence")}
    assert {entry["claim"] for entry in entries("appraisals.toml", "appraisal")} == with_evidence
    for claim in entries("claims.toml", "claim"):
        sought = [one for one in claim.get("limitation", []) if one["text"].startswith("Searched among")]
        assert sought or claim["key"] in with_evidence, claim["key"]


def test_evidence_and_appraisals_are_in_the_order_of_claims_and_studies() -> None:
    claims = [claim["key"] for claim in entries("claims.toml", "claim")]
    studies = [study["key"] for study in entries("studies.toml", "study")]
    items = entries("evidence.toml", "evidence")
    assert items == sorted(items, key=lambda e: (claims.index(e["claim"]), studies.index(e["study"])))
    appraised = [entry["claim"] for entry in entries("appraisals.toml", "appraisal")]
    assert appraised == sorted(appraised, key=claims.index)


def test_a_judged_risk_of_bias_has_its_reason() -> None:
    for item in entries("evidence.toml", "evidence"):
        if item.get("risk_of_bias", "not_assessed") != "not_assessed":
            domains = [limitation.get("domain") for limitation in item.get("limitation", [])]
            assert "risk_of_bias" in domains, item["key"]


def test_the_three_core_claims_come_first(seeded_session: Session) -> None:
    first = seeded_session.scalars(select(Claim).order_by(Claim.id).limit(3)).all()
    assert [claim.kind.value for claim in first] == ["association", "animal_transfer", "dose_response"]
    assert [claim.evidence_level.value for claim in first] == ["very_low", "low", "very_low"]
    assert all(claim.level_state is LevelState.CURRENT for claim in first)


def test_the_evidence_of_the_core_claims_is_counted_by_independent_group(seeded_session: Session) -> None:
    page = page_queries.show_claim(seeded_session, "CLM-2")
    assert page.table.counts("direction") == {
        Direction.SUPPORTS: 4,
        Direction.CONTRADICTS: 1,
        Direction.INCONCLUSIVE: 5,
    }
    # The preprint of the transfer study, its paper, its repetition and a commentary are one line of evidence.
    assert (page.balance.reports, page.balance.studies, page.balance.groups) == (10, 9, 7)


def test_a_second_run_changes_nothing(seeded: Database) -> None:
    with seeded.reading() as session:
        before = session.scalar(select(func.count(Revision.id)))
    with seeded.writing(BY_SEED) as session:
        assert load_seed(session, SEED_FOLDER).total == 0
    with seeded.reading() as session:
        assert session.scalar(select(func.count(Revision.id))) == before


def test_a_second_run_does_not_restore_a_deleted_claim(seeded: Database) -> None:
    with seeded.writing(BY_TEST) as session:
        without = ~select(EvidenceItem.id).where(EvidenceItem.claim_id == Claim.id).exists()
        claim = session.scalars(select(Claim).where(without).limit(1)).one()
        number = claim.id
        for limitation in session.scalars(select(Limitation).where(Limitation.claim_id == number)):
            session.delete(limitation)
        session.flush()
        claims.delete_claim(session, claim, claim.version)
    with seeded.writing(BY_SEED) as session:
        assert load_seed(session, SEED_FOLDER).total == 0
        assert session.get(Claim, number) is None


def test_an_existing_study_is_used_unchanged(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        mine = make_study(session, title="As I entered it", doi="10.1172/jci144201")
    with database.writing(BY_SEED) as session:
        load_seed(session, SEED_FOLDER)
        assert session.get_one(Study, mine.id).title == "As I entered it"
        linked = session.scalar(select(func.count(EvidenceItem.id)).where(EvidenceItem.study_id == mine.id))
        assert linked == [item["study"] for item in entries("evidence.toml", "evidence")].count("goebel-2021")


@needs_sources
def test_attaching_the_article_verifies_every_quote_from_it(seeded: Database) -> None:
    article = (SHARED / "article.txt").read_bytes().decode()
    with seeded.writing(BY_TEST) as session:
        study = session.get_one(Study, 1)
        studies.attach_text(session, study, {"label": "Article", "content": article})
        assert session.scalar(select(func.count(StudyText.id))) == 1
        assert set(session.scalars(select(Claim.origin_quote_check))) == {QuoteCheck.VERIFIED}
        checks = session.scalars(select(Limitation.quote_check).where(Limitation.claim_id.is_not(None)))
        assert set(checks) == {QuoteCheck.VERIFIED, None}


ARTICLE_QUOTES = "a4ff41bc31c569442c3b0605a53e08c4cefd6929fca6c7fb3a6495d389e15166"
"""The SHA-256 of the digests of all quotes from the article, as they were when they were checked against its text."""


def quotes_of_article() -> dict[str, Quote]:
    """Return each quote of the seed from the article, by the key of its claim."""
    quotes = {}
    for entry in entries("claims.toml", "claim"):
        if entry.get("origin_study") != "article":
            continue
        own = {name.removeprefix("origin_"): value for name, value in entry.items() if "quote" in name}
        for number, part in enumerate([own, *entry.get("limitation", [])]):
            if "quote" in part:
                quote = Quote(part["quote"], part.get("quote_prefix"), part.get("quote_suffix"))
                quotes[f"{entry['key']}, {number}"] = quote
    return quotes


def test_the_quotes_of_the_article_are_those_that_were_checked() -> None:
    digests = sorted({quote.digest for quote in quotes_of_article().values()})
    found = hashlib.sha256("".join(digests).encode()).hexdigest()
    assert found == ARTICLE_QUOTES, (
        "Check the changed quotes against the article (“claims check-quotes”), and then change this digest and "
        "`quotes_checked` in seed/article.toml."
    )


@needs_sources
def test_the_quotes_of_the_article_are_in_its_text() -> None:
    article = (SHARED / "article.txt").read_bytes().decode()
    text = tomllib.loads((SEED_FOLDER / "article.toml").read_text())["text"]
    assert (text["length"], text["sha256"]) == (len(article), studies.text_digest(article))
    assert [key for key, quote in quotes_of_article().items() if not quote.is_in(article)] == []


def test_the_quotes_of_the_article_are_verified_without_its_text(seeded_session: Session) -> None:
    assert seeded_session.scalar(select(func.count()).where(StudyText.content.is_not(None))) == 0
    assert set(seeded_session.scalars(select(Claim.origin_quote_check))) == {QuoteCheck.VERIFIED}
    page = page_queries.show_claim(seeded_session, "CLM-1")
    for one in (page.claim, page.limitations[0]):
        note = page.quotes.of(one)
        assert note is not None
        assert not note.is_stale
        assert (note.verification.text_length, note.verification.via) == (9571, Via.SEED)


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (
            "claims.toml",
            'kind = "association"',
            'kind = "hearsay"',
            "record 1 (C01), field kind: “hearsay” is not a known value",
        ),
        ("claims.toml", 'status = "active"', "", "record 1 (C01), field status: Choose the status."),
        (
            "claims.toml",
            'status = "active"',
            'state = "active"',
            "record 1 (C01), field state: Unknown field",
        ),
        (
            "claims.toml",
            'origin_study = "article"',
            'origin_study = "paper"',
            "field origin_study: “paper” is not the key",
        ),
        (
            "claims.toml",
            'key = "C03"',
            'key = "C01"',
            "record 2 (C01), field key: “C01” occurs twice in this file",
        ),
        ("claims.toml", 'kind = "early_stage"', 'kind = "early"', "record C01, limitation 1, field kind"),
        ("studies.toml", "year = 2025", 'year = "twenty"', "field year: Enter a whole number"),
        ("studies.toml", "year = 2025", "year = 2025.5", "field year: Enter a whole number"),
        ("studies.toml", 'doi = "10.', 'doi = "11.', "field doi: Enter a DOI"),
        (
            "evidence.toml",
            'direction = "supports"',
            'direction = "yes"',
            "field direction: “yes” is not a known value",
        ),
        ("evidence.toml", 'claim = "C01"', 'claim = "C99"', "field claim: “C99” is not the key of a claim"),
        ("evidence.toml", 'claim = "C01"', "", "field claim"),
        ("topics.toml", "[[topic]]", "[[topics]]", "Unknown table. The tables are: topic"),
        ("topics.toml", "slug = ", "slug : ", "This is not TOML"),
        ("article.toml", "length = ", 'length = "x" #', "record text, field length: Enter a whole number"),
        ("article.toml", "quotes_checked = ", "quotes_checked = 1 #", "field quotes_checked: Enter a date"),
        ("article.toml", "length = ", "length = -1 #", "record text, field length: Enter a whole number"),
        (
            "studies.toml",
            'doi = "10.1016/j.bbi.2023.09.003"',
            'doi = "10.1073/pnas.2211631120"',
            "field doi: STU-",
        ),
    ],
)
def test_an_invalid_file_is_reported_with_its_place_and_loads_nothing(
    database: Database, folder: Path, file: str, old: str, new: str, sentence: str
) -> None:
    replace(folder, file, old, new)
    with pytest.raises(SeedError) as refused, database.writing(BY_SEED) as session:
        load_seed(session, folder)
    assert str(folder / file) in str(refused.value)
    assert sentence in str(refused.value)
    with database.reading() as session:
        assert session.scalar(select(func.count(Study.id))) == 0


def test_a_missing_file_is_reported(database: Database, folder: Path) -> None:
    (folder / "evidence.toml").unlink()
    with pytest.raises(SeedError, match="cannot be read"), database.writing(BY_SEED) as session:
        load_seed(session, folder)
