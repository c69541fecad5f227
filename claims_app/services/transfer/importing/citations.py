"""Plans the import of citations from other programs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from claims_app.models import Study
from claims_app.rules import schemas
from claims_app.rules.reference import Reference, Unreadable
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid
from claims_app.services.deduplication import study_matching
from claims_app.services.intake import retractions
from claims_app.services.records.kinds import form_values
from claims_app.services.records.studies import ABSTRACT, DEFAULT_VALUES, OF_ONE_REPORT, known_study
from claims_app.services.transfer.importing.model import Difference, PlannedRow
from claims_app.vocabulary import RecordType, Relation, RowState

_MAYBE_HERE = (Relation.SAME, Relation.UNSURE)

# The values that files have for these are guesses of other programs, or no reason to change the record.
_NOT_COMPARED = frozenset({"publication_state", "standing", "standing_date", "note"})


class Seen:
    """The identifiers and titles found so far in a file, each with the line of its record."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], int] = {}

    def alike(self, values: Mapping[str, Any], line: int) -> int:
        """Return the line of an earlier record with the same title and year, or else `line`; remember this one."""
        return self._lines.setdefault(("title", f"{_letters(values['title'])} {values['year']}"), line)

    def line_of(self, values: Mapping[str, Any], line: int) -> int | None:
        """Return the line of an earlier record with the same identifier, or None; remember those of this one."""
        identifiers = [(name, str(values[name])) for name in OF_ONE_REPORT if values.get(name)]
        earlier = next((self._lines[key] for key in identifiers if key in self._lines), None)
        if earlier is None:
            self._lines |= dict.fromkeys(identifiers, line)
        return earlier


def plan_rows(session: Session, rows: Sequence[Reference | Unreadable], seen: Seen) -> Iterator[PlannedRow]:
    """Yield the plan for each record; `seen` is passed on from one part of the file to the next."""
    for row in rows:
        if isinstance(row, Unreadable):
            yield _refused(row.line, "", [row.reason], row.source)
        else:
            yield _plan(session, row, seen)


def _plan(session: Session, reference: Reference, seen: Seen) -> PlannedRow:
    """Return the plan for one record."""
    raw = {**DEFAULT_VALUES, **reference.values}
    title = str(reference.values.get("title") or "")
    try:
        values = records.clean(schemas.STUDY, raw)
        study = known_study(session, raw)
    except Invalid as refused:
        reasons = [f"{name}: {' '.join(sentences)}" for name, sentences in refused.errors.items()]
        return _refused(reference.line, title, reasons, reference.source)
    row: dict[str, Any] = {
        "line": reference.line,
        "record_type": RecordType.STUDY,
        "label": title,
        "source": reference.source,
    }
    earlier = seen.line_of(values, reference.line)
    if earlier is not None:
        return PlannedRow(
            state=RowState.SAME, reasons=[f"The same report as in line {earlier} of this file."], **row
        )
    if study is not None:
        return _known(session, study, reference, row)
    reasons = [*_notices(session, values), *reference.warnings]
    found = study_matching.matches(session, raw)
    near = [_explained(one) for one in found]
    state = RowState.UNSURE if any(one.relation in _MAYBE_HERE for one in found) else RowState.NEW
    row["choices"] = [one.study.public_id for one in found if one.relation in _MAYBE_HERE]
    row["warnings"] = list(reference.warnings)
    earlier = seen.alike(values, reference.line)
    if earlier != reference.line:
        near.append(f"The same title and year as in line {earlier} of this file.")
        state = RowState.UNSURE
    return PlannedRow(state=state, values=raw, abstract=reference.abstract, reasons=[*near, *reasons], **row)


def fill_in(session: Session, study: Study, row: PlannedRow) -> PlannedRow:
    """Return the plan for an unsure row that is the same as `study`: to fill in the empty fields of the study."""
    reference = Reference(values=own_values(row), abstract=row.abstract, line=row.line)
    planned = {"line": row.line, "record_type": row.record_type, "label": row.label, "source": row.source}
    return _known(session, study, reference, planned)


def own_values(row: PlannedRow) -> dict[str, Any]:
    """Return the values of a row that come from the file, without the default values of a new study."""
    return {name: value for name, value in row.values.items() if DEFAULT_VALUES.get(name) != value}


def _explained(found: study_matching.FoundMatch) -> str:
    """Return a sentence that names a similar study and explains how it is related to the record."""
    return (
        f"{found.relation.label}: {found.study.public_id}, {found.study.citation}. {' '.join(found.reasons)}"
    )


def _notices(session: Session, values: Mapping[str, Any]) -> list[str]:
    """Return the retraction notice about a record, if any, in a list of sentences."""
    verdict = retractions.retraction_for(session, values["doi"], values["pmid"])
    return [] if verdict is None else [verdict.sentence]


def _known(session: Session, study: Study, reference: Reference, row: dict[str, Any]) -> PlannedRow:
    """Return the plan for a record about an existing study; by default only its empty fields are filled in."""
    now = form_values(session, study)
    row |= {"target": study.public_id, "version": study.version}
    differences = []
    for name, value in reference.values.items():
        if name in _NOT_COMPARED or _alike(name, value, now[name]):
            continue
        if name == "url" and now[name]:
            continue  # a report can have several URLs
        differences.append(
            Difference(
                name=name,
                label=schemas.STUDY.field(name).label,
                now=_words(now[name]),
                new=_words(value),
                take=now[name] in (None, "", []),
            )
        )
    if reference.abstract.strip() and not study.texts:
        new = reference.abstract.strip()
        differences.append(Difference(name=ABSTRACT, label="Abstract", now="", new=new))
    if not differences:
        return PlannedRow(state=RowState.SAME, reasons=list(reference.warnings), **row)
    return PlannedRow(
        state=RowState.DIFFERS,
        differences=differences,
        values={one.name: reference.values[one.name] for one in differences if one.name in reference.values},
        abstract=reference.abstract,
        reasons=list(reference.warnings),
        **row,
    )


def _refused(line: int, label: str, reasons: Sequence[str], source: str) -> PlannedRow:
    return PlannedRow(
        line=line,
        state=RowState.REFUSED,
        record_type=RecordType.STUDY,
        label=label,
        reasons=list(reasons),
        source=source,
    )


def _alike(name: str, new: object, now: object) -> bool:
    """Return whether two values differ only in case, spaces and punctuation, or the new one is not valid."""
    try:
        new = schemas.STUDY.field(name).clean(new)
    except ValueError:
        return True
    if name == "pages":
        new, now = _unabridged(_words(new)), _unabridged(_words(now))
    return _letters(new) == _letters(now)


def _unabridged(pages: str) -> str:
    """Return a page range with the last page in full: 2036-40 becomes 2036-2040."""
    found = re.fullmatch(r"(\d+)\s*[-–]+\s*(\d+)", pages)
    if not found or len(found[2]) >= len(found[1]):
        return pages
    return f"{found[1]}-{found[1][: len(found[1]) - len(found[2])]}{found[2]}"


def _letters(value: object) -> str:
    return re.sub(r"[\W_]+", "", _words(value)).casefold()


def _words(value: object) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)
