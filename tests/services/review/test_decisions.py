"""Review: new records and changes wait for a second person, and nothing is overwritten silently."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from claims_app.database import Change, Database, WriteSession
from claims_app.models import (
    Appraisal,
    Claim,
    ConflictOfInterest,
    EvidenceItem,
    Limitation,
    Proposal,
    Record,
    Revision,
    Study,
    User,
)
from claims_app.services.appraisal import appraisals, overlaps
from claims_app.services.core.errors import Gone, Invalid, NotAllowed, Refused, StaleVersion, Undecided
from claims_app.services.core.filters import ClaimFilters, Needs
from claims_app.services.core.record_states import read_changes
from claims_app.services.history import restore
from claims_app.services.pages import claim_rows, overview, page_queries
from claims_app.services.records import proposals
from claims_app.services.records.kinds import form_values
from claims_app.services.review import conflicts, decisions, proposing_again, review_queue
from claims_app.services.review.review_queue import View
from claims_app.services.system import integrity
from claims_app.vocabulary import EvidenceLevel, ProposalKind, RecordType, ReviewState, Role, Via
from tests.conftest import BY_TEST
from tests.factories import ANSWERS, make_appraisal, make_claim, make_evidence, make_limitation, make_study

CARL, CLEO, EDIT, EVE = 1, 2, 3, 4
ROLES = {CARL: Role.CURATOR, CLEO: Role.CURATOR, EDIT: Role.EDITOR, EVE: Role.EDITOR}


@pytest.fixture
def people(database: Database) -> Database:
    """Two curators, two editors, and CLM-1 with EVD-1, both accepted."""
    with database.writing(BY_TEST) as session:
        for number, name in enumerate(("carl", "cleo", "edit", "eve"), start=1):
            session.add(User(username=name, role=ROLES[number], password_hash="x"))
        session.flush()
        claim = make_claim(session, topics=["pain"])
        make_evidence(session, claim, make_study(session, design="cohort"))
    return database


@contextmanager
def acting(database: Database, who: int, why: str | None = "a reason") -> Iterator[WriteSession]:
    """Yield a session for writing as `who`, with review required."""
    change = Change(via=Via.WEB, actor_id=who, actor_role=ROLES[who], summary=why, review=True)
    with database.writing(change) as session:
        yield session


def ask(session: WriteSession, record: Record, version: int, **values: object) -> Record:
    """Submit other values for a record, which was read at `version`."""
    return proposals.change(session, record, version, {**form_values(session, record), **values})


def propose(
    database: Database, who: int, record: type[Record] = Claim, number: int = 1, **values: object
) -> int:
    """Propose other values for a record, and return the number of the proposal."""
    with acting(database, who) as session:
        found = session.get_one(record, number)
        made = ask(session, found, found.version, **values)
        assert isinstance(made, Proposal)
        return made.id


def accept(database: Database, who: int, number: int, **choices: str) -> None:
    """Accept a proposal."""
    with acting(database, who) as session:
        proposal = session.get_one(Proposal, number)
        decisions.accept(session, proposal, proposal.version, None, choices)


def again(database: Database, who: int, number: int) -> int:
    """Propose again what is left of a proposal, and return the number of the new one."""
    with acting(database, who, why=None) as session:
        proposal = session.get_one(Proposal, number)
        made = proposing_again.propose_again(session, proposal, proposal.version)
        assert isinstance(made, Proposal)
        return made.id


def reject(database: Database, who: int, number: int, reason: str | None) -> None:
    """Reject a proposal."""
    with acting(database, who) as session:
        proposal = session.get_one(Proposal, number)
        decisions.reject(session, proposal, proposal.version, reason)


def claim_now(database: Database, number: int = 1) -> Claim:
    """Return a claim with its current values."""
    with database.reading() as session:
        return session.get_one(Claim, number)


def state_of(database: Database, number: int) -> ReviewState:
    """Return the state of a proposal."""
    with database.reading() as session:
        return session.get_one(Proposal, number).state


class TestNewRecords:
    def test_new_records_are_submitted(self, people: Database) -> None:
        with acting(people, CARL) as session:
            item = make_evidence(session)
            made = [item.claim, item.study, item, make_limitation(session, item)]
            assert {record.review_state for record in made} == {ReviewState.SUBMITTED}
            assert {record.added_by_id for record in made} == {CARL}

    def test_without_review_new_records_are_accepted(self, people: Database) -> None:
        with people.writing(BY_TEST) as session:
            assert make_claim(session).is_accepted

    def test_an_editor_accepts_it_and_the_history_says_who(self, people: Database) -> None:
        with acting(people, CARL) as session:
            make_claim(session)
        with acting(people, EDIT) as session:
            decisions.accept(session, session.get_one(Claim, 2), 1, "Well put.")
        with people.reading() as session:
            revision = session.scalars(
                select(Revision).where(Revision.record_type == RecordType.CLAIM, Revision.record_id == 2)
            ).all()[-1]
            assert (revision.actor_id, revision.edit_summary) == (EDIT, "Well put.")
            read_changes(session, [revision])
            assert revision.changes == {"review_state": ["submitted", "accepted"]}
            assert session.get_one(Claim, 2).is_accepted

    def test_a_rejection_needs_a_reason(self, people: Database) -> None:
        with acting(people, CARL) as session:
            make_claim(session)
        with acting(people, EDIT) as session, pytest.raises(Invalid, match="Enter a reason"):
            decisions.reject(session, session.get_one(Claim, 2), 1, "  ")

    def test_a_rejected_record_corrected_by_its_author_waits_again(self, people: Database) -> None:
        with acting(people, CARL) as session:
            make_claim(session)
        with acting(people, EDIT) as session:
            decisions.reject(session, session.get_one(Claim, 2), 1, "Name the population.")
        with acting(people, CARL) as session:
            claim = session.get_one(Claim, 2)
            assert ask(session, claim, 2, population="Adults") is claim
        assert claim_now(people, 2).review_state is ReviewState.SUBMITTED
        assert claim_now(people, 2).population == "Adults"
        assert claim_now(people, 2).version == 3

    def test_others_cannot_change_a_submitted_record(self, people: Database) -> None:
        with acting(people, CARL) as session:
            make_claim(session)
        for who in (CLEO, EDIT):
            with acting(people, who) as session, pytest.raises(NotAllowed, match="only its author"):
                ask(session, session.get_one(Claim, 2), 1)

    @pytest.mark.parametrize("who", [CARL, EDIT])
    def test_nobody_can_accept_their_own_work(self, people: Database, who: int) -> None:
        with acting(people, who) as session:
            make_claim(session)
        with acting(people, who) as session, pytest.raises(NotAllowed):
            decisions.accept(session, session.get_one(Claim, 2), 1)
        assert claim_now(people, 2).review_state is ReviewState.SUBMITTED

    def test_nobody_can_accept_their_own_work_restored_by_another(self, people: Database) -> None:
        with acting(people, EDIT) as session:
            make_claim(session)
        with acting(people, EDIT) as session:
            proposals.delete(session, session.get_one(Claim, 2), 1)
        with acting(people, EVE) as session:
            restore.restore(session, RecordType.CLAIM, "CLM-2")
        for who in (EDIT, EVE):
            with acting(people, who) as session, pytest.raises(NotAllowed, match="own work"):
                decisions.accept(session, session.get_one(Claim, 2), 3)

    def test_evidence_waits_for_its_claim_and_its_study(self, people: Database) -> None:
        with acting(people, CARL) as session:
            make_limitation(session, make_evidence(session))
        with acting(people, EDIT) as session:
            with pytest.raises(Refused, match="Accept CLM-2 first"):
                decisions.accept(session, session.get_one(EvidenceItem, 2), 1)
            with pytest.raises(Refused, match="Accept EVD-2 first"):
                decisions.accept(session, session.get_one(Limitation, 1), 1)
            for model in (Claim, Study, EvidenceItem):
                decisions.accept(session, session.get_one(model, 2), 1)
            decisions.accept(session, session.get_one(Limitation, 1), 1)

    def test_submitted_evidence_is_not_counted(self, people: Database) -> None:
        with acting(people, CARL) as session:
            make_evidence(session, session.get_one(Claim, 1), session.get_one(Study, 1), direction="null")
        with people.reading() as session:
            assert page_queries.balances(session, [1])[1].null == 0
            assert len(appraisals.body_of(session, session.get_one(Claim, 1)).findings) == 1

    def test_submitted_evidence_needs_no_appraisal(self, people: Database) -> None:
        with people.writing(BY_TEST) as session:
            make_claim(session)
        with acting(people, CARL) as session:
            make_evidence(session, session.get_one(Claim, 2), session.get_one(Study, 1))
        with people.reading() as session:
            needing = session.scalars(ClaimFilters(needs=(Needs.APPRAISAL,)).claims()).all()
            assert [claim.id for claim in needing] == [1]
            assert overview.overview(session).n_without_appraisal == 1

    def test_rejected_limitations_are_not_counted_in_the_list(self, people: Database) -> None:
        with acting(people, CARL) as session:
            make_limitation(session, session.get_one(Claim, 1))
        with acting(people, EDIT) as session:
            decisions.reject(session, session.get_one(Limitation, 1), 1, "No.")
        with people.reading() as session:
            (row,) = claim_rows.claim_rows(session, [1])
            assert row.n_limitations == 0

    def test_accepted_evidence_makes_the_appraisal_stale_and_waiting_evidence_does_not(
        self, people: Database
    ) -> None:
        with people.writing(BY_TEST) as session:
            make_appraisal(session, session.get_one(Claim, 1))
        with acting(people, CARL) as session:
            make_evidence(session, session.get_one(Claim, 1), session.get_one(Study, 1), direction="null")
        assert claim_now(people).stale_since is None
        with acting(people, EDIT) as session:
            decisions.accept(session, session.get_one(EvidenceItem, 2), 1)
        assert claim_now(people).stale_since is not None

    def test_sql_cannot_set_a_level_without_accepted_evidence(self, people: Database) -> None:
        with people.writing(BY_TEST) as session:
            make_appraisal(session, session.get_one(Claim, 1))
        with people.writing(BY_TEST) as session:
            session.execute(text("UPDATE evidence_items SET review_state = 'submitted'"))
        assert claim_now(people).evidence_level is EvidenceLevel.NOT_ASSESSED
        with pytest.raises(DatabaseError), people.writing(BY_TEST) as session:
            session.execute(text("UPDATE claims SET appraisal_id = 1, evidence_level = 'low'"))


class TestProposals:
    def test_a_change_to_an_accepted_record_is_proposed_by_field(self, people: Database) -> None:
        number = propose(people, CARL, population="Adults", outcome="Pain")
        with people.reading() as session:
            proposal = session.get_one(Proposal, number)
            assert proposal.changes == {"population": [None, "Adults"], "outcome": [None, "Pain"]}
            assert (proposal.target_name, proposal.target_version) == ("CLM-1", 1)
            assert (proposal.author_id, proposal.reason) == (CARL, "a reason")
        assert claim_now(people).population is None
        assert claim_now(people).version == 1

    def test_a_form_without_a_change_proposes_nothing(self, people: Database) -> None:
        with acting(people, CARL) as session:
            claim = session.get_one(Claim, 1)
            assert ask(session, claim, 1) is claim

    def test_a_proposal_needs_a_reason(self, people: Database) -> None:
        with acting(people, CARL, None) as session, pytest.raises(Invalid) as refused:
            ask(session, session.get_one(Claim, 1), 1, outcome="Pain")
        assert set(refused.value.errors) == {"edit_summary"}

    def test_a_proposal_is_validated(self, people: Database) -> None:
        with acting(people, CARL) as session, pytest.raises(Invalid):
            ask(session, session.get_one(Claim, 1), 1, statement="")

    def test_a_proposal_for_an_outdated_version_is_a_conflict(self, people: Database) -> None:
        accept(people, EDIT, propose(people, CARL, outcome="Pain"))
        with acting(people, CLEO) as session, pytest.raises(StaleVersion):
            ask(session, session.get_one(Claim, 1), 1, outcome="Fatigue")

    def test_accepting_a_proposal_applies_it_with_its_reason(self, people: Database) -> None:
        number = propose(people, CARL, outcome="Pain")
        accept(people, EDIT, number)
        assert claim_now(people).outcome == "Pain"
        with people.reading() as session:
            revision = session.scalars(select(Revision).where(Revision.proposal_id == number)).one()
            read_changes(session, [revision])
            assert revision.changes == {"outcome": [None, "Pain"]}
            assert (revision.actor_id, revision.edit_summary) == (EDIT, "a reason")
        assert state_of(people, number) is ReviewState.ACCEPTED

    def test_nobody_can_accept_their_own_proposal(self, people: Database) -> None:
        number = propose(people, EDIT, outcome="Pain")
        with pytest.raises(NotAllowed, match="own work"):
            accept(people, EDIT, number)
        accept(people, EVE, number)

    def test_a_proposed_topic_is_created_on_acceptance(self, people: Database) -> None:
        number = propose(people, CARL, topics=["pain", "Passive transfer"])
        with people.reading() as session:
            assert [topic.slug for topic in page_queries.all_topics(session)] == ["pain"]
        accept(people, EDIT, number)
        with people.reading() as session:
            names = {topic.slug: topic.name for topic in session.get_one(Claim, 1).topics}
        assert names == {"pain": "pain", "passive-transfer": "Passive transfer"}

    def test_a_proposed_study_group_is_created_on_acceptance(self, people: Database) -> None:
        accept(people, EDIT, propose(people, CARL, Study, group="Liverpool", species=["mouse"]))
        with people.reading() as session:
            study = session.get_one(Study, 1)
            assert (study.group.name if study.group else None, list(study.species)) == (
                "Liverpool",
                ["mouse"],
            )

    def test_fields_changed_since_a_proposal_need_a_choice(self, people: Database) -> None:
        first = propose(people, CARL, outcome="Pain", population="Adults")
        with people.writing(BY_TEST) as session:
            ask(session, session.get_one(Claim, 1), 1, outcome="Fatigue")
        with pytest.raises(Undecided) as undecided:
            accept(people, EDIT, first)
        assert undecided.value.fields == ["outcome"]
        with people.reading() as session:
            fields = decisions.compare(session, session.get_one(Proposal, first))
            three = {field.name: (field.seen, field.now, field.wanted) for field in fields}
        assert three["outcome"] == (None, "Fatigue", "Pain")
        assert claim_now(people).population is None

    @pytest.mark.parametrize(("choice", "outcome"), [("present", "Fatigue"), ("proposed", "Pain")])
    def test_the_editor_chooses_the_value_of_each_field(
        self, people: Database, choice: str, outcome: str
    ) -> None:
        number = propose(people, CARL, outcome="Pain", population="Adults")
        with people.writing(BY_TEST) as session:
            ask(session, session.get_one(Claim, 1), 1, outcome="Fatigue")
        accept(people, EDIT, number, outcome=choice)
        claim = claim_now(people)
        assert (claim.outcome, claim.population) == (outcome, "Adults")

    def test_another_proposal_for_the_same_field_is_superseded_and_its_author_notified(
        self, people: Database
    ) -> None:
        first = propose(people, CARL, outcome="Pain")
        same, another = propose(people, CLEO, outcome="Fatigue"), propose(people, CLEO, population="Adults")
        accept(people, EDIT, first)
        assert state_of(people, same) is ReviewState.SUPERSEDED
        assert state_of(people, another) is ReviewState.SUBMITTED
        with people.reading() as session:
            assert review_queue.count_unseen_decisions(session, CLEO) == 1
            queue = review_queue.queue_of(session, View.MINE, CLEO)
            assert [(p.id, p.decision_reason) for p in queue.decided] == [(same, "PRO-1 was accepted first.")]
        with acting(people, CLEO) as session:
            decisions.mark_decisions_seen(session, CLEO)
            assert review_queue.count_unseen_decisions(session, CLEO) == 0

    def test_a_proposal_that_shares_one_field_stays_open_and_its_author_is_notified(
        self, people: Database
    ) -> None:
        first, second = (
            propose(people, CARL, outcome="Pain"),
            propose(people, CLEO, outcome="Fatigue", population="Adults"),
        )
        accept(people, EDIT, first)
        with people.reading() as session:
            assert review_queue.count_unseen_decisions(session, CLEO) == 1
            proposal = session.get_one(Proposal, second)
            assert proposal.overtaken == "PRO-1 was accepted first and changed: Outcome."
            fields = {f.name: (f.seen, f.now, f.wanted) for f in decisions.compare(session, proposal)}
        assert fields == {"outcome": (None, "Pain", "Fatigue"), "population": (None, None, "Adults")}
        with acting(people, CLEO) as session:
            decisions.mark_decisions_seen(session, CLEO)
            assert review_queue.count_unseen_decisions(session, CLEO) == 0
        accept(people, EDIT, second, outcome="present")
        assert (claim_now(people).outcome, claim_now(people).population) == ("Pain", "Adults")
        with people.reading() as session:
            assert review_queue.count_unseen_decisions(session, CLEO) == 1

    @pytest.mark.parametrize(
        ("theirs", "state", "overtaken"),
        [
            ({"outcome": "Pain", "population": "Adults"}, ReviewState.SUBMITTED, False),
            ({"outcome": "Pain"}, ReviewState.SUPERSEDED, False),
            ({"outcome": "Fatigue"}, ReviewState.SUPERSEDED, False),
            ({"population": "Adults"}, ReviewState.SUBMITTED, False),
            ({"outcome": "Fatigue", "topics": ["sleep"]}, ReviewState.SUBMITTED, True),
        ],
    )
    def test_a_proposal_is_closed_only_if_nothing_is_left_of_it(
        self, people: Database, theirs: dict[str, object], state: ReviewState, overtaken: bool
    ) -> None:
        first, second = propose(people, CARL, outcome="Pain"), propose(people, CLEO, **theirs)
        accept(people, EDIT, first)
        assert state_of(people, second) is state
        with people.reading() as session:
            assert bool(session.get_one(Proposal, second).overtaken) is overtaken

    def test_what_is_left_of_an_open_proposal_is_proposed_again(self, people: Database) -> None:
        first = propose(people, CARL, outcome="Pain")
        second = propose(people, CLEO, outcome="Fatigue", topics=["pain", "Sleep"])
        accept(people, EDIT, first)
        number = again(people, CLEO, second)
        assert state_of(people, second) is ReviewState.WITHDRAWN
        accept(people, EDIT, number)
        with people.reading() as session:
            claim = session.get_one(Claim, 1)
            assert (claim.outcome, sorted(t.slug for t in claim.topics)) == ("Fatigue", ["pain", "sleep"])

    def test_what_an_editor_did_not_take_over_is_proposed_again(self, people: Database) -> None:
        first = propose(people, CARL, outcome="Pain")
        second = propose(people, CLEO, outcome="Fatigue", population="Adults")
        accept(people, EDIT, first)
        accept(people, EDIT, second, outcome="present")
        number = again(people, CLEO, second)
        with people.reading() as session:
            assert session.get_one(Proposal, number).changes == {"outcome": ["Pain", "Fatigue"]}

    def test_a_superseded_proposal_is_proposed_again(self, people: Database) -> None:
        first, second = propose(people, CARL, outcome="Pain"), propose(people, CLEO, outcome="Fatigue")
        accept(people, EDIT, first)
        number = again(people, CLEO, second)
        with people.reading() as session:
            made = session.get_one(Proposal, number)
            assert (made.changes, made.reason) == ({"outcome": ["Pain", "Fatigue"]}, "a reason")

    def test_only_its_author_proposes_again_and_only_what_is_left(self, people: Database) -> None:
        first, second = propose(people, CARL, outcome="Pain"), propose(people, CLEO, outcome="Fatigue")
        with pytest.raises(Refused, match="left"):
            again(people, CARL, first)
        accept(people, EDIT, first)
        with pytest.raises(Refused, match="left"):
            again(people, CARL, first)
        with pytest.raises(NotAllowed):
            again(people, CARL, second)
        with people.writing(BY_TEST) as session:
            session.get_one(Claim, 1).outcome = "Sleep"
        with pytest.raises(Refused, match="left"):  # it was taken over, and changed later
            again(people, CARL, first)

    def test_a_rejected_proposal_changes_nothing_and_has_a_reason(self, people: Database) -> None:
        number = propose(people, CARL, outcome="Pain")
        with pytest.raises(Invalid):
            reject(people, EDIT, number, "")
        reject(people, EDIT, number, "Too vague.")
        assert claim_now(people).outcome is None
        with people.reading() as session:
            assert session.get_one(Proposal, number).decision_reason == "Too vague."

    def test_a_decision_cannot_be_repeated(self, people: Database) -> None:
        number = propose(people, CARL, outcome="Pain")
        reject(people, EDIT, number, "No.")
        with pytest.raises(NotAllowed, match="no longer waiting"):
            accept(people, EVE, number)

    def test_only_the_author_can_withdraw_a_proposal(self, people: Database) -> None:
        number = propose(people, CARL, outcome="Pain")
        with acting(people, EDIT) as session, pytest.raises(NotAllowed):
            decisions.withdraw(session, session.get_one(Proposal, number), 1)
        with acting(people, CARL) as session:
            decisions.withdraw(session, session.get_one(Proposal, number), 1)
        assert state_of(people, number) is ReviewState.WITHDRAWN

    def test_an_accepted_deletion_supersedes_other_proposals(self, people: Database) -> None:
        with people.writing(BY_TEST) as session:
            make_claim(session)
        other = propose(people, CLEO, number=2, outcome="Pain")
        with acting(people, CARL) as session:
            proposal = proposals.delete(session, session.get_one(Claim, 2), 1)
            assert proposal is not None
            number = proposal.id
        assert claim_now(people, 2).version == 1
        accept(people, EDIT, number)
        with people.reading() as session:
            assert session.get(Claim, 2) is None
        assert state_of(people, other) is ReviewState.SUPERSEDED

    def test_a_proposal_for_a_deleted_record_cannot_be_accepted(self, people: Database) -> None:
        with people.writing(BY_TEST) as session:
            make_claim(session)
        number = propose(people, CARL, number=2, outcome="Pain")
        with people.writing(BY_TEST) as session:
            proposals.delete(session, session.get_one(Claim, 2), 1)
        with pytest.raises(Refused, match="was deleted"):
            accept(people, EDIT, number)
        with people.reading() as session, pytest.raises(Gone):
            decisions.compare(session, session.get_one(Proposal, number))

    def test_reverting_to_a_version_is_proposed_too(self, people: Database) -> None:
        accept(people, EDIT, propose(people, CARL, outcome="Pain"))
        with acting(people, CARL) as session:
            made = restore.revert(session, session.get_one(Claim, 1), 2, 1)
            assert isinstance(made, Proposal)
            number = made.id
        accept(people, EDIT, number)
        assert claim_now(people).outcome is None

    def test_grouping_studies_is_proposed_for_each(self, people: Database) -> None:
        with people.writing(BY_TEST) as session:
            make_study(session)
        with acting(people, CARL) as session:
            made = overlaps.group_together(
                session, session.get_one(Study, 1), session.get_one(Study, 2), "Liverpool"
            )
            assert [proposal.target_name for proposal in made] == ["STU-1", "STU-2"]

    def test_every_proposal_and_decision_is_in_the_history(self, people: Database) -> None:
        accept(people, EDIT, propose(people, CARL, outcome="Pain"))
        with people.reading() as session:
            revisions = session.scalars(
                select(Revision).where(Revision.record_type == RecordType.PROPOSAL).order_by(Revision.id)
            ).all()
            assert [(r.actor_id, r.action, r.claim_id) for r in revisions] == [
                (CARL, "create", 1),
                (EDIT, "update", 1),
            ]
            assert list(integrity.problems(session)) == []


RAW = {**ANSWERS, "imprecision": "-1", "imprecision_reason": "Few people."}


class TestAppraisals:
    def propose(self, database: Database, who: int = CARL) -> int:
        """Propose an appraisal of CLM-1."""
        with acting(database, who) as session:
            made = appraisals.appraise(session, session.get_one(Claim, 1), RAW, appraiser_id=who)
            assert isinstance(made, Proposal)
            return made.id

    def test_a_proposed_appraisal_sets_no_level(self, people: Database) -> None:
        number = self.propose(people)
        with people.reading() as session:
            assert session.get_one(Proposal, number).kind is ProposalKind.APPRAISAL
        assert claim_now(people).evidence_level is EvidenceLevel.NOT_ASSESSED

    def test_an_accepted_appraisal_belongs_to_its_author(self, people: Database) -> None:
        accept(people, EDIT, self.propose(people))
        with people.reading() as session:
            appraisal = session.scalars(select(Appraisal)).one()
            assert (appraisal.appraised_by_id, appraisal.level) == (CARL, EvidenceLevel.VERY_LOW)
        assert claim_now(people).evidence_level is EvidenceLevel.VERY_LOW

    def test_an_appraisal_cannot_be_accepted_after_its_evidence_changed(self, people: Database) -> None:
        number = self.propose(people)
        with people.writing(BY_TEST) as session:
            make_evidence(session, session.get_one(Claim, 1), direction="null")
        with pytest.raises(Refused, match="changed since this appraisal"):
            accept(people, EDIT, number)

    def test_an_appraisal_proposed_before_there_were_conclusions_is_refused_with_what_it_lacks(
        self, people: Database
    ) -> None:
        number = self.propose(people)
        with people.writing(BY_TEST) as session:
            proposal = session.get_one(Proposal, number)
            proposal.changes = {k: v for k, v in proposal.changes.items() if not k.startswith("conclusion")}
        with pytest.raises(Refused, match=r"not complete \(conclusion\)"):
            accept(people, EDIT, number)

    def test_another_proposed_appraisal_is_superseded(self, people: Database) -> None:
        first, second = self.propose(people), self.propose(people, CLEO)
        accept(people, EDIT, first)
        assert state_of(people, second) is ReviewState.SUPERSEDED

    def test_a_submitted_claim_cannot_be_appraised(self, people: Database) -> None:
        with acting(people, CARL) as session:
            make_claim(session)
        with (
            acting(people, CLEO) as session,
            pytest.raises(NotAllowed, match="only after it has been accepted"),
        ):
            appraisals.appraise(session, session.get_one(Claim, 2), {}, appraiser_id=CLEO)


class TestConflicts:
    def declare(self, database: Database, who: int = EDIT) -> None:
        """Declare a conflict of interest about pain."""
        with acting(database, who) as session:
            conflicts.declare(session, who, "pain", "I own shares in a test for it.")

    @pytest.mark.parametrize("record", [Claim, Study, EvidenceItem])
    def test_a_conflict_prevents_accepting_work_on_its_topic(
        self, people: Database, record: type[Record]
    ) -> None:
        values = (
            {"title": "T"} if record is Study else {"outcome": "O"} if record is Claim else {"summary": "S"}
        )
        number = propose(people, CARL, record, 1, **values)
        self.declare(people)
        with pytest.raises(NotAllowed, match="conflict of interest about “pain”"):
            accept(people, EDIT, number)
        accept(people, EVE, number)

    def test_a_conflict_does_not_concern_other_topics(self, people: Database) -> None:
        with people.writing(BY_TEST) as session:
            make_claim(session, topics=["sleep"])
        self.declare(people)
        accept(people, EDIT, propose(people, CARL, number=2, outcome="Pain"))

    def test_a_conflict_lasts_a_year(self, people: Database) -> None:
        self.declare(people)
        number = propose(people, CARL, outcome="Pain")
        with people.writing(BY_TEST) as session:
            conflict = session.get_one(ConflictOfInterest, 1)
            assert conflict.ends_at - conflict.declared_at == datetime.timedelta(days=365)
            conflict.declared_at -= datetime.timedelta(days=366)
            conflict.ends_at -= datetime.timedelta(days=366)
        accept(people, EDIT, number)

    def test_a_conflict_can_end_earlier_and_stays_on_record(self, people: Database) -> None:
        self.declare(people)
        with acting(people, EDIT) as session:
            conflicts.end(session, EDIT, 1)
        with people.writing(BY_TEST) as session:
            assert session.get_one(ConflictOfInterest, 1).text

    def test_a_declaration_needs_a_topic_and_a_text(self, people: Database) -> None:
        with acting(people, EDIT) as session, pytest.raises(Invalid) as refused:
            conflicts.declare(session, EDIT, "nothing", " ")
        assert set(refused.value.errors) == {"topic", "text"}


class TestQueue:
    def test_the_queue_is_oldest_first_without_ones_own_work(self, people: Database) -> None:
        with acting(people, EDIT) as session:
            make_claim(session)
        number = propose(people, CARL, outcome="Pain")
        with people.reading() as session:
            waiting = review_queue.queue_of(session, View.WAITING, EDIT)
            mine = review_queue.queue_of(session, View.MINE, EDIT)
            every = review_queue.queue_of(session, View.ALL, None)
        assert [item.record.public_id for item in waiting.items] == [f"PRO-{number}"]
        assert [item.record.public_id for item in mine.items] == ["CLM-2"]
        assert [item.record.public_id for item in every.items] == ["CLM-2", f"PRO-{number}"]
        assert (every.n_all, waiting.n_waiting, mine.n_mine) == (2, 1, 1)

    def test_work_blocked_by_a_conflict_is_not_in_ones_queue(self, people: Database) -> None:
        propose(people, CARL, outcome="Pain")
        with acting(people, EDIT) as session:
            conflicts.declare(session, EDIT, "pain", "Shares.")
        with people.reading() as session:
            assert review_queue.queue_of(session, View.WAITING, EDIT).items == []
            assert [item.conflict for item in review_queue.queue_of(session, View.ALL, EDIT).items] == [True]
