"""Everything that anybody can send, to every address: a little of it, the same each time.

    python -m tests.fuzz --minutes 10

tries more, and other things each time. The addresses come from the URL map, so a new page is among them.
"""

from pathlib import Path

import pytest

from tests.fuzz import oracle
from tests.fuzz.rounds import play
from tests.fuzz.wire import Answer, Request

OPENED_WITHOUT_A_PAGE = {
    "merging.unmerge": 409,  # nothing is merged
    "linked.nanopublication": 404,  # its code is that of one moment
    "auth.reset": 410,  # nobody has asked for a link
    "orcid.login": 404,  # there is no ORCID here
    "orcid.link": 404,
    "orcid.back": 404,
    "api.compare_claims": 400,  # compared with nothing
    "api.compare_studies": 400,
    "releases.compare_json": 400,
}
"""Endpoints with nothing to show at any address that is known before something is sent."""

WITHOUT_REVIEW = {
    "api.show_proposal",
    "api.list_comments_on_proposal",
    "api.list_history_of_proposal",
    "api.show_revision_of_proposal",
}
"""Endpoints that need a proposal, of which there are none if changes are saved at once."""

WITH_REVIEW = {"topics.edit"}
"""Endpoints that nobody may use if changes are reviewed."""

SHOWN = (200, 301, 302, 303)


def test_nothing_that_anybody_sends_makes_the_program_fail(
    seeded_url: str, kind: str, tmp_path: Path
) -> None:
    # On SQLite, changes are saved at once; on PostgreSQL they are reviewed.
    played = play(seeded_url, tmp_path, seed=2 + (kind == "postgresql"), rounds=1)
    assert not played.finds, "\n".join(played.finds.values())
    unseen = OPENED_WITHOUT_A_PAGE.keys() | (WITHOUT_REVIEW if kind == "sqlite" else WITH_REVIEW)
    assert {name for name, status in played.opened.items() if status not in SHOWN} <= unseen
    assert played.tried == played.every


def answer(status: int = 200, body: bytes = b"<p>Fine.</p>", **headers: str) -> Answer:
    """Return an answer with the headers that each has."""
    given = {**dict.fromkeys(oracle.HEADERS, "x"), "Content-Type": "text/html"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, [(name, value) for name, value in given.items() if value], body)


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ("raised ValueError", Answer(error=ValueError())),
        ("answered 500", answer(500)),
        ("answered 503", answer(503)),
        ("has no header Content-Security-Policy", answer(Content_Security_Policy="")),
        ("says nothing with 404", answer(404, b"<h1></h1>")),
        ("leads away", answer(303, Location="//evil.example/")),
        ("has a header of the request", answer(X_Injected="1")),
        ("does not escape", answer(body=b'<p title=""\'><x onx=1>">')),
        ("is not application/json", answer(body=b'{"a": NaN}', Content_Type="application/json")),
        ("is not image/svg+xml", answer(body=b"<svg>\x01</svg>", Content_Type="image/svg+xml")),
        ("is not text/csv", answer(body=b"\xff", Content_Type="text/csv")),
    ],
)
def test_a_fault_of_an_answer_is_noticed(fault: str, what: Answer) -> None:
    [found] = oracle.faults(Request("GET", "/"), what, [])
    assert found.startswith(fault)


def test_what_is_logged_as_an_error_is_a_fault() -> None:
    assert oracle.faults(Request("GET", "/"), answer(), ["no page"]) == ["logged an error: no page"]


def test_a_right_answer_has_no_fault() -> None:
    assert oracle.faults(Request("GET", "/"), answer(), []) == []
