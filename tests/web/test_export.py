"""The CSV files: filters, profiles, streaming, and exports that fail half-way."""

import csv
import io
import json
import re

import pytest

from claims_app.formats.columns import EXPORTS, STUDIES
from claims_app.formats.delimited import Profile, read
from claims_app.models import Claim
from claims_app.rules import schemas
from claims_app.services.transfer import list_export
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_appraisal, make_claim, make_evidence, make_limitation, make_study
from tests.support.browsing import Browser


@pytest.fixture
def filled(browser: Browser) -> Browser:
    """Two claims with all fields, one of them with spreadsheet formulas."""
    with browser.database.writing(BY_TEST) as session:
        article = make_study(session, title="The article", design="news_report")
        paper = make_study(
            session, title="=HYPERLINK(1)", authors="Goebel, A\nKrock, E", year=2021, group="Lab"
        )
        preprint = make_study(
            session, title="Before", version_of_id=paper.id, publication_state="preprint", group="Lab"
        )
        first = make_claim(
            session,
            statement="-1 is a statement, “quoted”",
            topics=["Pain", "Fatigue"],
            origin_study_id=article.id,
            origin_quote="two\nlines",
            kind="mechanism",
        )
        make_claim(session)
        make_limitation(session, first, text="One | with a bar")
        make_limitation(session, first, text="@second")
        item = make_evidence(
            session,
            first,
            paper,
            effect_measure="MD",
            effect_value=-0.35,
            ci_low=-1,
            ci_high=0.5,
            ci_level=95,
            n_cases=44,
        )
        make_limitation(session, item, text="of the evidence")
        make_evidence(session, first, preprint, direction="inconclusive")
        make_appraisal(
            session,
            first,
            imprecision=-1,
            imprecision_reason="=Few | people",
            level="low",
            override_reason="An override.",
        )
    return browser


def rows(browser: Browser, address: str) -> list[dict[str, object]]:
    """Return the rows of an exported file, read back."""
    name = address[1:].split(".")[0]
    profile = Profile.RAW if "profile=raw" in address else Profile.SAFE
    body = browser.get(address).body.decode()
    return list(read(EXPORTS[name], io.StringIO(body, newline=""), profile=profile))


def test_a_claim_is_exported_with_its_counts(filled: Browser) -> None:
    first, second = rows(filled, "/claims.csv")
    assert first["claim_id"] == "CLM-1"
    assert first["statement"] == "-1 is a statement, “quoted”"
    assert first["topics"] == ["fatigue", "pain"]
    assert first["limitations"] == ["One | with a bar", "@second"]
    assert [first[name] for name in ("n_supporting", "n_contradicting", "n_null", "n_inconclusive")] == [
        1,
        0,
        0,
        1,
    ]
    assert (first["n_studies"], first["n_independent_groups"], first["newest_study_year"]) == (1, 1, 2021)
    assert (first["origin_study_id"], first["origin_quote"]) == ("STU-1", "two\nlines")
    assert (second["evidence_level"], second["level_state"]) == ("not_assessed", "not_assessed")
    assert second["appraised_at"] is None
    assert first["url"] == "http://127.0.0.1:8000/claims/CLM-1"
    assert second["limitations"] == []


def test_a_level_is_exported_with_its_state_its_reasons_and_its_day(filled: Browser) -> None:
    first = rows(filled, "/claims.csv")[0]
    assert (first["evidence_level"], first["level_state"]) == ("low", "current")
    assert "Imprecision −1 (serious): =Few | people." in str(first["level_rationale"])
    assert "set to low because: An override" in str(first["level_rationale"])
    assert first["appraised_at"] == rows(filled, "/appraisals.csv")[0]["appraised_at"] is not None
    with filled.database.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 1))
    assert rows(filled, "/claims.csv")[0]["level_state"] == "stale"


def test_an_appraisal_is_exported_whole(filled: Browser) -> None:
    [appraisal] = rows(filled, "/appraisals.csv")
    assert (appraisal["appraisal_id"], appraisal["claim_id"]) == ("APR-1", "CLM-1")
    assert (appraisal["scheme"], appraisal["scheme_version"]) == ("grade", "1")
    assert (appraisal["start_level"], appraisal["computed_level"], appraisal["level"]) == (
        "very_low",
        "very_low",
        "low",
    )
    assert (appraisal["imprecision"], appraisal["risk_of_bias"], appraisal["large_effect"]) == (-1, 0, 0)
    assert appraisal["override_reason"] == "An override."
    assert appraisal["evidence_ids"] == ["EVD-1", "EVD-2"]
    assert appraisal["appraised_by"] is None


@on_both_databases
def test_appraisals_take_the_filters_of_the_claims(filled: Browser) -> None:
    assert len(rows(filled, "/appraisals.csv?kind=mechanism")) == 1
    assert rows(filled, "/appraisals.csv?kind=treatment") == []


def test_evidence_is_exported_with_its_study_level(filled: Browser) -> None:
    with filled.database.writing(BY_TEST) as session:
        claim = make_claim(session, kind="treatment")
        make_evidence(session, claim, make_study(session, design="randomised_trial"))
    assert [row["study_level"] for row in rows(filled, "/evidence.csv?kind=treatment")] == [2]


def test_evidence_is_exported_with_typed_numbers(filled: Browser) -> None:
    first = rows(filled, "/evidence.csv")[0]
    assert (first["effect_value"], first["ci_low"], first["n_cases"]) == (-0.35, -1.0, 44)
    assert ",-0.35,-1," in filled.get("/evidence.csv").text
    assert first["limitations"] == ["of the evidence"]
    assert first["study_level"] is None


def test_studies_are_exported_with_authors_and_group(filled: Browser) -> None:
    paper = rows(filled, "/studies.csv")[1]
    assert paper["authors"] == ["Goebel, A", "Krock, E"]
    assert (paper["title"], paper["group"]) == ("=HYPERLINK(1)", "Lab")


def test_limitations_name_what_they_limit(filled: Browser) -> None:
    found = rows(filled, "/limitations.csv")
    assert [(row["claim_id"], row["evidence_id"]) for row in found] == [
        ("CLM-1", None),
        ("CLM-1", None),
        (None, "EVD-1"),
    ]


@pytest.mark.parametrize("name", list(EXPORTS))
def test_every_file_has_its_header_and_rows_of_one_length(filled: Browser, name: str) -> None:
    answer = filled.get(f"/{name}.csv")
    header, *cells = csv.reader(io.StringIO(answer.body.decode(), newline=""))
    assert header == [column.name for column in EXPORTS[name]]
    assert {len(row) for row in cells} == {len(header)}
    assert answer.headers["X-Row-Count"] == str(len(cells))
    assert answer.body.endswith(b"\r\n")


def test_the_profile_is_named_and_chosen(filled: Browser) -> None:
    safe, raw = filled.get("/studies.csv"), filled.get("/studies.csv?profile=raw")
    assert "'=HYPERLINK(1)" in safe.text
    assert ",=HYPERLINK(1)," in raw.text
    assert "profile=safe" in safe.headers["Content-Type"]
    assert "profile=raw" in raw.headers["Content-Type"]
    assert "Use one of: safe, raw" in filled.get("/studies.csv?profile=wild", status=400).text


def test_excel_gets_a_byte_order_mark_only_on_request(filled: Browser) -> None:
    assert filled.get("/claims.csv?excel=1").body.startswith(b"\xef\xbb\xbf")
    assert filled.get("/claims.csv").body.startswith(b"claim_id")


def test_the_file_is_named_after_its_date(filled: Browser) -> None:
    assert 'filename="claims-20' in filled.get("/claims.csv").headers["Content-Disposition"]


@on_both_databases
@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("/claims.csv?kind=mechanism", 1),
        ("/claims.csv?kind=prevalence", 0),
        ("/claims.csv?topic=pain&sort=newest", 1),
        ("/claims.csv?per_page=1&after=WzFd", 2),
        ("/evidence.csv?direction=inconclusive", 1),
        ("/evidence.csv?kind=association", 0),
        ("/limitations.csv?kind=mechanism", 3),
        ("/limitations.csv?direction=inconclusive", 2),
        ("/studies.csv?publication_state=preprint", 1),
        ("/evidence.csv?claim=CLM-1", 2),
        ("/evidence.csv?claim=clm-2", 0),
        ("/limitations.csv?claim=CLM-1", 3),
        ("/appraisals.csv?claim=CLM-1&claim=CLM-2", 1),
        ("/appraisals.csv?claim=CLM-2", 0),
        ("/claims.csv?claim=CLM-2", 1),
    ],
)
def test_a_file_has_the_filters_of_its_page(filled: Browser, address: str, number: int) -> None:
    assert len(rows(filled, address)) == number


@pytest.mark.parametrize(
    "address", ["/claims.csv?level=hihg", "/studies.csv?kind=x", "/evidence.csv?topic=none"]
)
def test_an_unknown_filter_is_rejected_as_on_the_page(filled: Browser, address: str) -> None:
    assert "Choose from" in filled.get(address, status=400).text


@pytest.mark.parametrize("claim", ["CLM-99", "STU-1", "x"])
def test_a_file_of_a_claim_that_does_not_exist_is_refused(filled: Browser, claim: str) -> None:
    assert claim in filled.get(f"/evidence.csv?claim={claim}", status=400).text


def test_a_claim_links_to_its_own_files(filled: Browser) -> None:
    page = filled.get("/claims/CLM-1")
    assert len(rows(filled, page.html.find("a", string=re.compile("Limitations of this"))["href"])) == 3


def test_every_field_of_a_study_is_in_its_file(filled: Browser) -> None:
    assert {field.name for field in schemas.STUDY.fields} <= {column.name for column in STUDIES}
    preprint = rows(filled, "/studies.csv")[-1]
    assert (preprint["publication_state"], preprint["version_of_id"]) == ("preprint", "STU-2")


def test_an_unchanged_file_is_not_sent_again(filled: Browser) -> None:
    tag = filled.get("/claims.csv").headers["ETag"]
    assert filled.get("/claims.csv", status=304, headers={"If-None-Match": tag}).body == b""
    with filled.database.writing(BY_TEST) as session:
        make_claim(session)
    assert filled.get("/claims.csv", headers={"If-None-Match": tag}).headers["ETag"] != tag


@on_both_databases
def test_an_export_longer_than_a_chunk_is_complete(filled: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_export, "CHUNK", 2)
    with filled.database.writing(BY_TEST) as session:
        for _ in range(5):
            make_claim(session)
    assert [row["claim_id"] for row in rows(filled, "/claims.csv?sort=newest")] == [
        f"CLM-{n}" for n in range(7, 0, -1)
    ]


def test_each_file_is_described_for_machines(filled: Browser) -> None:
    answer = filled.get("/evidence.csv?direction=supports")
    where = re.search(r"<(.+?)>; rel=\"describedby\"", answer.headers["Link"])
    assert where
    described = filled.get(where.group(1)).json
    columns = described["tableSchema"]["columns"]
    assert [column["name"] for column in columns] == [column.name for column in EXPORTS["evidence"]]
    assert "direction=supports" in json.dumps(described)
    assert "apostrophe" in json.dumps(described)


@on_both_databases
@pytest.mark.parametrize("name", ["claims", "evidence", "limitations"])
def test_every_filter_works_for_every_file(filled: Browser, name: str) -> None:
    filters = ["q=a", "level=high", "kind=mechanism", "status=active", "topic=pain", "direction=supports"]
    filters += [
        "state=stale",
        "standing=current",
        "design=cohort",
        "species=human",
        "year_from=1990",
        "claim=CLM-1",
        "year_to=2030",
        "needs=evidence",
        "needs=appraisal",
    ]
    for query in filters:
        rows(filled, f"/{name}.csv?{query}")
