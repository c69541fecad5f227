"""Records that are in a file several times, as in libraries collected from several databases."""

from collections.abc import Sequence
from dataclasses import replace

from claims_app.rules.matching import compare, may_complete
from claims_app.rules.papers import OF_ONE_REPORT, Paper
from claims_app.rules.reference import Reference, Unreadable
from claims_app.services.transfer.importing.alike import NOT_COMPARED
from claims_app.vocabulary import Relation

Record = Reference | Unreadable


def completed(records: Sequence[Record]) -> list[Record]:
    """Return the records of a file, each with the values that it lacks and a later copy has.

    A copy has the same identifier and title, and contradicts the record in nothing that says where it was published.
    The copies themselves stay in the list.
    """
    result = list(records)
    papers = [Paper.of(record.values) if isinstance(record, Reference) else None for record in records]
    first: dict[tuple[str, str], int] = {}
    for place, paper in enumerate(papers):
        if paper is None:
            continue
        keys = [(name, value) for name in OF_ONE_REPORT if (value := getattr(paper, name))]
        earlier = {first[key] for key in keys if key in first}
        if len(earlier) == 1:
            before = earlier.pop()
            original = papers[before]
            match = None if original is None else compare(paper, original)
            if original and match and match.relation is Relation.SAME and may_complete(paper, original):
                result[before] = _complete(result[before], result[place])
                first |= dict.fromkeys(keys, before)
                continue
        for key in keys:
            first.setdefault(key, place)
    return result


def _complete(record: Record, copy: Record) -> Record:
    assert isinstance(record, Reference)
    assert isinstance(copy, Reference)
    added = {
        name: value
        for name, value in copy.values.items()
        if name not in record.values and name not in NOT_COMPARED
    }
    return replace(record, values={**record.values, **added}, abstract=record.abstract or copy.abstract)
