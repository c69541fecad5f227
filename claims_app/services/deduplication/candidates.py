"""The studies that papers may be, looked up for many papers at once.

They come from identifiers and from the keys in `study_keys`: a few hundred rows for each paper, regardless of the size
of the database. What cannot match by its title is left out without reading more than the title.
"""

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from operator import neg

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session, joinedload, selectinload

from claims_app.models import Study, StudyDistinction
from claims_app.rules import matching as rules
from claims_app.rules.papers import OF_ONE_REPORT, Paper
from claims_app.rules.titles import Title, title_of
from claims_app.services.core.filters import is_listed
from claims_app.services.core.many import one_of

MAX_STUDIES_PER_KEY = 500
"""The number of studies from which on a key is useless, such as a word in every other title."""
MAX_COMPARED = 50

_OF_KEY = "SELECT study_id FROM study_keys WHERE key = asked.key LIMIT :most"
# Of a key that is useless, nothing but that is returned.
_USELESS = "count(*) = :most AND substr(asked.key, 1, 1) <> '='"
_BY_KEYS = {
    "sqlite": text(
        f"SELECT asked.key, (SELECT CASE WHEN {_USELESS} THEN NULL ELSE group_concat(study_id, ' ') END "  # nosec B608 - only names of our own schema
        f"FROM ({_OF_KEY})) AS numbers FROM (SELECT value AS key FROM json_each(:keys)) AS asked"
    ),
    "postgresql": text(
        f"SELECT asked.key, (SELECT CASE WHEN {_USELESS} THEN NULL ELSE string_agg(study_id::text, ' ') END "  # nosec B608 - only names of our own schema
        f"FROM ({_OF_KEY}) AS these) AS numbers FROM unnest(CAST(:keys AS text[])) AS asked(key)"
    ),
}
"""The numbers of the studies with each of some keys, in one statement for all keys."""


def numbers_by_key(session: Session, keys: Collection[str], most: int) -> dict[str, list[int]]:
    """Return the numbers of up to `most` studies with each of `keys`; none for a key that so many have.

    A title is the exception: so many of its studies are returned.
    """
    if not keys:
        return {}
    dialect = session.get_bind().dialect.name
    wanted = sorted(keys)
    asked = json.dumps(wanted) if dialect == "sqlite" else wanted
    rows = session.execute(_BY_KEYS[dialect], {"keys": asked, "most": most})
    return {key: [int(number) for number in numbers.split()] for key, numbers in rows if numbers}


class Candidates:
    """The studies that some papers may be.

    `titles` is filled with the titles that were read; pass the same one on to save the work for the next papers.
    """

    def __init__(
        self, session: Session, papers: Iterable[Paper] = (), titles: dict[int, Title] | None = None
    ) -> None:
        self._session = session
        self._titles = {} if titles is None else titles
        self._with_identifier: dict[tuple[str, str], list[Study]] = {}
        self._alike: dict[Paper, list[Study]] = {}
        self._distinct: dict[str, set[int]] = {}
        self._look_up_identifiers(list(papers))

    def with_identifiers(self, paper: Paper) -> Sequence[Study]:
        """Return the studies that have an identifier of `paper`; its registry number only if it has no other one."""
        asked = _identifiers(paper)
        if not asked.keys() <= self._with_identifier.keys():
            self._look_up_identifiers([paper])
        found = {study for one in asked for study in self._with_identifier[one]}
        return sorted(found, key=lambda study: study.id)[:MAX_COMPARED]

    def near(self, paper: Paper) -> Sequence[Study]:
        """Return the studies with an identifier of `paper`, and the listed ones that may match it by their title."""
        if paper not in self._alike:
            self.search([paper])
        return list(dict.fromkeys((*self.with_identifiers(paper), *self._alike[paper])))

    def distinct_from(self, paper: Paper) -> set[int]:
        """Return the numbers of the studies that were marked as distinct from `paper`."""
        if paper.fingerprint not in self._distinct:
            self._look_up_distinctions([paper])
        return self._distinct[paper.fingerprint]

    def search(self, papers: Sequence[Paper]) -> None:
        """Look for the studies that are near `papers`, all at once."""
        self._look_up_identifiers(papers)
        self._look_up_distinctions(papers)
        by_keys = self._numbers_by_keys(papers)
        titles = self._titles_of({number for numbers in by_keys.values() for number in numbers})
        likely: dict[Paper, list[int]] = {}
        for paper, numbers in by_keys.items():
            listed = [number for number in numbers if number in titles]
            places = rules.may_match(paper, [titles[number] for number in listed])
            likely[paper] = [listed[place] for place in places]
        studies = self._studies({number for numbers in likely.values() for number in numbers})
        for paper, numbers in likely.items():
            self._alike[paper] = [studies[number] for number in numbers if number in studies]

    def _look_up_identifiers(self, papers: Sequence[Paper]) -> None:
        asked = {one for paper in papers for one in _identifiers(paper)} - self._with_identifier.keys()
        wanted: dict[str, set[str]] = defaultdict(set)
        for name, value in asked:
            wanted[name].add(value)
            self._with_identifier[name, value] = []
        for name, values in wanted.items():
            query = _loaded().where(one_of(self._session, getattr(Study, name), values)).order_by(Study.id)
            if name == "registry_id":
                query = query.where(*(getattr(Study, other).is_(None) for other in OF_ONE_REPORT))
            for study in self._session.scalars(query):
                of_one = self._with_identifier[name, getattr(study, name)]
                if len(of_one) < MAX_COMPARED:
                    of_one.append(study)

    def _look_up_distinctions(self, papers: Sequence[Paper]) -> None:
        wanted = {paper.fingerprint for paper in papers} - self._distinct.keys()
        self._distinct |= {fingerprint: set() for fingerprint in wanted}
        if wanted:
            pairs = select(StudyDistinction.fingerprint, StudyDistinction.first_id)
            marked = pairs.where(one_of(self._session, StudyDistinction.fingerprint, wanted))
            for fingerprint, number in self._session.execute(marked):
                if fingerprint is not None:
                    self._distinct[fingerprint].add(number)

    def _numbers_by_keys(self, papers: Sequence[Paper]) -> dict[Paper, list[int]]:
        """Return for each paper the numbers of the studies that share most of its rare keys."""
        asked = {key for paper in papers for key in paper.asked}
        found = numbers_by_key(self._session, asked, MAX_STUDIES_PER_KEY)
        by_paper = {}
        for paper in papers:
            weights: dict[int, float] = defaultdict(float)
            for key in sorted(paper.asked & found.keys()):
                numbers = found[key]
                # A title is worth a look whatever else; of an author and of words, the rarer the more.
                weight = 100.0 if key[0] == "=" else math.log(MAX_STUDIES_PER_KEY / len(numbers))
                for number in numbers:
                    weights[number] += weight
            if len(weights) > MAX_COMPARED:
                # Numbers are compared faster than pairs of them.
                least = sorted(weights.values(), reverse=True)[MAX_COMPARED - 1]
                weights = {number: weight for number, weight in weights.items() if weight >= least}
            by_weight = sorted(zip(map(neg, weights.values()), map(neg, weights), strict=True))
            by_paper[paper] = [-number for _, number in by_weight[:MAX_COMPARED]]
        return by_paper

    def _titles_of(self, numbers: set[int]) -> dict[int, Title]:
        """Return the titles of those of the studies that are listed."""
        found = {}
        if numbers:
            rows = select(Study.id, Study.title).where(
                one_of(self._session, Study.id, numbers), is_listed(Study)
            )
            for number, title in self._session.execute(rows):
                known = self._titles.get(number)
                if known is None or known.text != title:
                    known = self._titles[number] = title_of(title)
                found[number] = known
        return found

    def _studies(self, numbers: set[int]) -> dict[int, Study]:
        if not numbers:
            return {}
        found = self._session.scalars(_loaded().where(one_of(self._session, Study.id, numbers)))
        return {study.id: study for study in found}


def _identifiers(paper: Paper) -> dict[tuple[str, str], None]:
    named = {(name, value): None for name in OF_ONE_REPORT if (value := getattr(paper, name))}
    if paper.registry_id and not named:
        return {("registry_id", paper.registry_id): None}
    return named


def _loaded() -> Select[Study]:
    """Return the query for studies with all that a comparison with a record of a file reads."""
    return select(Study).options(
        joinedload(Study.group), selectinload(Study.species_rows), selectinload(Study.texts)
    )
