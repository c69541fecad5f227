"""`claims backup` and `claims restore`, as typed."""

import errno
import json
import os
import stat
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from tests.support.commands import Terminal


@pytest.fixture
def terminal(tmp_path: Path, seeded_url: str) -> Terminal:
    """A terminal on the seed."""
    return Terminal(tmp_path, seeded_url)


def test_a_backup_is_only_for_its_owner_says_what_it_lacks_and_comes_back(terminal: Terminal) -> None:
    said = terminal.run("backup", "all.zip").stdout
    file = terminal.folder / "all.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "Not in the backup: the files of releases" in said
    assert "the secret key" in said
    with zipfile.ZipFile(file) as archive:
        content = json.loads(archive.read("manifest.json"))["content"]
    assert content in said
    assert content in terminal.run("restore", "--dry-run", "all.zip").stdout
    restored = terminal.run("restore", "all.zip").stdout
    assert "The old file: " in restored
    assert "log in again" in restored
    assert [found.name for found in terminal.folder.iterdir() if found.name.startswith(".all")] == []


def test_a_file_that_exists_is_replaced_only_by_force(terminal: Terminal) -> None:
    file = terminal.folder / "all.zip"
    file.write_text("precious")
    assert "all.zip exists already" in terminal.run("backup", "all.zip", status=1).stderr
    assert file.read_text() == "precious"
    terminal.run("backup", "--force", "all.zip")
    assert zipfile.is_zipfile(file)


def test_a_damaged_file_is_refused_before_anything_is_touched(terminal: Terminal) -> None:
    file = terminal.folder / "all.zip"
    terminal.run("backup", "all.zip")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    before = sorted(terminal.folder.iterdir())
    assert "damaged" in terminal.run("restore", "all.zip", status=1).stderr
    assert sorted(terminal.folder.iterdir()) == before


def test_a_disk_on_which_files_have_one_name_takes_backups(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    arguments = ["backup", str(tmp_path / "all.zip")]
    assert app.test_cli_runner().invoke(args=arguments).exit_code == 0
    assert zipfile.is_zipfile(tmp_path / "all.zip")
    assert "exists already" in app.test_cli_runner().invoke(args=arguments).output
