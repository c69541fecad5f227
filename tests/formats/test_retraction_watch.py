"""Reading the Retraction Watch CSV, whatever its bytes are."""

import contextlib
import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.formats.retraction_watch import (
    NotRetractionWatch,
    RefusedRow,
    Row,
    WithoutIdentifier,
    read,
)
from claims_app.rules.retractions import Notice
from claims_app.vocabulary import NoticeNature
from tests.support.retraction_watch import HEADER, REAL, file_of, line, real_file, row


def rows_of(content: bytes) -> list[Row]:
    """Return the rows read from a file."""
    return list(read(io.BytesIO(content)))


def notice(content: bytes) -> Notice:
    """Return the only notice of a file with this row."""
    (found,) = rows_of(file_of(content))
    assert isinstance(found, Notice), found
    return found


def test_real_rows_in_their_mixed_encoding_are_read() -> None:
    rows = rows_of(real_file())
    notices = {found.number: found for found in rows if isinstance(found, Notice)}
    assert set(notices) == {int(cells[0]) for cells in REAL} - {70548}
    assert [type(found) for found in rows if not isinstance(found, Notice)] == [WithoutIdentifier]
    assert {found.title for found in notices.values()} == {"Wirkung von „Schmerz“ – ein Überblick"}
    reinstated = notices[49720]
    assert reinstated.nature is NoticeNature.REINSTATEMENT
    assert str(reinstated.on) == "2023-11-21"
    assert (reinstated.doi, reinstated.pmid) == ("10.1161/hcq.0000000000000125", "37988442")
    assert (reinstated.original_doi, reinstated.original_pmid) == (
        "10.1161/circoutcomes.120.007778",
        "33926210",
    )
    assert notices[40040].original_doi == "10.1002/1096-9098(200007)74:3<201::aid-jso8>3.0.co;2-5"
    assert notices[50438].pmid is notices[50438].original_pmid is None
    assert notices[50438].reasons.startswith("Concerns/Issues About Data; Concerns/Issues About Results;")


@pytest.mark.parametrize(
    ("text", "expected"), [("12/31/1999 0:00", "1999-12-31"), ("2020-02-03", "2020-02-03"), ("", "None")]
)
def test_a_date_is_month_day_and_year(text: str, expected: str) -> None:
    assert str(notice(row(on=text)).on) == expected


@pytest.mark.parametrize("nature", ["retraction", "Expression of Concern", " CORRECTION ", "Reinstatement"])
def test_kinds_of_notices_are_read_in_any_case(nature: str) -> None:
    assert notice(row(nature=nature)).nature.label.lower() == nature.strip().lower()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (row(number="x"), "“x” is not a record number."),
        (row(number="0"), "“0” is not a record number"),
        (row(number="9" * 30), "is not a record number"),
        (row(nature="Mystery"), "Record 1: unknown kind of notice “Mystery”."),
        (row(on="13/13/2020 0:00"), "“13/13/2020 0:00” is not a date."),
        (line("1", "only two cells"), "unknown kind of notice “”."),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_its_line(content: bytes, reason: str) -> None:
    first, refused, last = rows_of(file_of(row(), content, row()))
    assert isinstance(first, Notice)
    assert isinstance(refused, RefusedRow)
    assert refused.line == 3
    assert reason in refused.reason
    assert isinstance(last, Notice)


@pytest.mark.parametrize("missing", ["unavailable", "Unavailable", "0", "", " ", "no doi"])
def test_missing_identifiers_are_none(missing: str) -> None:
    assert rows_of(file_of(row(original_doi=missing, original_pmid="0"))) == [WithoutIdentifier(2)]
    assert notice(row(original_doi=missing, original_pmid="31579114")).original_doi is None
    assert notice(row(notice_doi=missing, notice_pmid=missing)).doi is None


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff", b"a,b\n1,2\n", HEADER.replace(b"OriginalPaperDOI", b"DOI")]
)
def test_another_file_is_refused_by_its_columns(content: bytes) -> None:
    with pytest.raises(NotRetractionWatch, match="not the Retraction Watch CSV"):
        rows_of(content)


def test_an_unclosed_quotation_mark_affects_only_some_rows() -> None:
    rows = rows_of(file_of(b'1,"never closed\n', *[row(str(number)) for number in range(2, 3000)]))
    assert any(isinstance(found, RefusedRow) for found in rows)
    assert sum(isinstance(found, Notice) for found in rows) > 2000


@given(
    st.lists(
        st.one_of(st.binary(max_size=200), st.just(row()), st.sampled_from([b'"', b"\n", b"\r", b","])),
        max_size=8,
    )
)
def test_any_bytes_after_the_header_are_reported(parts: list[bytes]) -> None:
    for found in rows_of(HEADER + b"".join(parts)):
        assert isinstance(found, Notice | RefusedRow | WithoutIdentifier)


@given(st.binary(max_size=300))
def test_any_bytes_are_reported_or_refused(content: bytes) -> None:
    with contextlib.suppress(NotRetractionWatch):
        rows_of(content)


class _Endless(io.RawIOBase):
    """A file of many rows that is never in memory."""

    def __init__(self, count: int) -> None:
        self._parts: Iterator[bytes] = (HEADER if n == 0 else row(str(n)) for n in range(count))
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while len(self._rest) < len(buffer):
            part = next(self._parts, b"")
            if not part:
                break
            self._rest += part
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def test_memory_does_not_grow_with_the_file() -> None:
    peaks = []
    for count in (2_000, 8_000):
        tracemalloc.start()
        assert sum(1 for _ in read(io.BufferedReader(_Endless(count)))) == count - 1
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
