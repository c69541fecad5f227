"""Checks that a search finds each record by the words that it has now."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from claims_app.models.search_index import KINDS
from claims_app.rules.identifiers import public_id
from claims_app.services.search import documents
from claims_app.services.system.checking import Check, Part
from claims_app.vocabulary import RecordType

_TYPES = {"claim": RecordType.CLAIM, "study": RecordType.STUDY}


def _wrong_documents(session: Session) -> Iterator[Part]:
    """Find records whose document differs from their texts."""
    if waiting := documents.count_waiting(session):
        yield Part(
            0, [f"{waiting:,} changes by other programs are not indexed for search. Run “claims db repair”."]
        )
        return
    for kind in KINDS:
        last = 0
        while numbers := documents.numbers_after(session, kind, last):
            wrong = documents.wrong(session, kind, numbers)
            yield Part(
                len(numbers),
                [
                    f"A search does not find {public_id(_TYPES[kind], number)} by its words. Run “claims db repair”."
                    for number in wrong
                ],
            )
            last = numbers[-1]


CHECK = Check("search index", documents.count_records, _wrong_documents)
"""The check of all claims and studies."""
