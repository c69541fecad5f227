"""Plans the import of citations from other programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import DecidedReference, Study
from claims_app.models.matching import paper_of
from claims_app.rules import schemas
from claims_app.rules.matching import may_complete
from claims_app.rules.papers import COMPARED, Paper
from claims_app.rules.reference import Reference, Unreadable
from claims_app.services.core import records
from claims_app.services.core.many import one_of
from claims_app.services.deduplication import study_matching
from claims_app.services.deduplication.candidates import Candidates
from claims_app.services.deduplication.study_matching import FoundMatch
from claims_app.services.intake import notices, retractions
from claims_app.services.records.kinds import form_values
from claims_app.services.records.studies import ABSTRACT, DEFAULT_VALUES, OF_ONE_REPORT, known_identifiers
from claims_app.services.transfer.importing import decisions
from claims_app.services.transfer.importing.alike import NOT_COMPARED, as_text, differs
from claims_app.services.transfer.importing.fresh import Fresh
from claims_app.services.transfer.importing.model import Difference, PlannedRow
from claims_app.services.transfer.importing.seen import Earlier, Seen
from claims_app.vocabulary import RecordType, Relation, RowState

_INCOMPLETE = "Its details can be looked up in the inbox (--to-inbox on the command line)."

IDENTIFIERS = (*OF_ONE_REPORT, "registry_id")


@dataclass(frozen=True)
class _Read:
    """A record whose values were cleaned: `raw` as in a form, `own` those of the file; and what it is compared by."""

    reference: Reference
    raw: Mapping[str, object]
    values: Mapping[str, Any]
    own: Mapping[str, Any]
    digest: str
    paper: Paper


class _Known:
    """What the database knows of some records, looked up for all of them at once."""

    def __init__(self, session: Session, records_of_file: Sequence[_Read], seen: Seen) -> None:
        self.session = session
        self.decided = decisions.find_all(session, [record.digest for record in records_of_file])
        numbers = {decided.study_id for decided in self.decided.values() if decided.study_id is not None}
        # Kept, so that the session finds each of them without a statement of its own.
        self.studies = session.scalars(select(Study).where(one_of(session, Study.id, numbers))).all()
        self.candidates = Candidates(session, [record.paper for record in records_of_file], seen.titles)
        self.verdicts = retractions.retractions_for(
            session, [(record.values.get("doi"), record.values.get("pmid")) for record in records_of_file]
        )
        self.candidates.search(list(dict.fromkeys(filter(None, map(self._searched, records_of_file)))))

    def _searched(self, record: _Read) -> Paper | None:
        """Return the paper of a record that is not identified yet, for which similar studies are looked up."""
        decided = self.decided.get(record.digest)
        if decided is not None and decided.study_id is not None:
            return None
        identified = study_matching.identified(self.session, record.paper, self.candidates)
        return record.paper if identified is None else None


def plan_rows(
    session: Session, rows: Sequence[Reference | Unreadable], seen: Seen, fresh: Fresh | None = None
) -> Iterator[PlannedRow]:
    """Yield the plan for each record; `seen` is passed on from one part of the file to the next.

    With `fresh`, the rows are written once all of them are planned, so it ends before a record whose plan depends on
    one of them.
    """
    read = [_read(row) if isinstance(row, Reference) else row for row in rows]
    known = _Known(session, [one for one in read if isinstance(one, _Read)], seen)
    for one in read:
        if isinstance(one, Unreadable):
            yield _refused(one.line, "", [one.reason], one.source)
            continue
        if isinstance(one, PlannedRow):
            yield one
            continue
        earlier = seen.find(one.digest, one.own, one.paper, one.reference.line)
        if fresh is not None and earlier.same is None:
            is_notice = notices.is_notice(one.reference.values, one.reference.warnings)
            if fresh.may_match(one.paper, is_notice=is_notice):
                return
        row = _plan(session, one, earlier, known)
        if fresh is not None and fresh.is_named(row):
            return
        seen.keep(earlier)
        if fresh is not None and row.is_taken:
            _note(session, fresh, row, one)
        yield row


def replay(rows: Sequence[Reference | Unreadable], seen: Seen) -> None:
    """Let `seen` know the first records of a file, which were planned before."""
    for row in rows:
        if isinstance(row, Reference) and isinstance(read := _read(row), _Read):
            seen.keep(seen.find(read.digest, read.own, read.paper, row.line))


def _note(session: Session, fresh: Fresh, row: PlannedRow, read: _Read) -> None:
    """Note what a row changes once it is written."""
    cleaned = Paper.of(read.values)
    # Usually nothing had to be cleaned, and its keys are known.
    fresh.add_paper(read.paper if cleaned == read.paper else cleaned)
    if row.target is not None:
        fresh.add([row.target])
        study = records.find(session, Study, row.target)
        now = {name: getattr(study, name) for name in COMPARED}
        fresh.add_paper(Paper.of(now | {one.name: one.new for one in row.differences if one.take}))


def _read(reference: Reference) -> _Read | PlannedRow:
    """Return a record with its cleaned values, or the plan that refuses it."""
    raw = {**DEFAULT_VALUES, **reference.values}
    title = str(reference.values.get("title") or "")
    values, errors = schemas.STUDY.clean(raw)
    if errors and not (_lacks_title(title, errors) and _named(values)):
        if _lacks_title(title, errors) and _unfit(reference):
            return _refused(reference.line, title, reference.warnings, reference.source)
        reasons = [f"{name}: {' '.join(sentences)}" for name, sentences in errors.items()]
        return _refused(reference.line, title, [*reasons, *reference.warnings], reference.source)
    own = {name: value for name, value in values.items() if name in reference.values}
    return _Read(reference, raw, values, own, decisions.digest_of(own, reference.abstract), Paper.of(raw))


def _lacks_title(title: str, errors: Mapping[str, object]) -> bool:
    return errors.keys() == {"title"} and not title.strip()


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in IDENTIFIERS if values.get(name)}


def _unfit(reference: Reference) -> list[str]:
    """Return why the title is not valid: the readers leave out one that is too long, for example."""
    label = schemas.STUDY.field("title").label
    return [warning for warning in reference.warnings if warning.startswith(label)]


def _plan(session: Session, read: _Read, earlier: Earlier, known: _Known) -> PlannedRow:
    """Return the plan for one record."""
    reference, raw, candidates = read.reference, read.raw, known.candidates
    title = str(reference.values.get("title") or "")
    row = PlannedRow(
        line=reference.line,
        state=RowState.NEW,
        record_type=RecordType.STUDY,
        label=title or " ".join(map(str, _named(read.values).values())),
        values=dict(raw),
        abstract=reference.abstract,
        reasons=list(reference.warnings),
        warnings=list(reference.warnings),
        source=reference.source,
        digest=read.digest,
    )
    if earlier.same is not None:
        return replace(
            row,
            state=RowState.SAME,
            reasons=[f"The same report as in line {earlier.same} of this file."],
            warnings=[],
        )
    if decided := known.decided.get(read.digest):
        return _decided(session, decided, row, read.paper, candidates)
    if (same := study_matching.identified(session, read.paper, candidates)) is not None:
        return _known(session, same, reference, row)
    identity = study_matching.identify(session, read.paper, candidates)
    if identity.same is not None:
        return _known(session, identity.same, reference, row)
    for found in identity.possible:
        if not found.shares_identifier and _is_here(session, found, reference):
            return replace(row, state=RowState.SAME, target=found.study.public_id)
    if "title" not in read.values:
        unfit = _unfit(reference)
        why = [_INCOMPLETE] if unfit else ["It has an identifier but no title.", _INCOMPLETE]
        return replace(row, state=RowState.INCOMPLETE, reasons=[*unfit, *why])
    row = replace(
        row,
        reasons=[
            *map(_explained, identity.matches),
            *earlier.possible,
            *_notices(session, read, known),
            *row.reasons,
        ],
        choices=[found.study.public_id for found in identity.possible],
    )
    return replace(row, state=RowState.UNSURE) if identity.possible or earlier.possible else row


def fill_in(session: Session, study: Study, row: PlannedRow) -> PlannedRow:
    """Return the plan for a row that a person said is `study`: to fill in the empty fields of the study."""
    reference = Reference(values=own_values(row), abstract=row.abstract, line=row.line)
    planned = _known(session, study, reference, row)
    differences = [replace(one, take=not one.now) for one in planned.differences]
    return replace(planned, differences=differences)


def without_known_identifiers(session: Session, row: PlannedRow) -> tuple[PlannedRow, str]:
    """Return the plan for a row that a person said is a new study, and a sentence about what was left out, or "".

    An identifier can belong to one study only, so those of other studies are left out.
    """
    known = known_identifiers(session, row.values)
    if not known:
        return row, ""
    values = {name: value for name, value in row.values.items() if name not in known}
    listed = ", ".join(
        f"{schemas.STUDY.field(name).label} of {owner.public_id}" for name, owner in known.items()
    )
    return replace(row, values=values), f"Added without the {listed}."


def own_values(row: PlannedRow) -> dict[str, Any]:
    """Return the values of a row that come from the file, without the default values of a new study."""
    return {name: value for name, value in row.values.items() if DEFAULT_VALUES.get(name) != value}


def _explained(found: study_matching.FoundMatch) -> str:
    """Return a sentence that names a similar study and explains how it is related to the record."""
    return (
        f"{found.relation.label}: {found.study.public_id}, {found.study.citation}. {' '.join(found.reasons)}"
    )


def _notices(session: Session, read: _Read, known: _Known) -> list[str]:
    """Return sentences about the retraction notice of a record, and about the study of a record that is a notice."""
    verdict = known.verdicts.get((read.values.get("doi"), read.values.get("pmid")))
    about = notices.about(session, read.reference.values, read.reference.warnings)
    return [*([] if verdict is None else [verdict.sentence]), *([about] if about else [])]


def _decided(
    session: Session, decided: DecidedReference, row: PlannedRow, paper: Paper, candidates: Candidates
) -> PlannedRow:
    """Return the plan for a record that was decided on before."""
    if decided.study_id is not None:
        study = records.look_up(session, Study, decided.study_id)
        assert study is not None  # A decision goes with its study.
        return replace(row, state=RowState.SAME, target=study.public_id)
    by = f" by {decided.decided_by.username}" if decided.decided_by else ""
    skipped = f"Skipped{by} on {decided.decided_at.date().isoformat()}."
    identity = study_matching.identify(session, paper, candidates)
    return replace(
        row,
        state=RowState.DECIDED,
        reasons=[skipped, *map(_explained, identity.matches), *row.reasons],
        choices=[found.study.public_id for found in identity.possible],
    )


def _is_here(session: Session, found: FoundMatch, reference: Reference) -> bool:
    """Return whether all that a record without a known identifier says is said of this study.

    If title, authors and year do not decide it, the study must not say more than the record either.
    """
    now = form_values(session, found.study)
    if _differences(now, reference, found.study, completes=False):
        return False
    if found.relation is Relation.SAME:
        return True
    given = {name for name, value in reference.values.items() if value not in (None, "", [], ())}
    said = {name for name, value in now.items() if value not in (None, "", [], ())}
    return not (said - given - NOT_COMPARED - {"url"})


def _known(session: Session, study: Study, reference: Reference, row: PlannedRow) -> PlannedRow:
    """Return the plan for a record about an existing study.

    By default its empty fields are filled in, unless the two contradict each other in something else.
    """
    row = replace(row, target=study.public_id, version=study.version, reasons=list(row.warnings), choices=[])
    completes = may_complete(Paper.of(reference.values), paper_of(study))
    differences = _differences(form_values(session, study), reference, study, completes=completes)
    if not differences:
        return replace(row, state=RowState.SAME, values={}, abstract="")
    if not completes and any(not one.now for one in differences):
        left = ", ".join(one.label for one in differences if not one.now)
        sentence = f"Other details differ from those of {study.public_id}, so these were left out: {left}."
        row = replace(row, reasons=[sentence, *row.reasons], warnings=[sentence, *row.warnings])
    values = {one.name: reference.values[one.name] for one in differences if one.name in reference.values}
    return replace(row, state=RowState.DIFFERS, differences=differences, values=values)


def _differences(
    now: Mapping[str, Any], reference: Reference, study: Study, *, completes: bool
) -> list[Difference]:
    """Return the fields in which a record differs from `study`, whose values are `now`.

    `completes` is whether the empty ones are filled in by default.
    """
    found = [
        Difference(
            name=name,
            label=schemas.STUDY.field(name).label,
            now=as_text(now[name]),
            new=as_text(value),
            take=completes and now[name] in (None, "", []),
        )
        for name, value in reference.values.items()
        if differs(name, value, now[name])
    ]
    if reference.abstract.strip() and not study.texts:
        abstract = reference.abstract.strip()
        found.append(Difference(name=ABSTRACT, label="Abstract", now="", new=abstract, take=completes))
    return found


def _refused(line: int, label: str, reasons: Sequence[str], source: str) -> PlannedRow:
    return PlannedRow(
        line=line,
        state=RowState.REFUSED,
        record_type=RecordType.STUDY,
        label=label,
        reasons=list(reasons),
        source=source,
    )
