"""Time travel: the life of a claim, written down step by step, and then asked for at every point."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import pytest

from claims_app.database import WriteSession
from claims_app.models import Claim, EvidenceItem, Limitation, Study
from claims_app.services import claims, evidence, records, reverting, studies
from claims_app.vocabulary import RecordType
from tests.conftest import BY_TEST
from tests.factories import (
    CLAIM,
    EVIDENCE,
    STUDY,
    make_appraisal,
    make_claim,
    make_evidence,
    make_limitation,
    make_study,
)
from tests.support.browsing import Browser

Step = Callable[[WriteSession], object]

BEGINNING = datetime.datetime(2024, 1, 10, 9, 30, 15, 123456, datetime.UTC)
BETWEEN_STEPS = datetime.timedelta(days=20, hours=5, minutes=1)

PAGES = (
    "/claims",
    "/claims?sort=updated",
    "/claims?level=low",
    "/claims?topic=pain",
    "/claims?needs=appraisal",
    "/claims?species=mouse",
    "/claims/CLM-1",
    "/claims/CLM-1/appraisals",
    "/claims/CLM-2",
    "/studies?sort=year",
    "/studies?standing=retracted",
    "/studies/STU-1",
    "/studies/STU-2",
    "/appraisals/APR-1",
    "/claims.csv",
    "/claims.csv?sort=level",
    "/studies.csv",
    "/evidence.csv",
    "/limitations.csv",
    "/appraisals.csv",
)


def _create(session: WriteSession) -> None:
    make_claim(session, statement="Antibodies are raised.", topics=["Pain"], outcome="titres")


def _add_evidence(session: WriteSession) -> None:
    study = make_study(session, title="First study", design="case_control", year=2020, species=["human"])
    make_evidence(session, session.get_one(Claim, 1), study, n_cases=40, n_controls=40)


def _limit(session: WriteSession) -> None:
    make_limitation(session, session.get_one(Claim, 1), text="One centre.", domain="imprecision")
    make_limitation(session, session.get_one(EvidenceItem, 1), text="Few people.")


def _appraise(session: WriteSession) -> None:
    make_appraisal(
        session,
        session.get_one(Claim, 1),
        risk_of_bias_tool="quips",
        risk_of_bias="0",
        inconsistency="0",
        indirectness="0",
        imprecision="0",
        publication_bias="0",
        large_effect="0",
        dose_response_gradient="0",
        opposing_confounding="0",
    )


def _reword(session: WriteSession) -> None:
    claim = session.get_one(Claim, 1)
    raw = {**CLAIM, "statement": "Antibodies may be raised.", "topics": ["Pain", "Fatigue"]}
    claims.update_claim(session, claim, claim.version, raw)


def _add_to_the_study(session: WriteSession) -> None:
    study = session.get_one(Study, 1)
    raw = {**STUDY, "title": "First study", "design": "case_control", "year": "2020"}
    studies.update_study(
        session, study, study.version, {**raw, "species": ["human", "mouse"], "group": "Lab"}
    )


def _add_a_preprint(session: WriteSession) -> None:
    preprint = make_study(session, title="Second study", publication_state="preprint", year=2023, group="Lab")
    make_evidence(session, session.get_one(Claim, 1), preprint, direction="contradicts")
    studies.attach_text(session, preprint, {"label": "Full text", "content": "All of the words."})


def _retract(session: WriteSession) -> None:
    study = session.get_one(Study, 1)
    raw = {**STUDY, "title": "First study", "design": "case_control", "year": "2020", "group": "Lab"}
    retracted = {"standing": "retracted", "standing_date": "2024-07-01", "standing_reason": "Invented data."}
    studies.update_study(session, study, study.version, {**raw, **retracted})


def _change_the_evidence(session: WriteSession) -> None:
    item = session.get_one(EvidenceItem, 2)
    raw = {**EVIDENCE, "study_id": "STU-2", "direction": "null", "summary": "Nothing was found."}
    evidence.update_evidence(session, item, item.version, raw)


def _delete_a_limitation(session: WriteSession) -> None:
    limitation = session.get_one(Limitation, 1)
    evidence.delete_limitation(session, limitation, limitation.version)


def _delete_the_evidence(session: WriteSession) -> None:
    limitation = session.get_one(Limitation, 2)
    evidence.delete_limitation(session, limitation, limitation.version)
    for number in (1, 2):
        item = session.get_one(EvidenceItem, number)
        evidence.delete_evidence(session, item, item.version)


def _restore_the_evidence(session: WriteSession) -> None:
    reverting.restore(session, RecordType.EVIDENCE, "EVD-2")


def _create_another(session: WriteSession) -> None:
    make_claim(session, statement="Another claim.", topics=["Pain"])


def _delete_the_other(session: WriteSession) -> None:
    claim = session.get_one(Claim, 2)
    claims.delete_claim(session, claim, claim.version)


def _restore_the_other(session: WriteSession) -> None:
    reverting.restore(session, RecordType.CLAIM, "CLM-2")


def _go_back_to_the_old_words(session: WriteSession) -> None:
    claim = records.get(session, Claim, 1)
    reverting.revert(session, claim, claim.version, 1)


LIFE: tuple[Step, ...] = (
    _create,
    _add_evidence,
    _limit,
    _appraise,
    _reword,
    _create_another,
    _add_to_the_study,
    _add_a_preprint,
    _appraise,
    _delete_the_other,
    _retract,
    _change_the_evidence,
    _restore_the_other,
    _delete_a_limitation,
    _delete_the_evidence,
    _restore_the_evidence,
    _go_back_to_the_old_words,
)


@dataclass
class Seen:
    """What a page was like: its status, its words and its links, or the bytes of a file."""

    status: int
    content: object


@dataclass
class Life:
    """The pages as they were after each step, and before the first."""

    browser: Browser
    seen: dict[datetime.datetime, dict[str, Seen]]

    def set_clock(self, moment: datetime.datetime) -> None:
        """Let it be `moment`."""
        self.browser.database.clock = lambda: moment

    def look(self, as_of: str | None = None) -> dict[str, Seen]:
        """Return what the pages are like."""
        return {page: self._look_at(page, as_of) for page in PAGES}

    def _look_at(self, page: str, as_of: str | None) -> Seen:
        sign = "&" if "?" in page else "?"
        answer = self.browser.get(f"{page}{sign}as_of={as_of}" if as_of else page, status="*")
        if ".csv" in page:
            return Seen(answer.status_int, answer.body)
        main = answer.html.select_one("main")
        banner = main.select_one("#as-of")
        assert (banner is not None) is (as_of is not None), page
        if banner is not None:
            banner.decompose()
        # What one filters by is not what one sees.
        for form in main.select("form.filters"):
            form.decompose()
        links = [_without_moment(link["href"]) for link in main.select("a[href]")]
        return Seen(answer.status_int, (" ".join(main.get_text(" ").split()), links))


def _without_moment(address: str) -> str:
    path, _, query = address.partition("?")
    query, hash_, anchor = query.partition("#")
    kept = [pair for pair in query.split("&") if pair and not pair.startswith("as_of=")]
    return path + ("?" + "&".join(kept) if kept else "") + hash_ + anchor


@pytest.fixture
def life(browser: Browser) -> Life:
    """The scripted life, and what was seen on the way."""
    life = Life(browser, {})
    moment = BEGINNING
    for step in LIFE:
        life.set_clock(moment)
        with browser.database.writing(BY_TEST) as session:
            step(session)
        life.seen[moment] = life.look()
        moment += BETWEEN_STEPS
    life.set_clock(moment)
    return life


def test_every_moment_of_a_life_is_shown_again_as_it_was(life: Life) -> None:
    for moment, seen in life.seen.items():
        then = life.look(moment.isoformat().replace("+00:00", "Z"))
        for page in PAGES:
            assert then[page] == _as_not_there_yet(seen[page], then[page]), (moment, page)


def test_between_two_changes_the_past_is_as_the_first_left_it(life: Life) -> None:
    for moment, seen in list(life.seen.items())[::4]:
        for later in (
            moment.date() + datetime.timedelta(days=1),
            moment.date() + datetime.timedelta(days=19),
        ):
            then = life.look(later.isoformat())
            for page in ("/claims", "/claims.csv", "/evidence.csv", "/studies.csv", "/limitations.csv"):
                assert then[page] == seen[page], (moment, later, page)


def test_each_step_of_the_life_was_one_that_can_be_seen(life: Life) -> None:
    pages = list(life.seen.values())
    for before, after in pairwise(pages):
        assert before != after
    statuses = [seen["/claims/CLM-2"].status for seen in pages]
    assert sorted(set(statuses)) == [200, 404, 410]


def test_before_the_first_record_there_is_nothing(life: Life) -> None:
    eve = BEGINNING - datetime.timedelta(days=1)
    then = life.look(eve.date().isoformat())
    assert then["/claims/CLM-1"].status == 404
    assert "There is no claim yet." in str(then["/claims"].content)
    for name in ("claims", "studies", "evidence", "limitations", "appraisals"):
        content = then[f"/{name}.csv"].content
        assert isinstance(content, bytes)
        assert content.count(b"\r\n") == 1


def test_a_moment_earlier_it_was_still_as_before(life: Life) -> None:
    moments = list(life.seen)
    for before, moment in pairwise(moments):
        eve = moment - datetime.timedelta(microseconds=1)
        then = life.look(eve.isoformat().replace("+00:00", "Z"))
        assert then["/claims.csv"] == life.seen[before]["/claims.csv"]
        assert then["/evidence.csv"] == life.seen[before]["/evidence.csv"]


def _as_not_there_yet(seen: Seen, then: Seen) -> Seen:
    """Return what was seen; of what was not there yet, more is known by now."""
    return then if seen.status == then.status == 404 else seen
