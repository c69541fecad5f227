"""The expected policy, written independently of the table, and the set-up of each cell."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from claims_app.database import Change, Database
from claims_app.models import Claim, Proposal
from claims_app.permissions import Permission
from claims_app.services.records import proposals
from claims_app.services.records.kinds import form_values
from claims_app.services.review import decisions
from claims_app.vocabulary import Effect, ReviewState, Role, Via, Whose
from tests.factories import make_claim, make_evidence, make_study

S, A, R = ReviewState.SUBMITTED, ReviewState.ACCEPTED, ReviewState.REJECTED
OF_RECORDS = (S, A, R)
CURATING = (Role.CURATOR, Role.EDITOR, Role.ADMIN)
EDITING = (Role.EDITOR, Role.ADMIN)
# Permissions that are not about records; they have tests of their own.
ELSEWHERE = (
    Permission.MANAGE_ACCOUNTS,
    Permission.MANAGE_WEBHOOKS,
    Permission.OPERATE,
    Permission.COMMENT,
    Permission.FLAG,
    Permission.RESOLVE,
)


@dataclass(frozen=True)
class Cell:
    """One cell of the policy that can be tested through an interface."""

    review: bool
    role: Role
    permission: Permission
    whose: Whose
    state: ReviewState

    @property
    def of_proposal(self) -> bool:
        """Whether the cell is about a proposal."""
        return self.permission is Permission.WITHDRAW or (
            self.permission is Permission.REVIEW and self.state not in OF_RECORDS
        )


def cells(review: bool, role: Role) -> Iterator[Cell]:
    """Yield every testable cell about a record or a proposal."""
    for permission, whose, state in itertools.product(Permission, Whose, ReviewState):
        if permission in ELSEWHERE:
            continue
        about_records = permission not in (Permission.REVIEW, Permission.WITHDRAW)
        if about_records and state not in OF_RECORDS:
            continue
        yield Cell(review, role, permission, whose, state)


def expected(cell: Cell) -> Effect:
    """Return the expected effect."""
    if cell.role not in CURATING:
        return Effect.NO
    own, state = cell.whose is Whose.OWN, cell.state
    match cell.permission:
        case Permission.CREATE | Permission.RESTORE:
            return Effect.REVIEW if cell.review else Effect.NOW
        case Permission.EDIT | Permission.DELETE:
            if not cell.review:
                return Effect.NOW
            if state is A:
                return Effect.REVIEW
            return Effect.NOW if own else Effect.NO
        case Permission.APPRAISE:
            if not cell.review:
                return Effect.NOW
            return Effect.REVIEW if state is A else Effect.NO
        case Permission.REVIEW:
            if state is not S or (own and cell.review):
                return Effect.NO
            return Effect.NOW if own or cell.role in EDITING else Effect.NO
        case Permission.MERGE:
            allowed = EDITING if cell.review else CURATING
            return Effect.NOW if state is A and cell.role in allowed else Effect.NO
        case Permission.WITHDRAW:
            return Effect.NOW if own and state is S else Effect.NO
    raise AssertionError(cell)


def change_by(number: int, role: Role, *, review: bool) -> Change:
    """Return a change by the account with this number."""
    return Change(via=Via.WEB, actor_id=number, actor_role=role, summary="a reason", review=review)


def set_up(database: Database, cell: Cell, me: int, other: int) -> str:
    """Create the record or proposal that the cell is about, and return its identifier."""
    author = me if cell.whose is Whose.OWN else other
    by_author = change_by(author, Role.EDITOR, review=True)
    if cell.of_proposal:
        return _proposal(database, cell.state, by_author)
    if cell.permission is Permission.APPRAISE:
        return _claim_with_evidence(database, cell.state, author)
    with database.writing(by_author) as session:
        claim = make_claim(session)
        number = claim.id
    with database.writing(change_by(3, Role.EDITOR, review=True)) as session:
        claim = session.get_one(Claim, number)
        if cell.state is A:
            decisions.accept(session, claim, 1)
        elif cell.state is R:
            decisions.reject(session, claim, 1, "No.")
    if cell.permission is Permission.RESTORE:
        with database.writing(change_by(author, Role.EDITOR, review=False)) as session:
            claim = session.get_one(Claim, number)
            proposals.delete(session, claim, claim.version)
    return f"CLM-{number}"


def _claim_with_evidence(database: Database, state: ReviewState, author: int) -> str:
    # The evidence is accepted although the claim is not: it was accepted before the claim was restored.
    with database.writing(change_by(author, Role.EDITOR, review=False)) as session:
        item = make_evidence(session, study=make_study(session, design="cohort"))
        item.claim.review_state = state
        return item.claim.public_id


def _proposal(database: Database, state: ReviewState, by_author: Change) -> str:
    with database.writing(change_by(3, Role.EDITOR, review=False)) as session:
        number = make_claim(session).id
    with database.writing(by_author) as session:
        claim = session.get_one(Claim, number)
        made = proposals.change(session, claim, 1, {**form_values(session, claim), "outcome": "Pain"})
        assert isinstance(made, Proposal)
        proposal_id = made.id
    with database.writing(change_by(3, Role.EDITOR, review=True)) as session:
        proposal = session.get_one(Proposal, proposal_id)
        match state:
            case ReviewState.ACCEPTED:
                decisions.accept(session, proposal, 1)
            case ReviewState.REJECTED:
                decisions.reject(session, proposal, 1, "No.")
            case ReviewState.SUPERSEDED:
                decisions.decide(session, proposal, ReviewState.SUPERSEDED, "Another one was first.")
    if state is ReviewState.WITHDRAWN:
        with database.writing(by_author) as session:
            decisions.withdraw(session, session.get_one(Proposal, proposal_id), 1)
    return f"PRO-{proposal_id}"
