"""An assistant reads the database by the client of the package `mcp`, in memory and over a process of its own."""

import dataclasses
import datetime
import functools
import itertools
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent

from claims_app import create_core
from claims_app.assistants.server import ClaimsServer, make_server
from claims_app.database import Database
from claims_app.models import Claim, Release, Study
from claims_app.services.records import claims, studies
from claims_app.vocabulary import Standing
from tests.conftest import BY_TEST, copied, on_both_databases, on_one_database
from tests.factories import (
    CLAIM,
    STUDY,
    make_appraisal,
    make_claim,
    make_evidence,
    make_limitation,
    make_study,
)
from tests.support.commands import CLAIMS
from tests.support.coroutines import run
from tests.support.databases import Templates, opened

pytestmark = on_one_database

SITE = "https://claims.example"
STATEMENT = "autoantibodies are elevated in people with fibromyalgia"
DAY = datetime.timedelta(days=1)
BEGINNING = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def shared(templates: Templates) -> Iterator[Database]:
    """The content of `filled`, for tests that only read."""
    with copied(templates, "sqlite", "schema") as url, opened(url) as database:
        fill(database)
        yield database


@pytest.fixture
def filled(database: Database) -> Database:
    """CLM-1, appraised as low, with STU-1; CLM-2, which is not."""
    return fill(database)


def fill(database: Database) -> Database:
    """Add two claims, and let each later transaction be one day later than the last."""
    days = itertools.count()
    database.clock = lambda: BEGINNING + next(days) * DAY
    with database.writing(BY_TEST) as session:
        claim = make_claim(session, topics=["Pain"])
        study = make_study(session, design="case_control", doi="10.1172/jci144201")
        make_limitation(session, make_evidence(session, claim, study))
        make_limitation(session, claim)
        make_appraisal(session, claim)
        make_claim(session, statement="Tender points are inflamed.", kind="mechanism")
    return database


@functools.lru_cache(maxsize=2)
def server_of(database: Database) -> ClaimsServer:
    return make_server(database, SITE)


def call(database: Database, tool: str, **arguments: Any) -> CallToolResult:
    async def called() -> CallToolResult:
        async with Client(server_of(database)) as client:
            return await client.call_tool(tool, arguments)

    return run(called())


def answer(database: Database, tool: str, **arguments: Any) -> dict[str, Any]:
    result = call(database, tool, **arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


def refusal(database: Database, tool: str, **arguments: Any) -> str:
    result = call(database, tool, **arguments)
    assert result.is_error
    assert result.structured_content is None
    return text_of(result)


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in an answer."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)


def reword(database: Database, **values: object) -> None:
    with database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        claims.update_claim(session, claim, claim.version, {**CLAIM, **values})


def test_a_search_finds_claims_with_their_certainty_in_one_sentence(shared: Database) -> None:
    found = answer(shared, "search_claims", words="autoantibodies")
    [claim] = found["claims"]
    assert found["total"] == 1
    assert claim["claim"] == f"The evidence suggests that {STATEMENT} (low certainty)."
    assert (claim["claim_id"], claim["version"], claim["address"]) == ("CLM-1", 1, f"{SITE}/claims/CLM-1")
    assert claim["updated_on"] == "2024-01-01"
    assert answer(shared, "search_claims", words="clm-1")["claims"] == [claim]


def test_a_search_takes_the_filters_of_the_pages_and_goes_on(shared: Database) -> None:
    assert answer(shared, "search_claims", topic="pain")["total"] == 1
    assert answer(shared, "search_claims", level=["low", "very_low"], year_from="2000")["total"] == 0
    first = answer(shared, "search_claims", limit=1)
    second = answer(shared, "search_claims", limit=1, after=first["next"])
    assert [one["claims"][0]["claim_id"] for one in (first, second)] == ["CLM-1", "CLM-2"]
    assert second["next"] is None


def test_a_claim_comes_with_reasons_evidence_and_limitations(shared: Database) -> None:
    claim = answer(shared, "get_claim", claim_id=" clm-1 ")
    assert claim["verdict"] == "May be so: low certainty"
    assert len(claim["appraisal"]["domains"]) == 8
    assert claim["appraisal"]["domains"][0]["reason"] == "Judged so in this test."
    [item] = claim["evidence"]
    assert item["finding"] == "Supports: The result agrees with the claim."
    assert (item["study_id"], item["limitations"]) == ("STU-1", ["The sample is small."])
    assert [one["text"] for one in claim["limitations"]] == ["The sample is small."]
    assert [one["verdict"] for one in claim["levels_over_time"]] == ["May be so: low certainty"]


def test_the_text_says_what_the_values_say(shared: Database) -> None:
    text = text_of(call(shared, "get_claim", claim_id="CLM-1"))
    for part in (
        f"CLM-1, version 1, 2024-01-01: The evidence suggests that {STATEMENT} (low certainty).",
        f"{SITE}/claims/CLM-1",
        "Starts at Low certainty: ",
        "Imprecision: no change. Judged so in this test.",
        "LIM-2 (Small sample): The sample is small.",
        "Evidence (1 of 1 items):",
        "2024-01-01: May be so: low certainty",
    ):
        assert part in text


def test_a_claim_that_was_not_appraised_says_so_and_what_that_means(shared: Database) -> None:
    claim = answer(shared, "get_claim", claim_id="CLM-2")
    assert (
        claim["claim"] == "It has not been appraised yet whether tender points are inflamed (not assessed)."
    )
    assert claim["warnings"] == [
        "The evidence has not been appraised. This says nothing about how strong it is."
    ]
    assert claim["appraisal"] is None


def test_no_answer_has_a_claim_without_its_certainty(filled: Database) -> None:
    with filled.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 2), session.get_one(Study, 1))
    for tool, arguments in (
        ("search_claims", {}),
        ("get_claim", {"claim_id": "CLM-1"}),
        ("get_claim", {"claim_id": "CLM-2"}),
        ("list_changes", {"since": "2023-12-31"}),
        ("get_study", {"study": "STU-1"}),
        ("list_vocabulary", {}),
    ):
        result = call(filled, tool, **arguments)
        texts = [*texts_in(result.structured_content), *text_of(result).splitlines()]
        for statement, certainty in (
            (STATEMENT, "low certainty"),
            ("tender points are inflamed", "not assessed"),
        ):
            said = [one for one in texts if statement in one.lower()]
            assert all(f"({certainty}" in one for one in said), (tool, said)
            assert said or tool == "list_vocabulary" or arguments


@on_both_databases
def test_evidence_that_changed_and_studies_that_were_retracted_are_warned_of(filled: Database) -> None:
    with filled.writing(BY_TEST) as session:
        study = session.get_one(Study, 1)
        raw = {**STUDY, "title": study.title, "standing": "retracted", "standing_date": "2024-01-02"}
        studies.update_study(session, study, study.version, raw)
    [claim, _] = answer(filled, "search_claims")["claims"]
    stale, retracted = claim["warnings"]
    assert stale.startswith("The evidence has changed since the appraisal")
    assert retracted == "1 evidence item is from studies that were retracted or withdrawn, and not counted."
    assert claim["claim"].endswith("(low certainty; the evidence has changed since).")
    whole = answer(filled, "get_claim", claim_id="CLM-1")
    assert whole["evidence"][0]["not_counted_because"] == "the study is retracted"
    assert "Retracted" in whole["evidence"][0]["warning"]
    assert "Retracted" in answer(filled, "get_study", study="STU-1")["warning"]
    [taken_back] = answer(filled, "list_changes", since="2024-01-02")["studies_taken_back"]
    assert (taken_back["study_id"], taken_back["claim_ids"]) == ("STU-1", ["CLM-1"])


@on_both_databases
@pytest.mark.parametrize("date", ["2021-03-01", None])
def test_a_study_is_listed_as_taken_back_from_the_day_on_which_its_record_changed(
    filled: Database, date: str | None
) -> None:
    with filled.writing(BY_TEST) as session:
        preprint = make_study(session, publication_state="preprint", version_of_id=1)
        make_evidence(session, session.get_one(Claim, 2), preprint)
        # Its evidence never counted, so nothing was taken back.
        make_study(session, standing="withdrawn", standing_date="2024-01-02")
    with filled.writing(BY_TEST) as session:
        study = session.get_one(Study, 1)
        raw = {**STUDY, "title": study.title, "standing": "retracted", "standing_date": date}
        studies.update_study(session, study, study.version, raw)
    [taken_back] = answer(filled, "list_changes", since="2024-01-03")["studies_taken_back"]
    assert (taken_back["study_id"], taken_back["on"]) == ("STU-1", date)
    assert taken_back["claim_ids"] == ["CLM-1", "CLM-2"]
    assert answer(filled, "list_changes", since="2024-01-04")["studies_taken_back"] == []


def test_evidence_of_a_preprint_whose_published_version_was_retracted_is_warned_of(filled: Database) -> None:
    with filled.writing(BY_TEST) as session:
        preprint = make_study(session, publication_state="preprint", version_of_id=1)
        make_evidence(session, session.get_one(Claim, 2), preprint)
        session.get_one(Study, 1).standing = Standing.RETRACTED
    warning = "1 evidence item is from studies that were retracted or withdrawn, and not counted."
    [_, claim] = answer(filled, "search_claims")["claims"]
    assert claim["warnings"][-1] == warning
    [item] = answer(filled, "get_claim", claim_id="CLM-2")["evidence"]
    assert item["not_counted_because"] == "its published version is retracted"


def test_what_changed_since_a_day_says_how_the_level_moved_and_why(filled: Database) -> None:
    with filled.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        make_evidence(session, claim, direction="contradicts")
        make_appraisal(session, claim, conclusion="mixed", conclusion_reason="They differ.")
    changes = answer(filled, "list_changes", since="2024-01-02")
    [changed] = changes["claims"]
    assert changed["now"]["claim_id"] == "CLM-1"
    moved, added = changed["what_changed"]
    assert "before, “May be so: low certainty”: “Mixed evidence: low certainty”" in moved
    assert moved.endswith("They differ.")
    assert added.endswith("Evidence item EVD-2 created")
    assert answer(filled, "list_changes", since="2031-01-01")["claims"] == []


def test_what_changed_since_a_release_begins_at_its_moment(filled: Database) -> None:
    release: dict[str, Any] = {
        "schema_version": "1.0",
        "base_url": SITE,
        "title": "Claims",
        "sha256": "0" * 64,
        "archive_sha256": "0" * 64,
        "archive_bytes": 1,
        **{name: {} for name in ("made_with", "counts", "levels")},
        **{name: [] for name in ("creators", "files")},
    }
    # The second version reads as a day, before which nothing had changed.
    with filled.writing(BY_TEST) as session:
        session.add(Release(version="2024.1", moment=BEGINNING, **release))
        session.add(Release(version="2023-12-31", moment=BEGINNING, **release))
    for version in ("2024.1", "2023-12-31"):
        assert answer(filled, "list_changes", since=version)["claims"] == []
    reword(filled, population="adults")
    [changed] = answer(filled, "list_changes", since="2024.1")["claims"]
    assert changed["now"]["claim_id"] == "CLM-1"
    assert answer(filled, "list_vocabulary")["releases"][1]["version"] == "2024.1"


def test_more_changes_than_fit_are_mentioned(shared: Database) -> None:
    changes = answer(shared, "list_changes", since="2024-01-01", limit=1)
    assert len(changes["claims"]) == 1
    assert changes["older_left_out"] is True
    assert len(answer(shared, "list_changes", since="0001-01-01")["claims"]) == 2


@pytest.mark.parametrize("name", ["STU-1", "stu-1", "https://doi.org/10.1172/JCI144201"])
def test_a_study_is_found_by_its_names_with_what_it_says_of_claims(shared: Database, name: str) -> None:
    study = answer(shared, "get_study", study=name)
    [finding] = study["findings"]
    assert (study["study_id"], study["doi"], study["findings_in_all"]) == ("STU-1", "10.1172/jci144201", 1)
    assert finding["about"]["claim"].endswith("(low certainty).")
    assert finding["finding"].startswith("Supports")


def test_the_vocabulary_has_topics_and_the_values_of_filters(shared: Database) -> None:
    words = answer(shared, "list_vocabulary")
    [topic] = words["topics"]
    assert (topic["topic"], topic["claims"]) == ("pain", 1)
    assert "low certainty" in topic["known"]
    assert [word["value"] for word in words["filters"]["level"]][-1] == "not_assessed"


def test_the_past_is_read_as_it_was(filled: Database) -> None:
    reword(filled, statement="Reworded.")
    then = answer(filled, "get_claim", claim_id="CLM-1", as_of="2024-01-01")
    assert STATEMENT in then["claim"]
    assert then["address"] == f"{SITE}/claims/CLM-1?as_of=2024-01-01"
    assert "eworded" in answer(filled, "get_claim", claim_id="CLM-1")["claim"]


def test_a_claim_that_was_added_later_did_not_exist_then(filled: Database) -> None:
    refused = refusal(filled, "get_claim", claim_id="CLM-1", as_of="2023-01-01")
    assert refused.startswith("CLM-1 did not exist at the end of 1 January 2023 (UTC). It was added on ")


def test_a_long_answer_is_cut_and_says_so(filled: Database) -> None:
    with filled.writing(BY_TEST) as session:
        for _ in range(3):
            make_evidence(session, session.get_one(Claim, 1), summary="long " * 300)
    claim = answer(filled, "get_claim", claim_id="CLM-1", most_evidence=2)
    assert (len(claim["evidence"]), claim["evidence_in_all"]) == (2, 4)
    assert claim["evidence"][1]["summary"].endswith("(cut; the page has all of it)")
    assert len(claim["evidence"][1]["summary"]) < 800


WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("search_claims", {"level": "hihg"}, "“hihg” is not a valid level. Choose from: high, moderate, low"),
    ("search_claims", {"topic": "nothing"}, "“nothing” is not a topic."),
    ("search_claims", {"limit": 21}, "Ask for 1 to 20 at a time, not for 21."),
    ("search_claims", {"limit": "many"}, "limit: Input should be a valid integer"),
    ("search_claims", {"words": "x" * 1001}, "words is too long or is no text."),
    ("search_claims", {"words": "\ud800"}, "words is too long or is no text."),
    ("search_claims", {"words": "a\0"}, "Search for at most"),
    ("search_claims", {"wrods": "pain"}, "search_claims has no argument “wrods”. Choose from: words, "),
    ("search_claims", {"after": "nowhere"}, "This page of the list does not exist."),
    ("get_claim", {}, "claim_id: Field required."),
    ("get_claim", {"claim_id": "CLM-9"}, "There is no claim CLM-9."),
    ("get_claim", {"claim_id": "STU-1"}, "There is no claim “STU-1”."),
    ("get_claim", {"claim_id": "CLM-1", "as_of": "soon"}, "“soon” is not a date or time."),
    ("get_claim", {"claim_id": "CLM-1", "most_evidence": 0}, "Ask for 1 to 50 at a time, not for 0."),
    (
        "list_changes",
        {"since": "yesterday"},
        "“yesterday” is neither a day nor a release. Enter a day, such as ",
    ),
    ("list_changes", {"since": "20240101"}, "“20240101” is neither a day nor a release."),
    ("list_changes", {"since": "2024-02-30"}, "“2024-02-30” is neither a day nor a release."),
    ("get_study", {"study": "no such paper"}, "There is no study “no such paper”. Give its identifier"),
    (
        "delete_claim",
        {"claim_id": "CLM-1"},
        "There is no tool “delete_claim”. Choose from: search_claims",
    ),
)


def test_wrong_input_is_answered_in_plain_words(shared: Database) -> None:
    for tool, arguments, sentence in WRONG:
        assert sentence in refusal(shared, tool, **arguments)


def test_a_deleted_claim_says_that_it_was_deleted(filled: Database) -> None:
    with filled.writing(dataclasses.replace(BY_TEST, summary="not needed")) as session:
        claim = session.get_one(Claim, 2)
        claims.delete_claim(session, claim, claim.version)
    assert refusal(filled, "get_claim", claim_id="CLM-2") == "CLM-2 was deleted."


def test_every_tool_says_that_it_writes_nothing_and_has_a_schema_of_its_answer(shared: Database) -> None:
    async def listed() -> None:
        async with Client(server_of(shared)) as client:
            tools = (await client.list_tools()).tools
            assert len(tools) == 5
            for tool in tools:
                assert tool.annotations is not None
                assert tool.annotations.read_only_hint is True
                assert tool.output_schema is not None
                assert "statement" not in json.dumps(tool.output_schema)
            assert "certainty" in (client.instructions or "")

    run(listed())


def test_the_command_serves_over_standard_input_and_output(
    tmp_path: Path, database_url: str, filled: Database
) -> None:
    environment = {"DATABASE_URL": database_url, "CLAIMS_BASE_URL": SITE, "PATH": os.environ["PATH"]}
    server = StdioServerParameters(command=CLAIMS, args=["mcp"], env=environment, cwd=tmp_path)

    async def asked() -> CallToolResult:
        with Path(tmp_path, "errors").open("w") as errors:
            async with Client(stdio_client(server, errors)) as client:
                return await client.call_tool("search_claims", {"words": "autoantibodies"})

    result = run(asked())
    assert f"{STATEMENT} (low certainty)." in text_of(result)
    assert f"{SITE}/claims/CLM-1" in text_of(result)


def test_without_its_package_the_command_says_what_to_install(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    result = create_core(app.extensions["claims_settings"]).test_cli_runner().invoke(args=["mcp"])
    assert result.exit_code == 1
    assert "pip install 'claims-app[mcp]'" in result.output
