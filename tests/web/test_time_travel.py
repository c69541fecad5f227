"""Time travel: a scripted history of a claim, recorded step by step and then requested for each point."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest

from tests.conftest import application, copied
from tests.support.browsing import Browser
from tests.support.databases import Templates
from tests.support.life import BEGINNING, live

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
    "/studies.ris",
)


_ON_POSTGRESQL = (
    "/claims",
    "/claims/CLM-1",
    "/claims/CLM-2",
    *(page for page in PAGES if page.endswith(".csv")),
)
"""The files contain everything, so that a few pages are enough to try the past on another database."""


@dataclass
class Seen:
    """A snapshot of a page: its status, text and links, or the bytes of a file."""

    status: int
    content: object


@dataclass
class Life:
    """The pages before the first step and after each step."""

    browser: Browser
    pages: Sequence[str]
    seen: dict[datetime.datetime, dict[str, Seen]]

    def look(self, as_of: str | None = None, pages: Sequence[str] | None = None) -> dict[str, Seen]:
        """Return snapshots of the pages."""
        return {page: self._look_at(page, as_of) for page in pages or self.pages}

    def _look_at(self, page: str, as_of: str | None) -> Seen:
        sign = "&" if "?" in page else "?"
        answer = self.browser.get(f"{page}{sign}as_of={as_of}" if as_of else page, status="*")
        if "." in page:
            return Seen(answer.status_int, answer.body)
        main = answer.html.select_one("main")
        banner = main.select_one("#as-of")
        assert (banner is not None) is (as_of is not None), page
        if banner is not None:
            banner.decompose()
        # Filter values and the discussion are not part of the past.
        for aside in main.select("form.filters, section:has(> #discussion), [href='#discussion']"):
            aside.decompose()
        links = [_without_moment(link["href"]) for link in main.select("a[href]")]
        return Seen(answer.status_int, (" ".join(main.get_text(" ").split()), links))


def _without_moment(address: str) -> str:
    path, _, query = address.partition("?")
    query, hash_, anchor = query.partition("#")
    kept = [pair for pair in query.split("&") if pair and not pair.startswith("as_of=")]
    return path + ("?" + "&".join(kept) if kept else "") + hash_ + anchor


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def life(
    templates: Templates, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Life]:
    """A scripted history with the pages seen on the way; read-only."""
    with (
        copied(templates, request.param, "schema") as url,
        application(url, tmp_path_factory.mktemp("life")) as app,
    ):
        life = Life(Browser(app), _ON_POSTGRESQL if request.param == "postgresql" else PAGES, {})
        for moment in live(life.browser.database):
            life.seen[moment] = life.look()
        yield life


def test_every_past_version_is_shown_as_it_was(life: Life) -> None:
    for moment, seen in life.seen.items():
        then = life.look(moment.isoformat().replace("+00:00", "Z"))
        for page in life.pages:
            assert then[page] == _as_not_there_yet(seen[page], then[page]), (moment, page)


def test_between_two_changes_the_first_version_is_shown(life: Life) -> None:
    for moment, seen in list(life.seen.items())[::4]:
        for later in (
            moment.date() + datetime.timedelta(days=1),
            moment.date() + datetime.timedelta(days=19),
        ):
            pages = ("/claims", "/claims.csv", "/evidence.csv", "/studies.csv", "/limitations.csv")
            then = life.look(later.isoformat(), pages)
            for page in pages:
                assert then[page] == seen[page], (moment, later, page)


def test_each_step_of_the_history_can_be_shown(life: Life) -> None:
    pages = list(life.seen.values())
    for before, after in pairwise(pages):
        assert before != after
    statuses = [seen["/claims/CLM-2"].status for seen in pages]
    assert sorted(set(statuses)) == [200, 404, 410]


def test_before_the_first_record_there_is_nothing(life: Life) -> None:
    eve = BEGINNING - datetime.timedelta(days=1)
    then = life.look(eve.date().isoformat())
    assert then["/claims/CLM-1"].status == 404
    assert "No claims yet." in str(then["/claims"].content)
    for name in ("claims", "studies", "evidence", "limitations", "appraisals"):
        content = then[f"/{name}.csv"].content
        assert isinstance(content, bytes)
        assert content.count(b"\r\n") == 1


def test_just_before_a_change_the_old_version_is_shown(life: Life) -> None:
    moments = list(life.seen)
    for before, moment in pairwise(moments):
        eve = moment - datetime.timedelta(microseconds=1)
        pages = ("/claims.csv", "/evidence.csv")
        then = life.look(eve.isoformat().replace("+00:00", "Z"), pages)
        assert then == {page: life.seen[before][page] for page in pages}


def _as_not_there_yet(seen: Seen, then: Seen) -> Seen:
    """Return the snapshot; pages of records that did not exist yet have a different message now."""
    return then if seen.status == then.status == 404 else seen
