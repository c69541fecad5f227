"""Pages in memory: within a limit in bytes, and only as long as they are valid."""

from hypothesis import given
from hypothesis import strategies as st

from claims_app.web.kept_pages import KeptPage, KeptPages


def _page(tag: str, length: int = 10) -> KeptPage:
    return KeptPage(tag, None, (("Content-Type", "text/html"),), b"x" * length)


def test_a_page_is_found_by_its_address_and_tag() -> None:
    kept = KeptPages(100_000)
    kept.keep("/", _page("a"))
    assert kept.get("/", "a") == _page("a")
    assert kept.get("/claims", "a") is None


def test_a_page_that_is_no_longer_valid_is_dropped() -> None:
    kept = KeptPages(100_000)
    kept.keep("/", _page("a"))
    assert kept.get("/", "b") is None
    assert kept.used == 0


def test_the_least_recently_used_page_is_dropped_first() -> None:
    kept = KeptPages(25_000)
    for number in range(9):
        kept.keep(str(number), _page("a", 2000))
        kept.get("0", "a")
    assert [kept.get(str(number), "a") is not None for number in range(9)] == [True, False] + [True] * 7


def test_a_large_page_is_not_kept() -> None:
    kept = KeptPages(80_000)
    kept.keep("/", _page("a", 10_000))
    assert kept.get("/", "a") is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 6000))))
def test_the_limit_holds(sent: list[tuple[int, int]]) -> None:
    kept = KeptPages(30_000)
    for address, length in sent:
        kept.keep(str(address), _page("a", length))
        assert kept.used <= kept.limit
    there = [page for address in range(10) if (page := kept.get(str(address), "a"))]
    assert kept.used == sum(page.size + 1 for page in there)
