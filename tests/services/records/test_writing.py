"""Writing records through the services: quotes, duplicates, identifiers, locking."""

import threading

import pytest

from claims_app.database import Database, WriteSession
from claims_app.models import Claim, EvidenceItem, Study, unit_of_work
from claims_app.services.core import quotes
from claims_app.services.core.errors import DuplicateEvidence, InUse, Invalid, StaleVersion
from claims_app.services.records import claims, evidence, studies
from claims_app.services.system import integrity
from claims_app.services.transfer.export_columns import evidence_columns
from claims_app.vocabulary import QuoteCheck
from tests.conftest import BY_TEST
from tests.factories import CLAIM, EVIDENCE, STUDY, make_claim, make_evidence, make_limitation, make_study

TEXT = "Patients had higher levels.\nThe animals showed reduced pain thresholds after transfer."


def with_text(session: WriteSession) -> Study:
    """Return a study with a stored text."""
    study = make_study(session)
    studies.attach_text(session, study, {"label": "abstract", "content": TEXT})
    return study


class TestQuotes:
    def test_a_quote_in_the_text_is_verified_and_gets_the_words_around_it(
        self, session: WriteSession
    ) -> None:
        item = make_evidence(session, study=with_text(session), quote="reduced pain thresholds")
        assert item.quote_check is QuoteCheck.VERIFIED
        assert item.quote_prefix == "had higher levels.\nThe animals showed "
        assert item.quote_suffix == " after transfer."

    def test_a_quote_with_other_typography_is_kept_as_typed_and_verified(self, session: WriteSession) -> None:
        study = make_study(session)
        item = make_evidence(session, study=study, quote="Müller's anti-bodies")
        printed = "By Mu\N{COMBINING DIAERESIS}ller’s anti\N{NON-BREAKING HYPHEN}bo\N{SOFT HYPHEN}dies."
        studies.attach_text(session, study, {"label": "abstract", "content": printed})
        later = make_evidence(session, study=study, quote="Müller's anti-bodies")
        for one in (item, later):
            assert (one.quote, one.quote_check) == ("Müller's anti-bodies", QuoteCheck.TYPOGRAPHY)
        assert (later.quote_prefix, later.quote_suffix) == ("By ", ".")
        assert evidence_columns(session, [item.id, later.id], "")["quote_check"] == ["verified", "verified"]
        unit_of_work.finish(session)
        assert list(integrity.problems(session)) == []

    def test_a_quote_that_is_not_in_the_text_is_refused(self, session: WriteSession) -> None:
        with pytest.raises(Invalid, match="does not contain these exact words"):
            make_evidence(session, study=with_text(session), quote="raised pain thresholds")

    def test_a_similar_quote_is_refused_with_the_passage_of_the_text(self, session: WriteSession) -> None:
        with pytest.raises(Invalid, match="The text reads: “higher levels"):
            make_evidence(session, study=with_text(session), quote="Higher levels. The animals")

    def test_wrong_words_around_a_quote_are_refused_at_their_field(self, session: WriteSession) -> None:
        with pytest.raises(Invalid) as refused:
            make_evidence(session, study=with_text(session), quote="pain thresholds", quote_prefix="raised ")
        assert list(refused.value.errors) == ["quote_prefix"]

    def test_a_quote_without_a_text_is_marked_as_unavailable(self, session: WriteSession) -> None:
        assert make_evidence(session, quote="anything").quote_check is QuoteCheck.TEXT_UNAVAILABLE

    def test_a_claim_and_its_limitations_quote_its_source(self, session: WriteSession) -> None:
        study = with_text(session)
        claim = make_claim(session, origin_study_id=study.id, origin_quote="higher levels")
        assert claim.origin_quote_check is QuoteCheck.VERIFIED
        assert make_limitation(session, claim, quote="after transfer").quote_check is QuoteCheck.VERIFIED
        with pytest.raises(Invalid):
            make_limitation(session, claim, quote="a small sample")

    def test_attaching_a_text_checks_existing_quotes(self, session: WriteSession) -> None:
        study = make_study(session)
        right = make_evidence(session, study=study, quote="reduced pain")
        wrong = make_evidence(session, study=study, quote="more pain")
        text = studies.attach_text(session, study, {"label": "abstract", "content": TEXT})
        assert (right.quote_check, wrong.quote_check) == (QuoteCheck.VERIFIED, QuoteCheck.NOT_FOUND)
        studies.delete_text(session, text, text.version)
        assert (right.quote_check, wrong.quote_check) == (QuoteCheck.TEXT_UNAVAILABLE,) * 2

    def test_a_fingerprint_gets_the_content_of_its_text(self, session: WriteSession) -> None:
        study = make_study(session)
        known = studies.record_fingerprint(
            session, study, {"label": "Article", "length": len(TEXT), "sha256": studies.text_digest(TEXT)}
        )
        assert quotes.stored_texts_of(session, [study.id])[study.id] == []
        windows = TEXT.replace("\n", "\r\n")
        assert studies.attach_text(session, study, {"label": "pasted", "content": windows}) is known
        assert quotes.stored_texts_of(session, [study.id])[study.id] == [TEXT]

    def test_the_same_text_cannot_be_attached_twice(self, session: WriteSession) -> None:
        study = with_text(session)
        with pytest.raises(Invalid, match="already attached"):
            studies.attach_text(session, study, {"label": "again", "content": TEXT})

    def test_a_quoted_limitation_of_a_claim_without_source_is_unchecked(self, session: WriteSession) -> None:
        study = with_text(session)
        claim = make_claim(session, origin_study_id=study.id)
        limitation = make_limitation(session, claim, quote="after transfer")
        claims.update_claim(session, claim, claim.version, CLAIM)
        assert limitation.quote_check is QuoteCheck.TEXT_UNAVAILABLE

    def test_a_quote_at_the_very_end_of_a_text_is_saved(self, session: WriteSession) -> None:
        study = make_study(session)
        studies.attach_text(
            session, study, {"label": "abstract", "content": "First words here. Second sentence. "}
        )
        assert make_evidence(session, study=study, quote="Second sentence.").quote_suffix is None

    def test_an_unfound_quote_does_not_prevent_other_changes(self, session: WriteSession) -> None:
        study = make_study(session)
        quoted = {"origin_study_id": study.id, "origin_quote": "from the print edition"}
        claim = make_claim(session, **quoted)
        studies.attach_text(session, study, {"label": "abstract", "content": TEXT})
        values = {**CLAIM, **quoted, "outcome": "levels"}
        claims.update_claim(session, claim, claim.version, values)
        assert claim.origin_quote_check is QuoteCheck.NOT_FOUND
        with pytest.raises(Invalid):
            claims.update_claim(session, claim, claim.version, {**values, "origin_quote": "another edition"})

    def test_moving_evidence_to_another_study_checks_its_quotes_there(self, session: WriteSession) -> None:
        item = make_evidence(session, quote="reduced pain thresholds")
        limitation = make_limitation(session, item, quote="not in the text")
        study = with_text(session)
        values = {**EVIDENCE, "study_id": study.id, "quote": item.quote}
        evidence.update_evidence(session, item, item.version, values)
        assert item.quote_check is QuoteCheck.VERIFIED
        assert limitation.quote_check is QuoteCheck.NOT_FOUND


class TestDuplicates:
    def test_linking_the_same_study_again_gives_a_warning(self, session: WriteSession) -> None:
        item = make_evidence(session)
        with pytest.raises(DuplicateEvidence) as warned:
            evidence.create_evidence(session, item.claim, {**EVIDENCE, "study_id": item.study_id})
        assert warned.value.existing == [item]

    def test_a_second_finding_of_a_study_is_added_if_confirmed(self, session: WriteSession) -> None:
        item = make_evidence(session)
        again = make_evidence(session, item.claim, item.study)
        assert again.id != item.id

    @pytest.mark.parametrize(
        ("name", "first", "second"),
        [
            ("doi", "10.1172/JCI144201", "https://doi.org/10.1172/jci144201"),
            ("pmid", "34196305", "PMID 34196305"),
            ("pmcid", "PMC8245181", "pmc8245181"),
        ],
    )
    def test_an_identifier_belongs_to_one_study(
        self, session: WriteSession, name: str, first: str, second: str
    ) -> None:
        known = make_study(session, **{name: first})
        with pytest.raises(Invalid) as refused:
            make_study(session, **{name: second})
        assert known.public_id in refused.value.errors[name][0]

    def test_reports_of_one_trial_share_its_registry_number(self, session: WriteSession) -> None:
        first, second = (make_study(session, registry_id="nct 05643794") for _ in range(2))
        assert first.registry_id == second.registry_id == "NCT05643794"


class TestVersions:
    def test_chains_and_cycles_of_versions_are_refused(self, session: WriteSession) -> None:
        paper = make_study(session)
        preprint = make_study(session, version_of_id=paper.id)
        with pytest.raises(Invalid, match="itself an earlier version"):
            make_study(session, version_of_id=preprint.id)
        values = {**STUDY, "title": paper.title, "version_of_id": make_study(session).id}
        with pytest.raises(Invalid, match="has this one as its published version"):
            studies.update_study(session, paper, paper.version, values)


class TestLocking:
    def test_an_older_version_is_refused(self, session: WriteSession) -> None:
        claim = make_claim(session)
        unit_of_work.finish(session)
        claims.update_claim(session, claim, 1, {**CLAIM, "outcome": "levels"})
        with pytest.raises(StaleVersion):
            claims.update_claim(session, claim, 1, {**CLAIM, "outcome": "titres"})

    def test_the_second_of_two_simultaneous_changes_is_refused(self, database: Database) -> None:
        with database.writing(BY_TEST) as session:
            make_claim(session)
        ready = threading.Barrier(8)
        outcomes: list[str] = []

        def edit(number: int) -> None:
            ready.wait()
            try:
                with database.writing(BY_TEST) as session:
                    claim = session.get_one(Claim, 1)
                    claims.update_claim(session, claim, 1, {**CLAIM, "outcome": f"by {number}"})
                outcomes.append(f"by {number}")
            except StaleVersion:
                outcomes.append("stale")

        threads = [threading.Thread(target=edit, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes.count("stale") == 7
        with database.reading() as session:
            assert session.get_one(Claim, 1).outcome in outcomes

    def test_two_simultaneous_studies_cannot_have_one_doi(self, database: Database) -> None:
        ready = threading.Barrier(4)
        refused: list[Invalid] = []

        def add() -> None:
            ready.wait()
            try:
                with database.writing(BY_TEST) as session:
                    make_study(session, doi="10.1000/same")
            except Invalid as error:
                refused.append(error)

        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 3
        assert all(list(error.errors) == ["doi"] for error in refused)


class TestDeleting:
    def test_records_with_linked_records_cannot_be_deleted(self, session: WriteSession) -> None:
        item = make_evidence(session, quote="q")
        limitation = make_limitation(session, item)
        with pytest.raises(InUse, match=limitation.public_id):
            evidence.delete_evidence(session, item, item.version)
        with pytest.raises(InUse, match=item.public_id):
            studies.delete_study(session, item.study, item.study.version)
        evidence.delete_limitation(session, limitation, limitation.version)
        evidence.delete_evidence(session, item, item.version)
        studies.delete_study(session, item.study, item.study.version)
        assert session.get(EvidenceItem, item.id) is None

    def test_the_source_of_a_claim_and_a_published_version_cannot_be_deleted(
        self, session: WriteSession
    ) -> None:
        study = make_study(session)
        make_claim(session, origin_study_id=study.id)
        preprint = make_study(session, version_of_id=study.id)
        with pytest.raises(InUse, match=rf"CLM-1.*{preprint.public_id}"):
            studies.delete_study(session, study, study.version)
