"""What is asked of an export: the list, its filters and order, the format, the columns and the part.

Pages, commands and the API read the same parameters, so the same request has one address, wherever it comes from.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from claims_app.formats.columns import EXPORTS
from claims_app.formats.delimited import Column, Profile
from claims_app.formats.tables import TABLE_FORMATS
from claims_app.services.core.errors import BadFilter
from claims_app.services.core.filters import RecordFilters
from claims_app.services.core.query import Filters, Query
from claims_app.services.history.as_of import AsOf
from claims_app.services.transfer.sources import SOURCES
from claims_app.vocabulary import ReviewState

LIMIT, AFTER, SNAPSHOT = "limit", "after", "snapshot"
HEADER = "header"
TABLE_OPTIONS = ("profile", "excel", "columns", HEADER)
PART_OPTIONS = (LIMIT, SNAPSHOT)
"""The parameters of tables, and of all files, that lists do not have.

`after` belongs to lists, too; files heed it together with `limit`.
"""

_MOST_DIGITS = 9


@dataclass(frozen=True)
class Stretch:
    """A part of a file: at most `limit` rows after a cursor, of the state of the data that `snapshot` identifies."""

    limit: int
    after: str | None = None
    snapshot: str | None = None


@dataclass(frozen=True)
class ExportRequest:
    """The parameters of an export. `profile`, `excel` and `header` are as for CSV in any format without profiles."""

    name: str
    filters: Filters
    sort: str
    profile: Profile = Profile.SAFE
    excel: bool = False
    as_of: AsOf | None = None
    form: str = "csv"
    names: tuple[str, ...] = ()
    """The names of the chosen columns; all of them if empty."""

    header: bool = True
    stretch: Stretch | None = None

    @classmethod
    def read(
        cls,
        name: str,
        query: Query,
        *,
        profile: Profile = Profile.SAFE,
        excel: bool = False,
        as_of: AsOf | None = None,
        form: str = "csv",
        names: Sequence[str] = (),
        header: bool = True,
        stretch: Stretch | None = None,
    ) -> "ExportRequest":
        """Return the request for the list `name` with the filters and the sort order in `query`. Raises BadFilter.

        The query of a list page can be used as it is: its paging parameters are ignored. `form` is the name of the
        format.
        """
        filters, sort = SOURCES[name].read(query)
        if isinstance(filters, RecordFilters) and not filters.review:
            # Files have no column for the review state, so by default they contain accepted records only.
            filters = replace(filters, review=(ReviewState.ACCEPTED,))
        if form not in TABLE_FORMATS or not TABLE_FORMATS[form].has_profiles:
            profile, excel, header = Profile.SAFE, False, True
        _check_names(name, names)
        return cls(name, filters, sort, profile, excel, as_of, form, tuple(names), header, stretch)

    @classmethod
    def asked(cls, name: str, query: Query, *, form: str, as_of: AsOf | None = None) -> "ExportRequest":
        """Return the request for the list `name` in the query of an address, `as_of` apart. Raises BadFilter."""
        own = (*TABLE_OPTIONS, *PART_OPTIONS) if form in TABLE_FORMATS else PART_OPTIONS
        options = {option: _last(query, option) for option in (*TABLE_OPTIONS, *PART_OPTIONS, AFTER)}
        profile = options["profile"] or Profile.SAFE.value
        if profile not in list(Profile):
            raise BadFilter(f"“{profile}” is not a profile. Use one of: {', '.join(Profile)}.")
        if options["excel"] not in ("", "0", "1"):
            raise BadFilter("Use excel=1 for a byte order mark, or leave it out.")
        if options["header"] not in ("", "0", "1"):
            raise BadFilter("Use header=0 to leave out the row with the names of the columns.")
        return cls.read(
            name,
            {key: values for key, values in query.items() if key not in own},
            profile=Profile(profile),
            excel=options["excel"] == "1",
            as_of=as_of,
            form=form,
            names=names_in(query.get("columns", ())),
            header=options["header"] != "0",
            stretch=_stretch(options),
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the file, in their order."""
        if not self.names:
            return EXPORTS[self.name]
        known = {column.name: column for column in EXPORTS[self.name]}
        return tuple(known[name] for name in self.names)

    def with_columns(self, names: Sequence[str]) -> "ExportRequest":
        """Return the same request with other columns, which exist; all if empty."""
        return replace(self, names=tuple(names))

    @property
    def given_filters(self) -> Filters:
        """The filters without the one that files have by default."""
        filters = self.filters
        if isinstance(filters, RecordFilters) and filters.review == (ReviewState.ACCEPTED,):
            return replace(filters, review=())
        return filters

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters of its address as names and values, without those that have their default."""
        pairs = list(self.given_filters.pairs())
        if self.sort != next(iter(SOURCES[self.name].orders)):
            pairs.append(("sort", self.sort))
        if self.names:
            pairs.append(("columns", ",".join(self.names)))
        if self.profile is not Profile.SAFE:
            pairs.append(("profile", self.profile.value))
        if self.excel:
            pairs.append(("excel", "1"))
        if not self.header:
            pairs.append(("header", "0"))
        if self.as_of:
            pairs.append(("as_of", self.as_of.text))
        if self.stretch:
            given = (
                (LIMIT, self.stretch.limit),
                (AFTER, self.stretch.after),
                (SNAPSHOT, self.stretch.snapshot),
            )
            pairs += [(name, str(value)) for name, value in given if value is not None]
        return pairs

    def address(self, extension: str) -> str:
        """Return the address of the file on the site."""
        query = urlencode(self.pairs(), safe=",")
        return f"/{self.name}.{extension}" + (f"?{query}" if query else "")

    def command(self, extension: str) -> str:
        """Return the command that writes the same file."""
        words = ["claims", "export", self.name]
        if self.form != "csv":
            words += ["--format", self.form]
        for name, value in self.pairs():
            words += ["--excel"] if name == "excel" else [f"--{name.replace('_', '-')}", value]
        return shlex.join([*words, "-o", f"{self.name}.{extension}"])


def names_in(given: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns in texts that each have one or more of them, separated by commas."""
    return tuple(name for text in given for each in text.split(",") if (name := each.strip()))


def _check_names(name: str, chosen: Sequence[str]) -> None:
    """Raise BadFilter if the list `name` has no such columns, or if one is named twice."""
    known = [column.name for column in EXPORTS[name]]
    for each in chosen:
        if each not in known:
            raise BadFilter(f"“{each}” is not a column of {name}. Choose from: {', '.join(known)}.")
    if twice := [each for each in known if chosen.count(each) > 1]:
        raise BadFilter(f"The column {twice[0]} is named twice. Name each column once.")


def _stretch(options: dict[str, str]) -> Stretch | None:
    limit = options[LIMIT]
    if not limit:
        if options[SNAPSHOT]:
            raise BadFilter("“snapshot” belongs to a part of a file. Use it together with limit and after.")
        return None
    if not limit.isascii() or not limit.isdigit() or len(limit) > _MOST_DIGITS or int(limit) == 0:
        raise BadFilter(f"“{limit}” is not a number of rows. Enter a whole number such as limit=10000.")
    return Stretch(int(limit), options[AFTER] or None, options[SNAPSHOT] or None)


def _last(query: Query, name: str) -> str:
    values = query.get(name, ())
    return values[-1].strip() if values else ""
