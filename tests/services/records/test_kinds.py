"""Every kind of record is described once, and known everywhere from there."""

from flask import Flask

from claims_app.models import RECORD_MODELS, Reviewed
from claims_app.services.records.kinds import KINDS
from claims_app.vocabulary import RecordType
from claims_app.web.record_links import can_show_the_past, edit_address, page_address


def test_each_term_has_a_model_and_a_descriptor() -> None:
    assert set(RecordType) == set(RECORD_MODELS) == set(KINDS)
    assert all(KINDS[record_type].model is model for record_type, model in RECORD_MODELS.items())


def test_prefixes_and_sections_are_of_one_kind_each() -> None:
    assert len({record_type.prefix for record_type in RecordType}) == len(RecordType)
    assert len({record_type.section for record_type in RecordType}) == len(RecordType)


def test_what_is_reviewed_is_written_through_its_kind() -> None:
    reviewed = {kind.record_type for kind in KINDS.values() if issubclass(kind.model, Reviewed)}
    assert reviewed == {kind.record_type for kind in KINDS.values() if kind.writing}


def test_what_is_written_has_a_page_and_a_form(app: Flask) -> None:
    with app.test_request_context("/"):
        for kind in KINDS.values():
            if kind.writing:
                record = kind.model()
                record.id = 1
                assert page_address(kind.record_type, record.public_id) is not None
                assert can_show_the_past(kind.record_type)
                assert edit_address(record).endswith(f"/{record.public_id}/edit")
