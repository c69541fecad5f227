"""Finding likely claims: which words select them, and that the word index follows changes of the claims."""

from typing import Any

import pytest
from sqlalchemy import event, select

from claims_app.database import WriteSession
from claims_app.models import Claim, claim_words
from claims_app.models.claim_words import words_of
from claims_app.services.intake import claim_suggestions
from claims_app.services.records import claims
from tests.factories import CLAIM, make_claim


def _likely(session: WriteSession, title: str) -> list[str]:
    return [found.claim.statement for found in claim_suggestions.likely_claims(session, title, "")]


def _words(session: WriteSession) -> set[tuple[str, int]]:
    return {(row.word, row.claim_id) for row in session.execute(select(claim_words))}


def test_the_word_index_follows_changes_and_deletions(session: WriteSession) -> None:
    first = make_claim(session, statement="Mice sleep.", outcome="Sleep")
    second = make_claim(session, statement="Rats play.")
    claims.update_claim(
        session, first, first.version, {**CLAIM, "statement": "Mice doze.", "topics": ["pain"]}
    )
    claims.delete_claim(session, second, second.version)
    session.expire_all()
    [left] = session.scalars(select(Claim)).all()
    assert _words(session) == {(word, left.id) for word in words_of(left)} == {("mice", 1), ("doze", 1)}


def test_common_words_are_ignored(session: WriteSession, monkeypatch: pytest.MonkeyPatch) -> None:
    for animal in ("Mice", "Rats", "Voles"):
        make_claim(session, statement=f"{animal} sleep.")
    assert len(_likely(session, "Sleep in voles")) == 3
    monkeypatch.setattr(claim_suggestions, "COMMON", 3)
    assert _likely(session, "Sleep in voles") == ["Voles sleep."]
    assert _likely(session, "Sleep") == []


def test_a_paper_without_distinctive_words_has_no_likely_claim(session: WriteSession) -> None:
    make_claim(session, statement="Mice sleep.")
    for title in ("", "The results of 2021", "Zebrafish"):
        assert _likely(session, title) == []


def test_merged_claims_are_not_suggested(session: WriteSession) -> None:
    kept, merged = (
        make_claim(session, statement="Mice sleep."),
        make_claim(session, statement="Mice do sleep."),
    )
    session.flush()
    assert len(_likely(session, "Mice")) == 2
    merged.merged_into_id = kept.id
    session.flush()
    assert _likely(session, "Mice") == ["Mice sleep."]


def test_rewording_a_claim_writes_only_the_words_that_come_and_go(session: WriteSession) -> None:
    claim = make_claim(session, statement="Pacing reduces fatigue in many adults.", outcome="Fatigue")
    session.flush()
    before, inserted = _words(session), []

    def note(_connection: object, _cursor: object, sql: str, rows: Any, _context: object, many: bool) -> None:
        if sql.startswith("INSERT INTO claim_words"):
            inserted.extend(rows if many else [rows])

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    values = {**CLAIM, "statement": "Pacing worsens fatigue in many adults.", "outcome": "Fatigue"}
    claims.update_claim(session, claim, claim.version, values)
    event.remove(engine, "before_cursor_execute", note)
    after = _words(session)
    assert {word for word, _ in after - before} == {"worsen"}
    assert {word for word, _ in before - after} == {"reduc"}
    assert len(inserted) == 1
