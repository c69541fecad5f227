"""Releases: the same bytes whenever and wherever they are made, whole or not at all."""

import datetime
import json
import os
import shutil
import sqlite3
import zipfile
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from claims_app.database import Change, Database, OutcomeUnknown, WriteSession
from claims_app.formats.release.about import INCLUDED
from claims_app.models import Claim, WebhookDelivery
from claims_app.services.core.errors import Invalid, NotFound, Refused
from claims_app.services.records import claims
from claims_app.services.releases import building, deposit, moments, store
from claims_app.services.releases.content import Content
from claims_app.services.releases.store import Shelf
from claims_app.vocabulary import HookEvent, Via
from tests.conftest import BY_TEST, copied, on_one_database, opened
from tests.factories import CLAIM, make_claim, make_evidence, make_study, make_webhook
from tests.support.databases import Templates
from tests.support.life import live
from tests.support.releases import SITE, bytes_of, folder_of, make_release

IN_REVIEW = Change(via=Via.WEB, summary="a test", review=True)


def lived(database: Database) -> datetime.datetime:
    """Run the scripted history, and return its last moment."""
    *_, last = live(database)
    return last


def reword(database: Database, number: int) -> None:
    """Change a claim after a release."""
    with database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, number)
        raw = {**CLAIM, "statement": f"{claim.statement[:-1]}, as was found later.", "topics": ["Later"]}
        claims.update_claim(session, claim, claim.version, raw)


def test_a_release_built_again_after_later_changes_has_the_same_bytes(
    seeded: Database, tmp_path: Path
) -> None:
    release = make_release(seeded, tmp_path)
    first = bytes_of(tmp_path, release)
    reword(seeded, 1)
    shutil.rmtree(tmp_path / "releases")
    store.build_again(seeded, Shelf(tmp_path), release)
    assert bytes_of(tmp_path, release) == first


def test_the_same_history_gives_the_same_bytes_on_both_databases(
    templates: Templates, tmp_path: Path
) -> None:
    found = []
    for kind in ("sqlite", "postgresql"):
        with copied(templates, kind, "schema") as url, opened(url) as database:
            moment = lived(database)
            release = make_release(database, tmp_path / kind, moment=moment)
            found.append(bytes_of(tmp_path / kind, release))
    assert found[0] == found[1]


def test_only_accepted_records_and_the_groups_of_accepted_studies_are_included(
    database: Database, tmp_path: Path
) -> None:
    with database.writing(BY_TEST) as session:
        make_evidence(session, make_claim(session, topics=["pain"]), make_study(session, group="Known group"))
    with database.writing(IN_REVIEW) as session:
        make_claim(session)
        make_study(session, group="Unknown group")
    release = make_release(database, tmp_path)
    content = bytes_of(tmp_path, release)
    assert (release.counts["claims"], release.counts["studies"], release.counts["study_groups"]) == (1, 1, 1)
    assert b"Unknown group" not in content["study_groups.csv"]
    assert b"CLM-2" not in content["changes.csv"]
    assert INCLUDED in " ".join(content["README.md"].decode().split())


@on_one_database
def test_a_release_contains_drafts_and_withdrawn_claims(database: Database, tmp_path: Path) -> None:
    with database.writing(BY_TEST) as session:
        for status in ("draft", "withdrawn"):
            make_claim(session, status=status)
    assert make_release(database, tmp_path).counts["claims"] == 2


def leftovers(instance: Path) -> list[str]:
    """Return what a refused release has left behind."""
    return (
        [path.name for path in (instance / "releases").iterdir()] if (instance / "releases").exists() else []
    )


@on_one_database
def test_a_release_with_a_reference_that_leads_nowhere_is_refused(database: Database, tmp_path: Path) -> None:
    with database.writing(IN_REVIEW) as session:
        make_study(session)
    with database.writing(BY_TEST) as session:
        make_claim(session, origin_study_id="STU-1")
    with pytest.raises(
        Refused, match=r"claims\.csv, CLM-1: origin_study_id is STU-1, which is not in studies"
    ):
        make_release(database, tmp_path)
    assert leftovers(tmp_path) == []
    with database.reading() as session:
        assert store.list_releases(session) == []


@on_one_database
def test_a_release_whose_counts_do_not_match_is_refused(
    seeded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Content.count
    monkeypatch.setattr(Content, "count", lambda self, table: (counted(self, table) or 0) + 1)
    with pytest.raises(Refused, match="9 rows of topics were written, but there are 1"):
        make_release(seeded, tmp_path)
    assert leftovers(tmp_path) == []


@on_one_database
def test_a_release_that_cannot_be_saved_leaves_no_files(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr(building.archive, "write", fail)
    with pytest.raises(OSError, match="full"):
        make_release(database, tmp_path)
    assert leftovers(tmp_path) == []


@on_one_database
def test_what_a_killed_process_left_is_removed_a_day_later(database: Database, tmp_path: Path) -> None:
    for name, age in (("old", 2 * 86_400), ("new", 60)):
        left = tmp_path / "releases" / f".unfinished-{name}"
        left.mkdir(parents=True)
        os.utime(left, (left.stat().st_mtime - age,) * 2)
    make_release(database, tmp_path)
    assert sorted(leftovers(tmp_path)) == [".unfinished-new", "2026.11"]


@on_one_database
def test_a_release_that_cannot_be_committed_leaves_no_files(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: WriteSession) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr(WriteSession, "commit", fail)
    with pytest.raises(OSError, match="full"):
        make_release(database, tmp_path, moment=database.clock())
    assert leftovers(tmp_path) == []


@on_one_database
def test_the_files_stay_if_the_release_may_have_been_saved(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(_: WriteSession) -> None:
        raise OutcomeUnknown

    monkeypatch.setattr(WriteSession, "commit", lose)
    with pytest.raises(OutcomeUnknown):
        make_release(database, tmp_path, moment=database.clock())
    assert leftovers(tmp_path) == ["2026.11"]


@on_one_database
def test_a_version_is_used_once(database: Database, tmp_path: Path) -> None:
    first = make_release(database, tmp_path)
    kept = bytes_of(tmp_path, first)
    with pytest.raises(Refused, match=r"a release 2026\.11 already"):
        make_release(database, tmp_path)
    assert bytes_of(tmp_path, first) == kept


@on_one_database
def test_of_two_at_once_the_second_is_refused_and_the_files_of_the_first_stay(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = building.build

    def meanwhile(*arguments: object) -> building.Built:
        monkeypatch.setattr(store, "build", built)
        make_release(database, tmp_path, note="The first.")
        return built(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "build", meanwhile)
    with pytest.raises(Refused, match="already"):
        make_release(database, tmp_path, note="The second.")
    with database.reading() as session:
        [kept] = store.list_releases(session)
    assert kept.note == "The first."
    assert leftovers(tmp_path) == ["2026.11"]
    assert Shelf(tmp_path).is_whole(kept)


@on_one_database
def test_a_release_is_announced_to_webhooks(database: Database, tmp_path: Path) -> None:
    with database.writing(BY_TEST) as session:
        make_webhook(session, HookEvent.RELEASE_PUBLISHED)
    make_release(database, tmp_path)
    with database.reading() as session:
        [delivery] = session.scalars(select(WebhookDelivery)).all()
    sent = json.loads(delivery.body)["release"]
    assert (sent["url"], sent["counts"]["claims"]) == (f"{SITE}/releases/2026.11", 0)


@on_one_database
@pytest.mark.parametrize("version", ["", "v1", "../etc", "1/2", "1..2", "1.", "A1", "1 2", "1" * 31])
def test_a_version_must_be_fit_for_an_address(database: Database, tmp_path: Path, version: str) -> None:
    with pytest.raises(Invalid, match="cannot be a version"):
        make_release(database, tmp_path, version)


@on_one_database
def test_the_publisher_is_an_account(database: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no account “nobody”"):
        make_release(database, tmp_path, by="nobody")


def test_the_database_refuses_to_change_a_release(database: Database, tmp_path: Path) -> None:
    make_release(database, tmp_path)
    for statement in ("UPDATE releases SET note = 'x'", "DELETE FROM releases"):
        with (
            pytest.raises(DBAPIError, match="A release never changes"),
            database.engine.begin() as connection,
        ):
            connection.execute(text(statement))


@on_one_database
def test_files_that_come_out_different_do_not_replace_those_of_a_release(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = make_release(database, tmp_path)
    kept = bytes_of(tmp_path, release)
    monkeypatch.setattr(building.texts, "readme", lambda *_: "other")
    monkeypatch.setattr(store, "made_with", lambda: {**release.made_with, "pyarrow": "1.0"})
    with pytest.raises(
        Refused, match=r"different .* README\.md, SHA256SUMS, .*\.zip\..* pyarrow [\d.]+, here 1\.0\."
    ):
        store.build_again(database, Shelf(tmp_path), release)
    assert bytes_of(tmp_path, release) == kept


@on_one_database
def test_files_that_come_out_the_same_are_put_back_if_others_do_not(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = make_release(database, tmp_path)
    kept = bytes_of(tmp_path, release)
    shutil.rmtree(tmp_path / "releases/2026.11")
    monkeypatch.setattr(building.texts, "readme", lambda *_: "other")
    shelf = Shelf(tmp_path)
    with pytest.raises(Refused, match="The texts of another state of the program may be the cause"):
        store.build_again(database, shelf, release)
    there = {path.name: path.read_bytes() for path in shelf.files(release).iterdir()}
    lost = {"README.md", "SHA256SUMS", "claims-2026.11.zip"}
    assert there == {name: content for name, content in kept.items() if name not in lost}
    assert shelf.path(release, "claims.csv") is not None
    assert leftovers(tmp_path) == ["2026.11"]


@on_one_database
def test_a_release_of_another_schema_is_not_built_by_this_program(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = make_release(database, tmp_path)
    monkeypatch.setattr(store, "SCHEMA_VERSION", "2.0.0")
    with pytest.raises(Refused, match="version of the program that made it"):
        store.build_again(database, Shelf(tmp_path), release)


@on_one_database
def test_a_file_of_another_size_is_not_taken_for_that_of_the_release(
    database: Database, tmp_path: Path
) -> None:
    release = make_release(database, tmp_path)
    shelf = Shelf(tmp_path)
    assert shelf.path(release, "claims.csv") is not None
    assert shelf.path(release, "../claims-2026.11.zip") is None
    with (shelf.files(release) / "claims.csv").open("a") as file:
        file.write("x")
    assert shelf.path(release, "claims.csv") is None
    assert not shelf.is_whole(release)


def test_releases_are_listed_by_their_moment(database: Database, tmp_path: Path) -> None:
    moment = database.clock()
    make_release(database, tmp_path, "2", moment=moment)
    make_release(database, tmp_path, "1", moment=moment - datetime.timedelta(days=100))
    with database.reading() as session:
        newest, oldest = store.list_releases(session)
        assert [newest.version, oldest.version] == ["2", "1"]
        assert store.newest(session) is newest
        assert store.before(session, newest) is oldest
        assert store.before(session, oldest) is None


def test_a_release_contains_what_was_saved_just_before(database: Database, tmp_path: Path) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    release = make_release(database, tmp_path)
    assert release.counts["claims"] == 1


def test_a_release_contains_what_is_dated_later_because_the_clock_went_back(
    database: Database, tmp_path: Path
) -> None:
    now = datetime.datetime(2026, 11, 28, 9, tzinfo=datetime.UTC)
    database.clock = lambda: now
    with database.writing(BY_TEST) as session:
        make_claim(session)
    database.clock = lambda: now - datetime.timedelta(hours=1)
    assert make_release(database, tmp_path).counts["claims"] == 1


@pytest.mark.databases("postgresql")
def test_a_release_waits_for_transactions_that_began_before_it(database: Database, tmp_path: Path) -> None:
    waits: list[float] = []
    writing = database.writing(BY_TEST)
    session = writing.__enter__()
    make_claim(session)
    session.flush()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            writing.__exit__(None, None, None)

    moment = moments.moment_now(database, BY_TEST, wait)
    assert len(waits) >= 3
    with database.reading(moment) as past:
        assert past.get(Claim, 1) is not None


@pytest.mark.databases("postgresql")
def test_a_release_leaves_out_what_began_after_it_even_if_something_later_is_saved(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "SETTLED_AFTER", datetime.timedelta(seconds=1))
    with ExitStack() as slow:

        def wait(_: float) -> None:
            if not begun:
                begun.append(slow.enter_context(database.writing(BY_TEST)))
                make_claim(begun[0])
                with database.writing(BY_TEST) as fast:
                    make_claim(fast)

        begun: list[WriteSession] = []
        moment = moments.moment_now(database, BY_TEST, wait)
    # The first has been saved now: what is built again must be what was built before.
    with database.reading(moment) as past:
        assert past.scalars(select(Claim.id)).all() == []


@on_one_database
def test_a_deposit_has_the_metadata_and_the_files(seeded: Database, tmp_path: Path) -> None:
    release = make_release(
        seeded,
        tmp_path,
        creators=["Doe, Jane (0000-0002-1825-0097)"],
        license="https://creativecommons.org/licenses/by/4.0/",
    )
    paths = deposit.prepare(Shelf(tmp_path), release, tmp_path / "deposit")
    names = {path.name for path in paths}
    assert {"deposit.json", "claims-2026.11.zip", "README.md", "CITATION.cff"} < names
    assert (tmp_path / "deposit/files/claims-2026.11.zip").read_bytes() == Shelf(tmp_path).archive(
        release
    ).read_bytes()
    with pytest.raises(Refused, match="exists already"):
        deposit.prepare(Shelf(tmp_path), release, tmp_path / "deposit")


@on_one_database
@pytest.mark.parametrize(
    "name",
    [
        "claims-2026.11/README.md",
        "claims-2026.11/SHA256SUMS",
        "claims-2026.11/claims.sqlite",
        "claims-2026.11.zip",
    ],
)
def test_a_deposit_of_changed_files_is_refused(database: Database, tmp_path: Path, name: str) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    release = make_release(database, tmp_path, creators=["Doe, Jane"], license=licence)
    changed = tmp_path / "releases/2026.11" / name
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    with pytest.raises(Refused, match="was changed"):
        deposit.prepare(Shelf(tmp_path), release, tmp_path / "deposit")
    assert not (tmp_path / "deposit").exists()


@on_one_database
def test_a_deposit_without_creators_is_refused(database: Database, tmp_path: Path) -> None:
    release = make_release(database, tmp_path)
    with pytest.raises(Refused, match="Set CLAIMS_CREATORS"):
        deposit.prepare(Shelf(tmp_path), release, tmp_path / "deposit")
    assert not (tmp_path / "deposit").exists()


@on_one_database
def test_formulas_are_guarded_in_csv_and_kept_as_they_are_elsewhere(
    database: Database, tmp_path: Path
) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session, statement="=1+1 is a formula.")
    release = make_release(database, tmp_path)
    assert b"CLM-1,'=1+1 is a formula.," in bytes_of(tmp_path, release)["claims.csv"]
    with closing(sqlite3.connect(folder_of(tmp_path, release) / "claims.sqlite")) as file:
        assert file.execute("SELECT statement FROM claims").fetchall() == [("=1+1 is a formula.",)]


@on_one_database
def test_files_in_the_archive_are_dated_with_the_moment_of_the_release(
    database: Database, tmp_path: Path
) -> None:
    database.clock = lambda: datetime.datetime(2025, 3, 4, 5, 6, 8, tzinfo=datetime.UTC)
    release = make_release(database, tmp_path)
    with zipfile.ZipFile(Shelf(tmp_path).archive(release)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2025, 3, 4, 5, 6, 8)}


@on_one_database
def test_addresses_in_the_files_are_those_of_the_release(database: Database, tmp_path: Path) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    release = make_release(database, tmp_path)
    assert f"{SITE}/claims/CLM-1" in bytes_of(tmp_path, release)["claims.csv"].decode()
