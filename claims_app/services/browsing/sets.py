"""Bitmaps of claim numbers: for each value of a facet, and for each profile of an evidence item."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

from pyroaring import BitMap

K = TypeVar("K", bound=Hashable)


class Profile(NamedTuple):
    """What the facets of evidence know of one evidence item. Terms are their values."""

    direction: str
    design: str | None
    species: tuple[str, ...]
    standing: str
    year: int | None

    def values(self, facet: str) -> Collection[str | int]:
        """Return the values of a facet that the item has."""
        if facet == "species":
            return self.species
        value = getattr(self, facet)
        return () if value is None else (value,)


class Value(NamedTuple):
    """A value of a facet of claims; a term is its value, a topic its slug."""

    facet: str
    value: str | None


HAS_EVIDENCE = Value("has", "evidence")
"""The claims with listed evidence."""

HAS_ACCEPTED = Value("has", "accepted")
"""The claims with accepted evidence."""

EVIDENCE_FACETS = Profile._fields


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

    def by_value(self, facet: str, matches: Callable[[Profile], bool]) -> dict[str | int, BitMap]:
        """Return, by value of a facet of evidence, the claims with an item that has it and `matches`."""
        groups: dict[str | int, list[BitMap]] = defaultdict(list)
        for profile, claims in self.profiles.items():
            if matches(profile):
                for value in profile.values(facet):
                    groups[value].append(claims)
        return {value: BitMap.union(*several) for value, several in groups.items()}

    @cached_property
    def by_any_value(self) -> Mapping[str, Mapping[str | int, BitMap]]:
        """`by_value` of all items, by facet."""
        return {facet: self.by_value(facet, lambda _: True) for facet in EVIDENCE_FACETS}

    def replaced(self, claims: BitMap, now: "Sets") -> "Sets":
        """Return the sets in which these claims are as they are in `now`, or are gone."""
        return Sets(
            _replaced(self.values, claims, now.values), _replaced(self.profiles, claims, now.profiles)
        )


_NONE = BitMap()


def united(sets: Iterable[BitMap]) -> BitMap:
    """Return the union of any number of sets."""
    return BitMap.union(_NONE, *sets)


def _replaced(before: Mapping[K, BitMap], claims: BitMap, now: Mapping[K, BitMap]) -> dict[K, BitMap]:
    after = {}
    for key, members in before.items():
        left = members - claims if members.intersect(claims) else members
        if left:
            after[key] = left
    for key, members in now.items():
        after[key] = after[key] | members if key in after else members
    return after
