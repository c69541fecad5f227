"""`claims release`, run as a user runs it."""

import json
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from claims_app.cli.release import _warn
from claims_app.database import Database
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim
from tests.support.commands import Terminal


@pytest.fixture
def made(tmp_path: Path, database: Database, database_url: str) -> Terminal:
    """A folder with a release of two claims."""
    with database.writing(BY_TEST) as session:
        make_claim(session)
        make_appraisal(session)
    terminal = Terminal(tmp_path, database_url)
    terminal.environment["CLAIMS_CREATORS"] = "Doe, Jane (0000-0002-1825-0097)"
    terminal.environment["CLAIMS_LICENSE"] = "https://creativecommons.org/licenses/by/4.0/"
    done = terminal.run("release", "create", "2026.11", "--note", "The first.")
    assert "claims: 2" in done.stdout
    assert "low certainty: 1, not assessed: 1" in done.stdout
    return terminal


def test_a_release_from_its_making_to_its_deposit(made: Terminal) -> None:
    archive = made.folder / "instance/releases/2026.11/claims-2026.11.zip"
    assert made.run("release", "list").stdout.startswith("2026.11  ")
    shown = json.loads(made.run("release", "show", "2026.11", "--json").stdout)
    assert (shown["counts"]["claims"], shown["note"]) == (2, "The first.")
    assert "Doe, J. (" in made.run("release", "show", "2026.11").stdout
    assert "already" in made.run("release", "create", "2026.11", status=1).stderr

    whole = archive.read_bytes()
    shutil.rmtree(archive.parent)
    assert "files missing" in made.run("release", "list").stdout
    assert "Files of the release 2026.11 are missing." in made.run("check").stdout
    made.run("release", "build", "2026.11")
    assert archive.read_bytes() == whole

    made.run("release", "deposit", "2026.11", "-o", "deposit")
    deposit = json.loads((made.folder / "deposit/deposit.json").read_text())["metadata"]
    assert deposit["creators"] == [{"name": "Doe, Jane", "orcid": "0000-0002-1825-0097"}]
    assert (made.folder / "deposit/files/claims-2026.11.zip").read_bytes() == whole


def test_what_a_release_cannot_get_later_is_said_before_it_is_made(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    terminal = Terminal(tmp_path, database_url)
    # Nobody can be asked here, so the release is made.
    said = terminal.run("release", "create", "2026.11").stderr
    assert "begin with http://127.0.0.1:8000" in said
    assert "Set CLAIMS_BASE_URL" in said
    assert "Set CLAIMS_LICENSE" in said
    terminal.environment["CLAIMS_BASE_URL"] = "https://claims.example.org"
    terminal.environment["CLAIMS_LICENSE"] = "https://creativecommons.org/licenses/by/4.0/"
    assert "Warning" not in terminal.run("release", "create", "2026.12").stderr


@pytest.mark.parametrize(
    ("lacking", "ask", "status"),
    [(["No licence."], True, 1), (["No licence."], False, 0), ([], True, 0)],
)
def test_who_is_at_a_terminal_is_asked(lacking: list[str], ask: bool, status: int) -> None:
    asking = click.Command("asking", callback=lambda: _warn(lacking, ask=ask))
    assert CliRunner().invoke(asking, input="n\n").exit_code == status


def test_releases_are_compared_by_version_and_by_path(made: Terminal) -> None:
    by_version = made.run("release", "diff", "2026.11", "2026.11", "--json").stdout
    folder = made.folder / "instance/releases"
    paths = [str(folder / "2026.11/claims-2026.11.zip"), str(folder / "2026.11/claims-2026.11")]
    assert made.run("release", "diff", *paths, "--json").stdout == by_version
    assert "No claim, evidence level" in made.run("release", "diff", *paths).stdout
    assert "no release 9" in made.run("release", "diff", "9", "2026.11", status=1).stderr


def test_anyone_can_verify_a_release_without_a_database(
    made: Terminal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copy(made.folder / "instance/releases/2026.11/claims-2026.11.zip", elsewhere / "a.zip")
    anyone = Terminal(elsewhere)
    known = json.loads(made.run("release", "show", "2026.11", "--json").stdout)["sha256"]
    found = anyone.run("release", "verify", "a.zip", "--sha256", known.upper()).stdout
    assert found.endswith("No problems found.\n")
    assert f"SHA-256 of SHA256SUMS: {known}\nSHA-256 of the archive: " in found
    other = anyone.run("release", "verify", "a.zip", "--sha256", "0" * 64, status=1).stdout
    assert f"Problem: These are not the files with the SHA-256 {'0' * 64}." in other

    shutil.unpack_archive(elsewhere / "a.zip", elsewhere)
    claims = elsewhere / "claims-2026.11/claims.csv"
    claims.write_bytes(claims.read_bytes().replace(b"CLM-2,", b"CLM-1,", 1))
    refused = anyone.run("release", "verify", "claims-2026.11", status=1)
    assert "Problem: claims.csv was changed: its SHA-256 is not the one in SHA256SUMS." in refused.stdout
    assert "Problem: claims.csv, row 2: claim_id is CLM-1, as in an earlier row." in refused.stdout
    assert "problems were found" in refused.stderr
    assert {path.name for path in elsewhere.iterdir()} == {"a.zip", "claims-2026.11"}


def test_a_damaged_archive_is_said_to_be_damaged(made: Terminal) -> None:
    archive = made.folder / "instance/releases/2026.11/claims-2026.11.zip"
    whole = archive.read_bytes()
    place = whole.index(b"claims-2026.11/claims.csv") + 100
    archive.write_bytes(whole[:place] + b"\xff" * 9 + whole[place + 9 :])
    for command in (("verify", str(archive)), ("diff", str(archive), str(archive))):
        refused = made.run("release", *command, status=1).stderr
        assert "claims-2026.11.zip cannot be read as an archive: “claims-2026.11/claims.csv” in it" in refused
        assert "Traceback" not in refused
    assert "was changed" in made.run("release", "deposit", "2026.11", "-o", "deposit", status=1).stderr


def test_the_folder_and_the_archive_beside_it_are_both_checked(made: Terminal) -> None:
    both = made.folder / "instance/releases/2026.11"
    whole = made.run("release", "verify", str(both)).stdout
    assert "Checked the folder claims-2026.11 and the archive claims-2026.11.zip.\n" in whole
    assert "SHA-256 of the archive: " in whole

    archive = both / "claims-2026.11.zip"
    archive.write_bytes(archive.read_bytes()[:-100])
    damaged = made.run("release", "verify", str(both), status=1)
    assert "Problem in claims-2026.11.zip: " in damaged.stdout
    assert "1 problem was found." in damaged.stderr


def test_a_folder_with_the_archive_of_another_release_is_noticed(made: Terminal) -> None:
    made.run("release", "create", "2026.12")
    releases = made.folder / "instance/releases"
    shutil.copy(releases / "2026.12/claims-2026.12.zip", releases / "2026.11/claims-2026.11.zip")
    found = made.run("release", "verify", str(releases / "2026.11"), status=1).stdout
    assert "Problem in claims-2026.11.zip: Its SHA256SUMS is not the one of the folder" in found


def test_what_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert "nothing.zip does not exist" in terminal.run("release", "verify", "nothing.zip", status=1).stderr
