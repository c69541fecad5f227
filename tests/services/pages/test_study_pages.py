"""The page of a study: what could be long on it is bounded."""

from claims_app.database import Database
from claims_app.services.deduplication import merging
from claims_app.services.deduplication.merging import MergeChoices
from claims_app.services.pages.page_queries import show_study
from tests.conftest import BY_TEST
from tests.factories import make_study


def test_the_page_has_the_newest_merges_and_counts_the_others(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        kept = make_study(session)
        for _ in range(21):
            other = make_study(session)
            merging.merge(session, kept, other, (kept.version, other.version), MergeChoices())
            session.flush()
    with database.reading() as session:
        merges = show_study(session, "STU-1").merges
    assert [merge.merged_name for merge in merges.items] == [f"STU-{number}" for number in range(22, 2, -1)]
    assert merges.left == 1
