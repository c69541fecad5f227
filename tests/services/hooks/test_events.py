"""What is announced: which changes are events, what they say, and that nothing leaks and nothing is lost."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import func, select, text

from claims_app.database import Change, Database, WriteSession
from claims_app.models import Claim, Proposal, Revision, Study, User, WebhookDelivery, unit_of_work
from claims_app.services.appraisal import appraisals, rounds
from claims_app.services.deduplication import merging, unmerging
from claims_app.services.deduplication.merging import MergeChoices
from claims_app.services.history import restore
from claims_app.services.hooks import queueing, webhooks
from claims_app.services.hooks.settled import Settled
from claims_app.services.records import claims, proposals, studies
from claims_app.services.records.kinds import form_values
from claims_app.services.review import decisions
from claims_app.vocabulary import HookEvent, RecordType, Role, Via
from tests.conftest import BY_TEST, on_one_database
from tests.factories import (
    ANSWERS,
    CLAIM,
    make_appraisal,
    make_claim,
    make_evidence,
    make_study,
    make_webhook,
)
from tests.support.announcing import SITE, announced, change, edit, queue
from tests.support.plans import sent

CARL, EDIT = 1, 2


@pytest.fixture
def hooked(database: Database) -> Database:
    """A database with a webhook for everything, which was added after the first claim."""
    change(database, lambda session: make_claim(session, statement="From before."), make_webhook)
    return database


def types(database: Database) -> list[tuple[str, str]]:
    """Return the type and the record of each event."""
    return [(one["type"], one["record"]["identifier"]) for one in announced(database)]


def test_a_new_claim_is_announced_with_its_level_and_its_conclusion_in_words(hooked: Database) -> None:
    change(hooked, make_claim)
    [event] = announced(hooked)
    with hooked.reading() as session:
        revision = session.scalars(select(Revision).where(Revision.record_id == 2)).one()
    assert event == {
        "id": f"evt_{revision.id}",
        "type": "claim.created",
        "timestamp": revision.changed_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "format": "1",
        "record": {"identifier": "CLM-2", "version": 1, "url": f"{SITE}/claims/CLM-2"},
        "reason": "created",
        "claim": {
            "statement": CLAIM["statement"],
            "evidence_level": "not_assessed",
            "conclusion": None,
            "in_words": "Not assessed",
            "level_state": "not_assessed",
            "kind": "association",
            "status": "active",
        },
    }


def test_a_change_names_its_fields_and_the_state_of_its_version(hooked: Database) -> None:
    change(hooked, make_claim, edit(outcome="titres", topics=["Pain"]), edit(statement="Other words."))
    first, second, third = announced(hooked)
    assert [one["record"]["version"] for one in (first, second, third)] == [1, 2, 3]
    assert (second["type"], second["fields"]) == ("claim.changed", ["outcome", "topics"])
    assert second["claim"]["statement"] == CLAIM["statement"]
    assert third["claim"]["statement"] == "Other words."


def delete(session: WriteSession) -> None:
    claim = session.get_one(Claim, 2)
    claims.delete_claim(session, claim, claim.version)


def test_a_claim_that_is_deleted_and_restored(hooked: Database) -> None:
    change(hooked, make_claim, delete, lambda session: restore.restore(session, RecordType.CLAIM, "CLM-2"))
    created, deleted, restored = announced(hooked)
    assert (deleted["type"], deleted["reason"]) == ("claim.deleted", "deleted")
    assert "claim" not in deleted
    assert (restored["type"], restored["reason"]) == ("claim.created", "restored")
    assert created["record"]["url"] == restored["record"]["url"]


def test_a_claim_that_is_merged_and_separate_again(hooked: Database) -> None:
    def merge(session: WriteSession) -> None:
        kept, merged = session.get_one(Claim, 1), session.get_one(Claim, 2)
        merging.merge(session, kept, merged, (kept.version, merged.version), MergeChoices())

    def undo(session: WriteSession) -> None:
        kept, merged = session.get_one(Claim, 1), session.get_one(Claim, 2)
        unmerging.undo(session, RecordType.CLAIM, "CLM-2", (kept.version, merged.version))

    change(hooked, make_claim, merge, undo)
    of_merged = [one for one in announced(hooked) if one["record"]["identifier"] == "CLM-2"]
    assert [one["type"] for one in of_merged] == ["claim.created", "claim.deleted", "claim.created"]
    assert (of_merged[1]["reason"], of_merged[1]["merged_into"]) == ("merged", "CLM-1")
    assert of_merged[2]["reason"] == "unmerged"


def test_a_draft_is_announced_once_it_is_none(hooked: Database) -> None:
    change(
        hooked,
        lambda session: make_claim(session, status="draft", statement="A secret idea."),
        edit(statement="A better idea."),
    )
    assert announced(hooked) == []
    change(hooked, edit(status="active"), edit(status="draft"), edit(statement="Hidden."))
    published, hidden = announced(hooked)
    assert (published["type"], published["reason"]) == ("claim.created", "published")
    assert (hidden["type"], hidden["reason"]) == ("claim.deleted", "draft")
    assert "Hidden." not in json.dumps(hidden)


class TestReview:
    """With review required."""

    @staticmethod
    def by(who: int) -> Change:
        role = {CARL: Role.CURATOR, EDIT: Role.EDITOR}[who]
        return Change(via=Via.WEB, actor_id=who, actor_role=role, summary="why", review=True)

    @pytest.fixture
    def hooked(self, hooked: Database) -> Database:
        with hooked.writing(BY_TEST) as session:
            for name, role in (("carl", Role.CURATOR), ("edit", Role.EDITOR)):
                session.add(User(username=name, role=role, password_hash="x"))
        return hooked

    def test_a_claim_is_announced_when_it_is_accepted(self, hooked: Database) -> None:
        with hooked.writing(self.by(CARL)) as session:
            make_claim(session, statement="Not reviewed.")
        with hooked.writing(self.by(CARL)) as session:
            edit(statement="Not reviewed yet.")(session)
        assert announced(hooked) == []
        with hooked.writing(self.by(EDIT)) as session:
            decisions.accept(session, session.get_one(Claim, 2), 2)
        [event] = announced(hooked)
        assert (event["type"], event["reason"]) == ("claim.created", "accepted")
        assert event["claim"]["statement"] == "Not reviewed yet."

    def test_a_claim_that_is_rejected_is_never_announced(self, hooked: Database) -> None:
        with hooked.writing(self.by(CARL)) as session:
            make_claim(session)
        with hooked.writing(self.by(EDIT)) as session:
            decisions.reject(session, session.get_one(Claim, 2), 1, "No source.")
        assert announced(hooked) == []

    def test_a_proposed_change_is_announced_when_it_is_accepted(self, hooked: Database) -> None:
        with hooked.writing(self.by(CARL)) as session:
            claim = session.get_one(Claim, 1)
            values = {**form_values(session, claim), "statement": "Proposed."}
            number = proposals.change(session, claim, 1, values).id
        assert announced(hooked) == []
        with hooked.writing(self.by(EDIT)) as session:
            decisions.accept(session, session.get_one(Proposal, number), 1)
        [event] = announced(hooked)
        assert (event["type"], event["claim"]["statement"]) == ("claim.changed", "Proposed.")

    def test_an_appraisal_is_announced_when_it_is_accepted(self, hooked: Database) -> None:
        with hooked.writing(BY_TEST) as session:
            make_evidence(session, session.get_one(Claim, 1))
        with hooked.writing(self.by(CARL)) as session:
            made = appraisals.appraise(session, session.get_one(Claim, 1), ANSWERS, appraiser_id=CARL)
            assert isinstance(made, Proposal)
            number = made.id
        assert announced(hooked) == []
        with hooked.writing(self.by(EDIT)) as session:
            decisions.accept(session, session.get_one(Proposal, number), 1)
        assert [one["type"] for one in announced(hooked)] == ["level.changed"]


def test_a_level_that_changed_says_from_what_to_what_and_why(hooked: Database) -> None:
    change(hooked, make_appraisal)
    again = {"imprecision": "-1", "imprecision_reason": "There are few participants."}
    change(hooked, lambda session: make_appraisal(session, session.get_one(Claim, 2), **again))
    created, first, second = announced(hooked)
    assert created["type"] == "claim.created"
    assert first["level"]["from"] == {
        "evidence_level": "not_assessed",
        "conclusion": None,
        "in_words": "Not assessed",
    }
    assert second["level"]["from"] == first["level"]["to"]
    assert second["level"]["from"]["in_words"] == "May be so: low certainty"
    assert second["level"]["to"]["in_words"] == "May be so, but very uncertain: very low certainty"
    assert "There are few participants." in second["level"]["why"]
    assert second["level"]["appraisal"] == "APR-2"
    assert second["record"]["url"] == f"{SITE}/claims/CLM-2"
    assert second["claim"].items() >= {**second["level"]["to"], "statement": CLAIM["statement"]}.items()


def test_an_appraisal_that_confirms_the_level_is_not_announced(hooked: Database) -> None:
    change(hooked, make_appraisal, lambda session: make_appraisal(session, session.get_one(Claim, 2)))
    assert [one["type"] for one in announced(hooked)] == ["claim.created", "level.changed"]


def test_of_a_round_only_the_appraisal_that_settles_it_is_announced(hooked: Database) -> None:
    def begin(session: WriteSession) -> None:
        session.add_all(
            User(username=name, role=Role.CURATOR, password_hash="x") for name in ("ada", "bob", "eve")
        )
        claim = session.get_one(Claim, 1)
        make_evidence(session, claim, make_study(session, design="cohort"))
        rounds.open_round(session, claim, 3)

    def appraise(who: int) -> Callable[[WriteSession], object]:
        return lambda session: appraisals.appraise(
            session, session.get_one(Claim, 1), ANSWERS, appraiser_id=who
        )

    change(hooked, begin, appraise(1), appraise(2))
    assert announced(hooked) == []
    change(hooked, appraise(3))
    assert [one["level"]["appraisal"] for one in announced(hooked)] == ["APR-3"]


def test_the_level_of_a_draft_is_not_announced(hooked: Database) -> None:
    def appraise(session: WriteSession) -> None:
        claim = make_claim(session, status="draft")
        make_evidence(session, claim, make_study(session, design="cohort"))
        make_appraisal(session, claim)

    change(hooked, appraise)
    assert announced(hooked) == []
    change(hooked, edit(status="active"))
    [event] = announced(hooked)
    assert event["claim"]["evidence_level"] != "not_assessed"


def test_a_study_that_is_retracted_names_the_claims_that_counted_it(hooked: Database) -> None:
    def standing(value: str) -> Callable[[WriteSession], object]:
        def step(session: WriteSession) -> object:
            study = session.get_one(Study, 1)
            values = {**form_values(session, study), "standing": value, "standing_date": "2026-11-20"}
            return studies.update_study(session, study, study.version, values)

        return step

    def link(session: WriteSession) -> None:
        study = make_study(session, doi="10.1000/182")
        make_evidence(session, session.get_one(Claim, 1), study)
        make_evidence(session, make_claim(session, status="draft"), study)

    change(hooked, link, standing("corrected"), standing("retracted"), standing("withdrawn"))
    [event] = announced(hooked)
    assert (event["type"], event["record"]["identifier"]) == ("study.retracted", "STU-1")
    assert event["claims"] == ["CLM-1"]
    assert event["study"]["standing"] == "retracted"
    assert event["study"]["doi"] == "10.1000/182"


@on_one_database
def test_a_release_is_announced_with_its_transaction(hooked: Database) -> None:
    def release(session: WriteSession) -> None:
        queueing.announce_release(session, "2026.11", session.changed_at, SITE, {"claims": 1})

    def fail(session: WriteSession) -> None:
        release(session)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change(hooked, fail)
    assert announced(hooked) == []
    change(hooked, lambda session: make_webhook(session, HookEvent.CLAIM_CREATED), release)
    [event] = announced(hooked)
    assert (event["id"], event["type"]) == ("evt_release_2026.11", "release.published")
    assert event["release"] == {"version": "2026.11", "url": f"{SITE}/releases/2026.11", "claims": 1}
    assert announced(hooked, 2) == []


@on_one_database
def test_a_webhook_gets_what_it_chose(hooked: Database) -> None:
    change(hooked, lambda session: make_webhook(session, HookEvent.CLAIM_DELETED), make_claim, edit(), delete)
    assert [one["type"] for one in announced(hooked, 2)] == ["claim.deleted"]


@on_one_database
def test_the_same_event_has_the_same_identifier_for_all_webhooks(hooked: Database) -> None:
    change(hooked, make_webhook, make_claim)
    assert announced(hooked, 1) == announced(hooked, 2) != []


class TestQueueing:
    """How the changes become deliveries."""

    def test_a_change_queues_nothing_itself(self, hooked: Database) -> None:
        change(hooked, make_claim)
        with hooked.reading() as session:
            assert session.scalar(select(func.count(WebhookDelivery.id))) == 0

    def test_no_more_is_queued_than_fits(self, hooked: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queueing, "MOST_WAITING", 3)
        change(hooked, *[make_claim] * 5)
        assert len(announced(hooked)) == 3
        with hooked.writing(BY_TEST) as session:
            session.execute(text("DELETE FROM webhook_deliveries"))
        assert types(hooked) == [("claim.created", "CLM-5"), ("claim.created", "CLM-6")]

    def test_what_a_paused_webhook_missed_is_queued_when_it_is_resumed(self, hooked: Database) -> None:
        change(hooked, lambda session: webhooks.pause(session, 1), make_claim)
        assert announced(hooked) == []
        change(hooked, lambda session: webhooks.resume(session, 1))
        assert types(hooked) == [("claim.created", "CLM-2")]

    def test_what_a_paused_webhook_missed_can_be_skipped(self, hooked: Database) -> None:
        change(hooked, make_claim)
        queue(hooked)
        change(hooked, lambda session: webhooks.pause(session, 1), make_claim)
        change(hooked, lambda session: webhooks.resume(session, 1, skip=True), make_claim)
        assert types(hooked) == [("claim.created", "CLM-2"), ("claim.created", "CLM-4")]
        with hooked.reading() as session:
            states = session.scalars(select(WebhookDelivery.state).order_by(WebhookDelivery.id)).all()
        assert states == ["failed", "pending"]

    def test_two_processes_queue_an_event_once(
        self, hooked: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change(hooked, make_claim)
        derive = queueing.events_of

        def slowly(*arguments: Any) -> Any:
            monkeypatch.setattr(queueing, "events_of", derive)
            queue(hooked)  # the other process
            return derive(*arguments)

        monkeypatch.setattr(queueing, "events_of", slowly)
        assert types(hooked) == [("claim.created", "CLM-2")]

    @pytest.mark.databases("postgresql")  # on SQLite, one transaction writes at a time
    @pytest.mark.parametrize("slow_is_first", [True, False])
    def test_a_change_that_commits_after_a_later_one_is_not_lost(
        self, hooked: Database, slow_is_first: bool
    ) -> None:
        settled = Settled()
        with hooked.writing(BY_TEST) as slow, ExitStack() as fast:
            first = slow if slow_is_first else fast.enter_context(hooked.writing(BY_TEST))
            make_claim(first)  # the transaction has its number
            make_claim(slow)
            unit_of_work.finish(slow)  # the revision has its number, but is not committed
            if slow_is_first:
                change(hooked, make_claim)
            fast.close()  # commits
            for _ in range(3):
                queueing.queue_next(hooked, settled, 1, SITE)
            with hooked.reading() as session:
                assert session.scalar(select(func.count(Revision.id)).where(Revision.record_id > 1)) == 1
                assert session.scalar(select(func.count(WebhookDelivery.id))) == 0
        queueing.queue_next(hooked, settled, 1, SITE)
        assert len(announced(hooked)) == (3 if slow_is_first else 2)

    def test_many_changes_cost_few_statements(self, hooked: Database) -> None:
        with hooked.writing(BY_TEST) as session:
            prepared = claims.prepare_claims(session, [CLAIM] * 150)
            claims.create_claims(session, [values for values in prepared if values is not None])
        with sent(hooked) as seen:
            queueing.queue_next(hooked, Settled(), 1, SITE)
        assert len(seen) < 25
        assert len(announced(hooked)) == 150
