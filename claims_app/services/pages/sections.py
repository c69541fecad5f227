"""Which of the seldom filled sections of a page have content, asked in one query instead of one for each.

Most claims have no proposals, merges, comments, flags and watches, and most studies no proposals, merges, versions and
claims taken from them.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.orm import Session

from claims_app.models import Claim, Comment, Flag, Proposal, Study, Watch
from claims_app.services.core.filters import is_listed, is_not_merged
from claims_app.services.discussion.comments import about_claims
from claims_app.vocabulary import RecordType, ReviewState


@dataclass(frozen=True)
class ClaimSections:
    """The sections of the page of a claim that have content. Those of merged claims count as its own."""

    proposals: bool
    merged: bool
    comments: bool
    flags: bool
    watches: bool


@dataclass(frozen=True)
class StudySections:
    """The sections of the page of a study that have content."""

    proposals: bool
    merged: bool
    versions: bool
    origin: bool


def _any(*asked: Select[int]) -> Select[*tuple[Any, ...]]:
    """Return the query that says for each of the queries whether it finds a row."""
    return select(*(query.exists() for query in asked))


_NUMBER = bindparam("number", type_=Integer)

# Built once: that takes as long as asking them.
_OF_CLAIM = _any(
    select(Proposal.id).where(Proposal.claim_id == _NUMBER, Proposal.state == ReviewState.SUBMITTED),
    select(Claim.id).where(Claim.merged_into_id == _NUMBER),
    select(Comment.id).where(about_claims(Comment, [_NUMBER])),
    select(Flag.id).where(about_claims(Flag, [_NUMBER])),
    select(Watch.id).where(Watch.claim_id == _NUMBER, is_listed(Watch)),
)
_OF_STUDY = _any(
    select(Proposal.id).where(
        Proposal.target_type == RecordType.STUDY,
        Proposal.target_id == _NUMBER,
        Proposal.state == ReviewState.SUBMITTED,
    ),
    select(Study.id).where(Study.merged_into_id == _NUMBER),
    select(Study.id).where(Study.version_of_id == _NUMBER, is_not_merged(Study)),
    select(Claim.id).where(Claim.origin_study_id == _NUMBER, is_not_merged(Claim)),
)


def sections_of_claim(session: Session, number: int) -> ClaimSections:
    """Return which sections of a claim have content."""
    proposals, merged, comments, flags, watches = map(
        bool, session.execute(_OF_CLAIM, {"number": number}).one()
    )
    return ClaimSections(proposals, merged, comments or merged, flags or merged, watches)


def sections_of_study(session: Session, number: int) -> StudySections:
    """Return which sections of a study have content."""
    return StudySections(*map(bool, session.execute(_OF_STUDY, {"number": number}).one()))
