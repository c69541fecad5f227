"""Titles of notices, of articles that were retracted, and of replies."""

import pytest

from claims_app.rules.notices import is_marked_retracted, is_reply, notice_in, without_retraction_mark
from claims_app.vocabulary import NoticeNature

PACING = "A trial of pacing in fatigue"


@pytest.mark.parametrize(
    ("title", "nature"),
    [
        (f"Retraction: {PACING}", NoticeNature.RETRACTION),
        (f"RETRACTION – {PACING}", NoticeNature.RETRACTION),
        (f"Retraction notice to “{PACING}” [J. Pain 12 (2020) 1-9]", NoticeNature.RETRACTION),
        (f"Retraction Note to: {PACING}", NoticeNature.RETRACTION),
        (f"Retraction of “{PACING}”", NoticeNature.RETRACTION),
        (f"Statement of Retraction: {PACING}", NoticeNature.RETRACTION),
        (f"Notice of Retraction. {PACING}", NoticeNature.RETRACTION),
        (f"Partial retraction: {PACING}", NoticeNature.RETRACTION),
        (f"Retraction and replacement: {PACING}", NoticeNature.RETRACTION),
        (f"Withdrawal: {PACING}", NoticeNature.RETRACTION),
        (f"{PACING}: Retraction", NoticeNature.RETRACTION),
        (f"{PACING} (Retraction of vol 12, pg 3, 2010)", NoticeNature.RETRACTION),
        (f"Expression of concern: {PACING}", NoticeNature.EXPRESSION_OF_CONCERN),
        (f"Editorial Expression of Concern: {PACING}", NoticeNature.EXPRESSION_OF_CONCERN),
        (f"Expression of Concern: {PACING}", NoticeNature.EXPRESSION_OF_CONCERN),
        (f"Retract\u0130on: {PACING}", NoticeNature.RETRACTION),
        (f"{PACING} [Expression of Concern]", NoticeNature.EXPRESSION_OF_CONCERN),
        (f"Correction to: {PACING}", NoticeNature.CORRECTION),
        (f"Correction to {PACING}", NoticeNature.CORRECTION),
        (f"Publisher Correction: {PACING}", NoticeNature.CORRECTION),
        (f"Erratum for {PACING}", NoticeNature.CORRECTION),
        (f"Corrigendum: {PACING}", NoticeNature.CORRECTION),
        (f"{PACING} (vol 131, pg 12, 2021)", NoticeNature.CORRECTION),
        (f"{PACING}. Erratum", NoticeNature.CORRECTION),
        (f"Retraction of retraction: {PACING}", NoticeNature.REINSTATEMENT),
    ],
)
def test_a_notice_is_known_by_its_title(title: str, nature: NoticeNature) -> None:
    notice = notice_in(title)
    assert notice is not None
    assert (notice.nature, notice.about) == (nature, PACING)
    assert not is_marked_retracted(title)


@pytest.mark.parametrize(
    "title",
    [
        f"RETRACTED ARTICLE: {PACING}",
        f"RETRACTED: {PACING}",
        f"[Retracted] {PACING}",
        f"WITHDRAWN: {PACING}",
        f"{PACING} (Retracted article. See vol. 3, p. 4, 2010)",
    ],
)
def test_a_retracted_article_is_no_notice(title: str) -> None:
    assert notice_in(title) is None
    assert is_marked_retracted(title)
    assert without_retraction_mark(title) == PACING


@pytest.mark.parametrize(
    "title",
    [
        "Retraction of the tongue in infants",
        "Retraction of maxillary canines",
        "Withdrawal of antidepressants: a trial",
        "Opioids: withdrawal",
        "Correction of hyponatraemia in cirrhosis",
        "Corrections in prisons",
        "Expression of genes of concern",
        "Refractive error correction",
        "Brain retraction",
    ],
)
def test_titles_about_the_subject_are_no_notices(title: str) -> None:
    assert notice_in(title) is None
    assert not is_marked_retracted(title)
    assert not is_reply(title)


@pytest.mark.parametrize(
    "title",
    [
        f"Reply to: {PACING}",
        f"Comment on {PACING}",
        f"{PACING}: authors’ reply",
        f"Re: {PACING}",
        f"{PACING} (Comment)",
    ],
)
def test_a_reply_is_known_by_its_title(title: str) -> None:
    assert is_reply(title)
