"""Rows of any table, for hypothesis."""

from collections.abc import Sequence

from hypothesis import strategies as st

from claims_app.formats.columns import EXPORTS
from claims_app.formats.delimited import Column, Kind, join_list

TRIGGERS = "'=+-@\t\r\n\uff07\uff1d\uff0b\uff0d\uff20"
"""The characters that are guarded; repeated here because the list is part of the contract."""

# Make triggers at the start and quotation marks more likely than in ordinary text.
characters = st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(TRIGGERS + '",;|\\\0 '))
texts = st.text(characters, min_size=1, max_size=12)
# The safe profile refuses a NUL at the start, which has a test of its own.
cell_texts = texts.filter(lambda text: not text.startswith("\0"))
terms = st.from_regex(r"[A-Za-z][A-Za-z0-9_:/.-]{0,20}", fullmatch=True)
moments = st.datetimes(timezones=st.timezones()).filter(lambda moment: 1 < moment.year < 9999)

VALUES: dict[Kind, st.SearchStrategy[object]] = {
    Kind.TEXT: st.none() | cell_texts,
    Kind.LIST: st.lists(texts, max_size=4).filter(lambda values: not join_list(values).startswith("\0")),
    Kind.INTEGER: st.none() | st.integers(-(10**18) + 1, 10**18 - 1),
    Kind.NUMBER: st.none() | st.floats(allow_nan=False, allow_infinity=False),
    Kind.DATE: st.none() | st.dates(),
    Kind.DATETIME: st.none() | moments,
    Kind.TERM: st.none() | terms,
}


def values_of(column: Column) -> st.SearchStrategy[object]:
    """Return the values that a column can have."""
    known = [term.value for term in column.terms]
    if not known:
        return VALUES[column.kind]
    one = st.sampled_from(known)
    return st.lists(one, max_size=2) if column.kind is Kind.LIST else st.none() | one


def rows_of(columns: Sequence[Column]) -> st.SearchStrategy[list[tuple[object, ...]]]:
    """Return rows with these columns."""
    return st.lists(st.tuples(*map(values_of, columns)), max_size=4)


files = st.sampled_from(sorted(EXPORTS)).flatmap(
    lambda name: st.tuples(st.just(EXPORTS[name]), rows_of(EXPORTS[name]))
)
"""The columns of a file, and rows with them."""
