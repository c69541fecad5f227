"""Conditions on many values at once, which no limit on the number of parameters applies to."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, any_, bindparam, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def one_of(
    session: Session, column: InstrumentedAttribute[Any] | ColumnElement[Any], values: Collection[int | str]
) -> ColumnElement[bool]:
    """Return the condition that `column` is one of `values`, which are sent as one parameter."""
    if session.get_bind().dialect.name == "sqlite":
        listed = func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(select(listed.c.value))
    item = Text() if any(isinstance(value, str) for value in values) else column.type
    return column == any_(cast(bindparam(None, list(values), ARRAY(item)), ARRAY(item)))
