"""The rows of a release, read from the history: of each table, in parts, as the values of its columns.

The session must read the past (`Database.reading(as_of)`). The rows depend on nothing but the history up to that
moment, so they come out the same whenever they are read, and on each database. Names of accounts, which are never
changed, are the only thing that is read as it is now. Texts of studies are left out: they are not kept in the history.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pyroaring import BitMap
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.formats.release.tables import CHANGES_OF, Table
from claims_app.models import (
    AppraisalEvidence,
    Claim,
    Revision,
    Study,
    StudyGroup,
    StudySpecies,
    Topic,
    User,
    claim_topics,
)
from claims_app.rules.identifiers import public_id
from claims_app.services.core.filters import ClaimFilters, StudyFilters
from claims_app.services.core.stored import Query, moment, moments, plain
from claims_app.services.transfer.sources import SOURCES
from claims_app.services.transfer.totals import total_of
from claims_app.vocabulary import RecordType, ReviewState

Part = Sequence[Sequence[Any]]

CHUNK = 500
"""Rows held in memory at once."""

_ACCEPTED = (ReviewState.ACCEPTED,)
_NUMBERED = {
    "claims": RecordType.CLAIM,
    "studies": RecordType.STUDY,
    "evidence": RecordType.EVIDENCE,
    "limitations": RecordType.LIMITATION,
    "appraisals": RecordType.APPRAISAL,
}
"""The tables that are files of their own, too."""

_IN_ANY_ORDER = ("topics", "species")
"""Lists that a database sorts in its own way."""


class Content:
    """The rows of a release; `base_url` is the start of the addresses in them."""

    def __init__(self, session: Session, base_url: str) -> None:
        self._session = session
        self._base_url = base_url
        self._included: dict[RecordType, BitMap] = {kind: BitMap() for kind in CHANGES_OF}
        self._others: Mapping[str, Callable[[], Iterator[Part]]] = {
            "topics": self._topics,
            "study_groups": self._study_groups,
            "study_species": self._study_species,
            "claim_topics": self._claim_topics,
            "appraisal_evidence": self._appraisal_evidence,
            "merges": self._merges,
            "changes": self._changes,
        }

    def parts(self, table: Table) -> Iterator[Part]:
        """Yield the rows of a table. The tables must be read in their order: a later one depends on earlier ones."""
        return self._numbered(table) if table.name in _NUMBERED else self._others[table.name]()

    def count(self, table: Table) -> int | None:
        """Return how many records the lists of the site have, or None for a table that is no list of the site."""
        if table.name not in _NUMBERED:
            return None
        return total_of(self._session, SOURCES[table.name], _filters(table.name))

    def _numbered(self, table: Table) -> Iterator[Part]:
        source, included = SOURCES[table.name], self._included[_NUMBERED[table.name]]
        sorted_ones = [number for number, column in enumerate(table.columns) if column.name in _IN_ANY_ORDER]
        for values in source.parts(self._session, _filters(table.name), "id", CHUNK, self._base_url):
            included.update(_number(name) for name in values[0])
            part = list(values)
            for number in sorted_ones:
                part[number] = [sorted(items) for items in part[number]]
            yield part

    def _topics(self) -> Iterator[Part]:
        names = dict(self._session.execute(select(Topic.id, Topic.slug)).all())
        query = select(
            Topic.id,
            Topic.slug,
            Topic.name,
            Topic.definition,
            Topic.parent_id,
            Topic.version,
            moment(Topic.created_at),
            moment(Topic.updated_at),
        )
        for ids, slugs, titles, definitions, parents, versions, created, updated in self._rows(
            query.order_by(Topic.id)
        ):
            self._included[RecordType.TOPIC].update(ids)
            broader = [parent and names[parent] for parent in parents]
            yield slugs, titles, definitions, broader, versions, moments(created), moments(updated)

    def _study_groups(self) -> Iterator[Part]:
        """Yield the groups of the studies in the release; others may belong to what was not accepted."""
        of_studies = _accepted_studies().where(Study.group_id == StudyGroup.id).correlate(StudyGroup).exists()
        query = select(
            StudyGroup.id,
            StudyGroup.name,
            StudyGroup.version,
            moment(StudyGroup.created_at),
            moment(StudyGroup.updated_at),
        ).where(of_studies)
        for ids, names, versions, created, updated in self._rows(query.order_by(StudyGroup.id)):
            self._included[RecordType.STUDY_GROUP].update(ids)
            yield _names(RecordType.STUDY_GROUP, ids), names, versions, moments(created), moments(updated)

    def _study_species(self) -> Iterator[Part]:
        query = select(StudySpecies.study_id, plain(StudySpecies.species)).order_by(StudySpecies.study_id)
        yield from self._pairs(query, RecordType.STUDY)

    def _claim_topics(self) -> Iterator[Part]:
        query = (
            select(claim_topics.c.claim_id, Topic.slug)
            .join(Topic, Topic.id == claim_topics.c.topic_id)
            .order_by(claim_topics.c.claim_id)
        )
        yield from self._pairs(query, RecordType.CLAIM)

    def _pairs(self, query: Query, kind: RecordType) -> Iterator[Part]:
        """Yield pairs of a record in the release and a text, sorted by both."""
        for part in _by_first(self._rows(query)):
            rows = [(number, text) for number, text in part if number in self._included[kind]]
            if rows:
                yield _names(kind, [number for number, _ in rows]), [text for _, text in rows]

    def _appraisal_evidence(self) -> Iterator[Part]:
        query = select(
            AppraisalEvidence.appraisal_id,
            AppraisalEvidence.evidence_id,
            AppraisalEvidence.evidence_version,
            AppraisalEvidence.study_id,
            AppraisalEvidence.study_version,
        ).order_by(AppraisalEvidence.appraisal_id, AppraisalEvidence.evidence_id)
        for part in self._rows(query):
            kept = _only(part, [number in self._included[RecordType.APPRAISAL] for number in part[0]])
            if kept[0]:
                appraisals, items, versions, studies, study_versions = kept
                yield (
                    _names(RecordType.APPRAISAL, appraisals),
                    _names(RecordType.EVIDENCE, items),
                    versions,
                    _names(RecordType.STUDY, studies),
                    study_versions,
                )

    def _merges(self) -> Iterator[Part]:
        for model, kind in ((Claim, RecordType.CLAIM), (Study, RecordType.STUDY)):
            query = select(model.id, model.merged_into_id).where(model.merged_into_id.is_not(None))
            into = dict(self._session.execute(query.order_by(model.id)).all())
            # A record that was merged into a merged one leads to the last of them.
            found = [(number, _last(number, into)) for number in into]
            found = [(number, last) for number, last in found if last in self._included[kind]]
            if found:
                yield _names(kind, [number for number, _ in found]), _names(kind, [last for _, last in found])

    def _changes(self) -> Iterator[Part]:
        query = (
            select(
                plain(Revision.record_type),
                Revision.record_id,
                Revision.version,
                plain(Revision.action),
                moment(Revision.changed_at),
                User.username,
                plain(Revision.via),
                Revision.edit_summary,
            )
            .outerjoin(User, User.id == Revision.actor_id)
            .where(Revision.record_type.in_(CHANGES_OF))
            .order_by(Revision.id)
        )
        for part in self._rows(query):
            kept = _only(
                part,
                [
                    number in self._included[RecordType.of(kind)]
                    for kind, number in zip(part[0], part[1], strict=True)
                ],
            )
            if kept[0]:
                kinds, numbers, versions, actions, times, users, ways, summaries = kept
                names = [
                    public_id(RecordType.of(kind), number)
                    for kind, number in zip(kinds, numbers, strict=True)
                ]
                yield names, versions, kinds, actions, moments(times), users, ways, summaries

    def _rows(self, query: Query) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a query in parts, each as the values of its columns."""
        with self._session.connection().execute(query, execution_options={"yield_per": CHUNK}) as result:
            for part in result.partitions():
                yield list(zip(*part, strict=True))


def _filters(name: str) -> ClaimFilters | StudyFilters:
    return StudyFilters(review=_ACCEPTED) if name == "studies" else ClaimFilters(review=_ACCEPTED)


def _accepted_studies() -> Query:
    return StudyFilters(review=_ACCEPTED).studies().with_only_columns(Study.id, maintain_column_froms=True)


def _by_first(parts: Iterator[list[tuple[Any, ...]]]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of parts, sorted by the first column already, so that rows with the same one are together."""
    open_rows: list[tuple[Any, ...]] = []
    for part in parts:
        open_rows += zip(*part, strict=True)
        last = open_rows[-1][0]
        begun = next(number for number, row in enumerate(open_rows) if row[0] == last)
        if begun:
            yield sorted(open_rows[:begun])
            open_rows = open_rows[begun:]
    if open_rows:
        yield sorted(open_rows)


def _only(part: Sequence[Sequence[Any]], wanted: Sequence[bool]) -> list[list[Any]]:
    """Return the wanted rows of a part."""
    return [[value for value, take in zip(values, wanted, strict=True) if take] for values in part]


def _last(number: int, into: Mapping[int, int | None]) -> int:
    seen = {number}
    while (following := into.get(number)) is not None and following not in seen:
        seen.add(following)
        number = following
    return number


def _names(kind: RecordType, numbers: Sequence[int]) -> list[str]:
    return [public_id(kind, number) for number in numbers]


def _number(name: str) -> int:
    return int(name.partition("-")[2])
