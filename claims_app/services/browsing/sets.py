"""Bitmaps of claim numbers: for each value of a facet, and for each profile of an evidence item."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from pyroaring import BitMap

K = TypeVar("K", bound=Hashable)


class Profile(NamedTuple):
    """What the facets of evidence know of one evidence item. Terms are their values."""

    direction: str
    design: str | None
    species: tuple[str, ...]
    standing: str
    year: int | None


class Value(NamedTuple):
    """A value of a facet of claims; a term is its value, a topic its slug. A claim is also on all broader topics."""

    facet: str
    value: str | None


HAS_EVIDENCE = Value("has", "evidence")
"""The claims with listed evidence."""

HAS_ACCEPTED = Value("has", "accepted")
"""The claims with accepted evidence."""

HAS_HUMAN = Value("has", "human")
"""The claims with listed evidence from research in people."""

HAS_ONE_GROUP = Value("has", "one_group")
"""The claims whose counted evidence comes from one independent group."""

EVIDENCE_FACETS = Profile._fields

ByValue = Mapping[str, Mapping[Any, BitMap]]
"""For each facet of evidence, the claims by value."""


@dataclass(frozen=True)
class Sets:
    """The claims of one moment, without those that were merged. Never changed, so that threads may share it."""

    values: Mapping[Value, BitMap]
    """The claims with each value."""

    profiles: Mapping[Profile, BitMap]
    """The claims with a listed evidence item of each profile."""

    @cached_property
    def everything(self) -> BitMap:
        """All claims."""
        return united(claims for value, claims in self.values.items() if value.facet == "review")

    def having(self, facet: str, values: Iterable[str | None]) -> BitMap:
        """Return the claims with one of these values of a facet."""
        return united(self.values.get(Value(facet, value), _NONE) for value in values)

    def of_facet(self, facet: str) -> Iterable[tuple[str, BitMap]]:
        """Return each value of a facet of claims, with its claims."""
        return [
            (value.value, claims)
            for value, claims in self.values.items()
            if value.facet == facet and value.value is not None
        ]

    def marked(self, mark: Value) -> BitMap:
        """Return the claims with a mark."""
        return self.values.get(mark, _NONE)

    def by_value(self, facets: Iterable[str], meets: Callable[[Profile], bool]) -> ByValue:
        """Return, by facet of evidence and value, the claims with an item that has the value and `meets`."""
        matching = [(profile, claims) for profile, claims in self.profiles.items() if meets(profile)]
        found: dict[str, dict[Any, BitMap]] = {}
        for facet in facets:
            groups: dict[Any, list[BitMap]] = defaultdict(list)
            place = Profile._fields.index(facet)
            for profile, claims in matching:
                groups[profile[place]].append(claims)
            if facet == "species":
                groups = _one_by_one(groups)
            found[facet] = {value: united(several) for value, several in groups.items() if value is not None}
        return found

    @cached_property
    def by_any_value(self) -> ByValue:
        """`by_value` of all items."""
        return self.by_value(EVIDENCE_FACETS, lambda _: True)

    @cached_property
    def findings(self) -> Mapping[tuple[int, str], BitMap]:
        """The claims with a listed evidence item of each year and direction."""
        groups: dict[tuple[int, str], list[BitMap]] = defaultdict(list)
        for profile, claims in self.profiles.items():
            if profile.year is not None:
                groups[profile.year, profile.direction].append(claims)
        return {value: united(several) for value, several in groups.items()}

    def among(self, claims: BitMap) -> "Sets":
        """Return the sets of these claims only."""
        return Sets(_among(self.values, claims), _among(self.profiles, claims))

    def replaced(self, claims: BitMap, now: "Sets") -> "Sets":
        """Return the sets in which these claims are as they are in `now`, or are gone."""
        after = Sets(
            _replaced(self.values, claims, now.values), _replaced(self.profiles, claims, now.profiles)
        )
        # Cheaper than to unite all profiles again.
        if "findings" in self.__dict__:
            after.__dict__["findings"] = _replaced(self.findings, claims, now.findings)
        if "by_any_value" in self.__dict__:
            after.__dict__["by_any_value"] = {
                facet: _replaced(values, claims, now.by_any_value[facet])
                for facet, values in self.by_any_value.items()
            }
        return after


_NONE = BitMap()


def united(sets: Iterable[BitMap]) -> BitMap:
    """Return the union of any number of sets."""
    return BitMap.union(_NONE, *sets)


def _one_by_one(groups: Mapping[tuple[str, ...], list[BitMap]]) -> dict[Any, list[BitMap]]:
    """Return the sets by species instead of by all species of a study."""
    found: dict[Any, list[BitMap]] = defaultdict(list)
    for species, several in groups.items():
        together = united(several)
        for one in species:
            found[one].append(together)
    return found


def _among(sets: Mapping[K, BitMap], claims: BitMap) -> dict[K, BitMap]:
    return {key: members & claims for key, members in sets.items() if members.intersect(claims)}


def _replaced(before: Mapping[K, BitMap], claims: BitMap, now: Mapping[K, BitMap]) -> dict[K, BitMap]:
    after = {}
    for key, members in before.items():
        left = members - claims if members.intersect(claims) else members
        if left:
            after[key] = left
    for key, members in now.items():
        after[key] = after[key] | members if key in after else members
    return after
