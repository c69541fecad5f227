"""What changed between two releases of a scripted history."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from claims_app.database import Database
from claims_app.formats.release.difference import MOST_LISTED, NotComparable, difference
from claims_app.models import Claim, EvidenceItem, Study
from claims_app.services.core.errors import TooBusy
from claims_app.services.deduplication import merging
from claims_app.services.records import claims, evidence, studies
from claims_app.services.releases import comparing
from claims_app.services.releases.store import Shelf
from tests.conftest import BY_TEST, copied, opened
from tests.factories import CLAIM, EVIDENCE, STUDY, make_appraisal, make_claim, make_evidence, make_study
from tests.support.databases import Templates
from tests.support.life import set_clock
from tests.support.releases import folder_of, make_release

BEGINNING = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def before(database: Database) -> None:
    """Make what the first release contains."""
    with database.writing(BY_TEST) as session:
        first = make_study(session, title="First study", design="case_control", year=2020)
        second = make_study(session, title="Second study")
        appraised = make_claim(session, statement="Antibodies are raised.")
        make_evidence(session, appraised, first)
        make_evidence(session, make_claim(session, statement="Pacing helps."), second)
        make_claim(session, statement="A claim that is deleted.")
        make_claim(session, statement="Antibodies are high.")
    with database.writing(BY_TEST) as session:
        make_appraisal(session, session.get_one(Claim, 1))


def between(database: Database) -> None:
    """Change what the second release contains."""
    with database.writing(BY_TEST) as session:
        claim, study, item = (
            session.get_one(Claim, 2),
            session.get_one(Study, 2),
            session.get_one(EvidenceItem, 2),
        )
        claims.update_claim(session, claim, claim.version, {**CLAIM, "statement": "Pacing may help."})
        retracted = {
            "standing": "retracted",
            "standing_date": "2026-01-05",
            "standing_reason": "Invented data.",
        }
        studies.update_study(session, study, study.version, {**STUDY, "title": "Second study", **retracted})
        raw = {**EVIDENCE, "study_id": "STU-2", "direction": "contradicts"}
        evidence.update_evidence(session, item, item.version, raw)
        deleted = session.get_one(Claim, 3)
        claims.delete_claim(session, deleted, deleted.version)
        third = make_study(session, title="Third study", design="randomised_trial", year=2026)
        make_evidence(session, session.get_one(Claim, 1), third, direction="contradicts")
        make_claim(session, statement="A new claim.")
    with database.writing(BY_TEST) as session:
        make_appraisal(session, session.get_one(Claim, 1), conclusion="mixed")
        kept, merged = session.get_one(Claim, 1), session.get_one(Claim, 4)
        merging.merge(session, kept, merged, (kept.version, merged.version), merging.MergeChoices())


@pytest.fixture(scope="module")
def pair(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any, Any]]:
    """The instance folder, and two releases."""
    folder = tmp_path_factory.mktemp("pair")
    with copied(templates, "sqlite", "schema") as url, opened(url) as database:
        set_clock(database, BEGINNING)
        before(database)
        first = make_release(database, folder, "1")
        set_clock(database, BEGINNING + datetime.timedelta(days=9))
        between(database)
        yield folder, first, make_release(database, folder, "2")


@pytest.fixture(scope="module")
def found(pair: tuple[Path, Any, Any]) -> dict[str, Any]:
    """What changed."""
    folder, first, second = pair
    return comparing.changes(Shelf(folder), first, second)


def listed(found: dict[str, Any], kind: str, *names: str) -> list[tuple[Any, ...]]:
    """Return some fields of the changes of a kind."""
    assert found["counts"][kind] == len(found["changes"][kind])
    return [tuple(one[name] for name in ("id", *names)) for one in found["changes"][kind]]


def test_levels_that_moved_come_with_the_reason_of_the_appraisal(found: dict[str, Any]) -> None:
    assert listed(found, "levels_moved", "level_before", "level", "appraisal") == [
        ("CLM-1", "low", "high", "APR-2")
    ]
    assert "Judged so in this test." in found["changes"]["levels_moved"][0]["reason"]


def test_conclusions_that_changed(found: dict[str, Any]) -> None:
    assert listed(found, "conclusions_changed", "conclusion_before", "conclusion") == [
        ("CLM-1", "supported", "mixed")
    ]


def test_claims_added_removed_and_reworded(found: dict[str, Any]) -> None:
    assert listed(found, "claims_added", "statement") == [("CLM-5", "A new claim.")]
    assert listed(found, "claims_removed", "merged_into") == [("CLM-3", None), ("CLM-4", "CLM-1")]
    assert listed(found, "claims_reworded", "before", "after") == [
        ("CLM-2", "Pacing helps.", "Pacing may help.")
    ]


def test_studies_added_and_retracted(found: dict[str, Any]) -> None:
    assert listed(found, "studies_added", "title") == [("STU-3", "Third study")]
    assert listed(found, "studies_retracted", "before", "after", "date", "reason") == [
        ("STU-2", "current", "retracted", "2026-01-05", "Invented data.")
    ]
    assert listed(found, "studies_corrected") == listed(found, "studies_removed") == []


def test_evidence_added_and_changed(found: dict[str, Any]) -> None:
    assert listed(found, "evidence_added", "claim", "study") == [("EVD-3", "CLM-1", "STU-3")]
    assert listed(found, "evidence_directions", "before", "after") == [("EVD-2", "supports", "contradicts")]


def test_nothing_changed_between_a_release_and_itself(pair: tuple[Path, Any, Any]) -> None:
    folder, _, second = pair
    same = comparing.changes(Shelf(folder), second, second)
    assert not any(same["counts"].values())
    assert same["rows"]["studies"] == [3, 3]


def test_backwards_what_was_added_is_removed(pair: tuple[Path, Any, Any]) -> None:
    folder, first, second = pair
    back = comparing.changes(Shelf(folder), second, first)
    assert listed(back, "claims_removed") == [("CLM-5",)]
    assert listed(back, "studies_corrected", "before", "after") == [("STU-2", "retracted", "current")]


def test_long_lists_are_cut_and_counted(pair: tuple[Path, Any, Any]) -> None:
    folder, first, second = pair
    files = [folder_of(folder, one) / "claims.sqlite" for one in (first, second)]
    cut = difference(*files, 1)
    assert (cut["counts"]["claims_removed"], len(cut["changes"]["claims_removed"])) == (2, 1)
    assert MOST_LISTED > 1


def test_what_is_no_release_is_not_compared(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("no database")
    with pytest.raises(NotComparable, match="not two releases"):
        difference(tmp_path / "a", tmp_path / "b")


def test_one_comparison_at_a_time_and_each_once(
    pair: tuple[Path, Any, Any], found: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, first, second = pair
    shelf = Shelf(folder)
    asked: list[Path] = []

    def meanwhile(*paths: Path) -> dict[str, Any]:
        asked.extend(paths)
        for one in (first, second):
            with pytest.raises(TooBusy, match="Try again"):
                comparing.changes(shelf, one, second)
        return difference(*paths)

    monkeypatch.setattr(comparing, "_FORM", 99)  # nothing is kept in this form
    monkeypatch.setattr(comparing, "difference", meanwhile)
    for _ in range(2):
        assert comparing.changes(shelf, first, second) == found
    assert len(asked) == 2
    assert [path.name for path in (folder / "releases/.changes").glob("*99*")] == ["1..2.99.json"]
