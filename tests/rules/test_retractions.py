"""What several notices about a paper come to."""

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
def test_the_newest_decides_and_only_a_reinstatement_brings_back(
    natures: list[NoticeNature], expected: Standing
) -> None:
    notices = [Notice(at, nature, datetime.date(2020 + at, 1, 1)) for at, nature in enumerate(natures, 1)]
    for order in (notices, notices[::-1]):
        found = verdict(order)
        assert found is not None
        assert found.standing is expected


def test_no_notice_says_nothing() -> None:
    assert verdict([]) is None


def test_a_notice_without_a_date_comes_first() -> None:
    found = verdict([Notice(2, R), Notice(1, B, datetime.date(2020, 1, 1))])
    assert found is not None
    assert found.standing is Standing.REINSTATED


def test_what_was_replaced_is_said_so_and_how_it_was_taken_back_is_for_a_curator() -> None:
    found = verdict([Notice(1, R, reasons="Error in Data; Retract and Replace")])
    assert found is not None
    assert found.standing is Standing.RETRACTED_AND_REPLACED
    assert found.says(Standing.WITHDRAWN)
    assert not found.says(Standing.CORRECTED)
