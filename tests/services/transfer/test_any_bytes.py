"""Any uploaded bytes are either planned as rows or refused with a message; they never cause a crash."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims_app.database import Database
from claims_app.services.core.errors import Refused
from claims_app.services.transfer.importing import files
from claims_app.services.transfer.importing.seen import Seen
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_study

RECORDS = sorted(Path(__file__).parents[2].joinpath("formats", "records").rglob("*.*"))
REAL = [path.read_bytes()[:6000] for path in RECORDS if path.suffix not in (".md", ".py")]
OURS = [
    b"claim_id,statement,kind,version\r\nCLM-1,Mice sleep.,association,1\r\n,New,treatment,\r\n",
    b"\xef\xbb\xbfstudy_id;title;year\r\nSTU-1;A study;2020\r\n;Another;1.2E+15\r\n",
    b"evidence_id\tclaim_id\tstudy_id\tdirection\r\n\tCLM-1\tSTU-1\tsupports\r\n",
    b"limitation_id,claim_id,kind,text\r\n,CLM-1,other,Small.\r\n",
]
pieces = st.one_of(
    st.binary(max_size=60), st.sampled_from([b"\0", b"\r", b'"', b"<!DOCTYPE a [", b"{" * 40, b"ER  - "])
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a real file with a part removed or replaced, or truncated."""
    data = draw(st.sampled_from(REAL + OURS))
    begin = draw(st.integers(0, len(data)))
    end = draw(st.integers(begin, min(len(data), begin + 200)))
    return data[:begin] + draw(pieces) + (data[end:] if draw(st.booleans()) else b"")


def preview(database: Database, data: bytes) -> None:
    """Plan the import of a file as the page and the command do, without saving anything."""
    try:
        opened = files.open_file(data)
    except Refused:
        return
    with database.writing(BY_TEST) as session:
        make_claim(session)
        make_study(session)
        session.flush()
        for row in files.plan(session, opened, opened.rows, Seen(), "http://localhost"):
            assert row.as_json()
            assert row.line >= 0
        session.rollback()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.one_of(mutated(), st.binary(max_size=300)))
def test_any_bytes_are_planned_or_refused(database: Database, data: bytes) -> None:
    preview(database, data)
