"""The file of a backup: whatever happens to it on the way is noticed before anything of it is believed."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.formats.backup import (
    BadBackup,
    DamagedBackup,
    ForeignFile,
    Manifest,
    Sealed,
    TableRows,
    sealing,
)

MANIFEST = Manifest(
    schema="a15e1ea5e001",
    program="0.1.0",
    made_at="2026-11-28T12:00:00+00:00",
    database="sqlite 3.40.1",
    tables={"topics": TableRows({"id": "integer", "name": "text"}, 1, "0" * 64, 7, 1)},
    left_out={"sessions": "why"},
)


class Pipe:
    """Takes bytes, and knows no way back."""

    def __init__(self) -> None:
        self.taken = b""

    def write(self, data: bytes) -> None:
        self.taken += data


def a_backup() -> bytes:
    pipe = Pipe()
    with sealing(pipe) as archive:
        with archive.entry("tables/topics.txt") as write:
            write(b"1\tPain\n")
        with archive.entry("manifest.json") as write:
            write(MANIFEST.to_json())
    return pipe.taken


BACKUP = a_backup()


def read(data: bytes) -> Manifest:
    sealed = Sealed(io.BytesIO(data))
    for _ in sealed.check():
        pass
    return Manifest.from_json(sealed.read("manifest.json"))


def test_what_was_written_is_read() -> None:
    assert read(BACKUP) == MANIFEST


def test_any_zip_program_opens_it() -> None:
    with zipfile.ZipFile(io.BytesIO(BACKUP)) as archive:
        assert archive.testzip() is None
        assert archive.read("tables/topics.txt") == b"1\tPain\n"


@given(st.integers(0, len(BACKUP) * 8 - 1))
def test_a_flipped_bit_anywhere_is_refused(place: int) -> None:
    data = bytearray(BACKUP)
    data[place // 8] ^= 1 << place % 8
    with pytest.raises(BadBackup):
        read(bytes(data))


@given(st.integers(0, len(BACKUP) - 1))
def test_a_file_that_was_cut_off_is_refused(length: int) -> None:
    with pytest.raises(BadBackup):
        read(BACKUP[:length])


@given(st.binary(min_size=1, max_size=9))
def test_a_file_with_more_at_its_end_is_refused(more: bytes) -> None:
    with pytest.raises(DamagedBackup):
        read(BACKUP + more)


def test_another_archive_and_another_file_are_foreign() -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", "hello")
    for data in (other.getvalue(), b"SQLite format 3\0" + bytes(4096), b""):
        with pytest.raises(ForeignFile):
            read(data)


def test_a_manifest_of_a_newer_format_asks_for_a_newer_program() -> None:
    newer = MANIFEST.to_json().replace(b'"version": 1', b'"version": 2')
    with pytest.raises(BadBackup, match="newer version"):
        Manifest.from_json(newer)


@pytest.mark.parametrize(
    ("before", "after"),
    [(b'"id": "integer"', b'"id": "text"'), (b'"topics"', b'"topics; --"'), (b"{", b"[")],
)
def test_a_manifest_that_was_changed_is_refused(before: bytes, after: bytes) -> None:
    changed = MANIFEST.to_json().replace(before, after)
    with pytest.raises(DamagedBackup):
        Manifest.from_json(changed)


def test_equal_data_has_an_equal_content_hash_whenever_and_wherever_it_was_saved() -> None:
    other = Manifest("a15e1ea5e001", "9", "2027-01-01", "postgresql 18.6", MANIFEST.tables, {})
    assert other.content == MANIFEST.content
    changed = {"topics": TableRows({"id": "integer", "name": "text"}, 1, "1" * 64, 7, 1)}
    assert Manifest("a15e1ea5e001", "9", "", "", changed, {}).content != MANIFEST.content
