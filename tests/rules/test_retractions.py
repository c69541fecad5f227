"""The standing of a paper after several notices."""

import datetime

import pytest

from claims_app.rules.retractions import Notice, verdict
from claims_app.vocabulary import NoticeNature, Standing

R, C, E, B = (
    NoticeNature.RETRACTION,
    NoticeNature.CORRECTION,
    NoticeNature.EXPRESSION_OF_CONCERN,
    NoticeNature.REINSTATEMENT,
)


@pytest.mark.parametrize(
    ("natures", "expected"),
    [
        ([R], Standing.RETRACTED),
        ([C], Standing.CORRECTED),
        ([E], Standing.EXPRESSION_OF_CONCERN),
        ([B], Standing.REINSTATED),
        ([E, R], Standing.RETRACTED),
        ([R, B], Standing.REINSTATED),
        ([R, B, R], Standing.RETRACTED),
        ([R, C], Standing.RETRACTED),
        ([R, E], Standing.RETRACTED),
        ([C, E], Standing.EXPRESSION_OF_CONCERN),
        ([E, C], Standing.CORRECTED),
        ([R, B, C], Standing.CORRECTED),
    ],
)
def test_the_newest_notice_decides_and_only_a_reinstatement_reverses_a_retraction(
    natures: list[NoticeNature], expected: Standing
) -> None:
    notices = [Notice(at, nature, datetime.date(2020 + at, 1, 1)) for at, nature in enumerate(natures, 1)]
    for order in (notices, notices[::-1]):
        found = verdict(order)
        assert found is not None
        assert found.standing is expected


def test_without_notices_there_is_no_outcome() -> None:
    assert verdict([]) is None


def test_a_notice_without_a_date_comes_first() -> None:
    found = verdict([Notice(2, R), Notice(1, B, datetime.date(2020, 1, 1))])
    assert found is not None
    assert found.standing is Standing.REINSTATED


def test_a_replaced_paper_is_marked_and_curators_decide_on_the_kind_of_retraction() -> None:
    found = verdict([Notice(1, R, reasons="Error in Data; Retract and Replace")])
    assert found is not None
    assert found.standing is Standing.RETRACTED_AND_REPLACED
    assert found.says(Standing.WITHDRAWN)
    assert not found.says(Standing.CORRECTED)
