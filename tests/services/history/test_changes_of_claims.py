"""The newest changes of some claims: the same for few and for many of them."""

import pytest
from pyroaring import BitMap

from claims_app.database import Database
from claims_app.services.history import changes
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence


@pytest.mark.parametrize("few", [0, 500])
def test_changes_of_these_claims_come_newest_first(
    database: Database, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(changes, "_FEW", few)
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
        make_claim(session)
        make_evidence(session, claim)
    with database.reading() as session:
        found = changes.latest_of_claims(session, BitMap([1]))
        assert [change.record_type.value for change in found] == ["evidence", "claim"]
        assert len(changes.latest_of_claims(session, BitMap([1]), most=1)) == 1
        assert changes.latest_of_claims(session, BitMap()) == []
